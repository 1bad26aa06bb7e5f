// The page: reads the state, follows the stream, and hands each event to the phone it concerns.
//
// What tests and cameras hold on to:
//   page    [data-line='open'], [data-tab=CHAT] in the picker with phone-unread in it, clock-time, plan-toggle, lightbox
//   phone   [data-chat=CHAT] (hidden while it is off the page), put-away, start, input, send, reply-button, attach with
//           [data-attach=photo|voice|video|document|location|sticker], photo-file, block, toast
//   group   acting, [data-thread=NUMBER], topic-unread, group-note, group-menu with
//           [data-act=remove_bot|add_bot|topics_on|topics_off|delete_topic|upgrade|delete]
//   bubble  [data-message=NUMBER], inline-button, why, voice, video, document, contact-card
// Plain words are data-testid; delete_topic and delete ask to be pressed twice.

import { h } from "./element.js";
import { Phone } from "./phone.js";
import { Plan } from "./plan.js";
import { Rail } from "./rail.js";
import { StoreClock } from "./store_time.js";
import { Hint, TopBar } from "./top_bar.js";
import { follow, read } from "./wire.js";

const row = document.querySelector(".phones");
const lightbox = document.querySelector(".lightbox");
const ARRANGEMENT = "sandbox phones";
const arrangement = JSON.parse(localStorage.getItem(ARRANGEMENT) ?? "{}");
const phones = new Map();
const clock = new StoreClock();
const hint = new Hint();
const topBar = new TopBar(clock, (now, jumped) => {
  setClock(now);
  if (jumped) hint.did("jump");
});
const rail = new Rail(bringForward);
const plan = new Plan(clock, { goTo: bringForward, phoneOf });
let bot = { name: "", username: "" };
/** Events that arrive while the state is being read; null when it is read. */
let early = [];
const readState = again(readFreshState);
/** Events come in bursts: while the plan is being read, at most one more reading is asked for. */
const readPlan = again(readFreshPlan);

// ── state and stream ────────────────────────────────────────────────────────

/** A reading that, when it is asked for while it goes on, is done once more afterwards. */
function again(act) {
  let wanted = false;
  let going = null;
  const goOn = async () => {
    while (wanted) {
      wanted = false;
      await act();
    }
  };
  return () => {
    wanted = true;
    going ??= goOn().finally(() => { going = null; });
  };
}

async function readFreshState() {
  early = [];
  try {
    takeState(await read("/page/state"));
    topBar.notice("");
  } catch (failure) {
    topBar.notice(failure.message);
  }
  const events = early ?? [];
  early = null;
  events.forEach(happened);
  readPlan();
}

function takeState(state) {
  bot = state.bot;
  setClock(state.now);
  for (const phoneState of state.phones) {
    const known = phones.get(phoneState.chat);
    if (known) known.update(phoneState);
    else addPhone(phoneState);
  }
  const chats = new Set(state.phones.map(({ chat }) => chat));
  for (const [chat, phone] of phones) if (!chats.has(chat)) removePhone(chat, phone);
  showTabs();
  tick();
}

function addPhone(state) {
  const phone = new Phone(state, { bot, clock, place: phones.size + 1, unreadChanged: showTabs, putAway, openLink, enlarge, play });
  phone.away = !(arrangement[state.chat] ?? state.shown);
  phones.set(state.chat, phone);
  row.append(phone.element);
  if (!row.querySelector(".in-front")) phone.element.classList.add("in-front");
}

function removePhone(chat, phone) {
  phone.element.remove();
  phones.delete(chat);
}

async function readFreshPlan() {
  try {
    plan.show((await read("/page/plan")).plan);
  } catch (failure) {
    topBar.notice(failure.message);
  }
}

function setClock(now) {
  clock.set(now);
  tick();
}

function tick() {
  topBar.tick();
  plan.tick();
  for (const phone of phones.values()) phone.tick(clock.now());
}

/** Tick the steps whose sign stands in these words; others' cards come and change in the same chats. */
function tried(words, signs) {
  for (const [step, sign] of Object.entries(signs)) if (words.includes(sign)) hint.did(step);
}

const ACTS = {
  message: (event, phone) => {
    phone?.receive(event.message);
    if (phone?.isGroup && event.message.from_bot) tried(event.message.text, { book: "新预约", complain: "投诉 TS" });
  },
  edited: (event, phone) => {
    phone?.receive(event.message);
    if (phone && !phone.away) tried(event.message.text, phone.isGroup ? { staff: " 已收到 " } : { visit: "交车承诺卡" });
  },
  deleted: (event, phone) => phone?.remove(event.id),
  keyboard: (event, phone) => phone?.showKeyboard(event.reply_keyboard),
  topic: (event, phone) => phone?.showTopics(event.topics),
  toast: (event, phone) => phone?.answer(event),
  phones: () => readState(),
  clock: (event) => {
    setClock(event.now);
    readPlan();
  },
  plan: () => readPlan(),
};

function happened(event) {
  if (early) early.push(event);
  else ACTS[event.kind]?.(event, phones.get(event.chat));
}

// ── between the phones ──────────────────────────────────────────────────────

function showTabs() {
  rail.show([...phones.values()]);
}

/** Remember for the next visit who is on the page. */
function arrange(phone, away) {
  phone.away = away;
  arrangement[phone.chat] = !away;
  localStorage.setItem(ARRANGEMENT, JSON.stringify(arrangement));
}

function putAway(phone) {
  arrange(phone, true);
  showTabs();
}

function phoneOf(title) {
  return [...phones.values()].find((phone) => phone.isCalled(title));
}

/** On a wide screen scroll to the phone, on a small one show it; one that was away comes to the group's side. */
function bringForward(phone) {
  if (phone.away) {
    arrange(phone, false);
    row.querySelector("[data-kind='group']:not(.away)")?.after(phone.element);
  }
  for (const each of phones.values()) each.element.classList.toggle("in-front", each === phone);
  phone.shown();
  showTabs();
  phone.element.scrollIntoView({ block: "nearest", inline: "center" });
  phone.element.classList.remove("pointed-at");
  void phone.element.offsetWidth;
  phone.element.classList.add("pointed-at");
}

/** A link to the bot with a start word is followed on the person's own phone; true when it was. */
function openLink(user, address) {
  const link = new URL(address, location.href);
  const word = link.searchParams.get("start");
  if (!/^(t|telegram)\.me$/.test(link.hostname) || link.pathname !== `/${bot.username}` || !word) return false;
  const own = [...phones.values()].find((phone) => phone.owner?.id === user);
  if (!own) return false;
  bringForward(own);
  own.say(`/start ${word}`);
  return true;
}

function enlarge(address) {
  showLarge(h("img", { src: address, alt: "照片" }));
}

function play(address) {
  showLarge(h("video", { src: address, controls: true, autoplay: true, "aria-label": "视频" }));
}

function showLarge(content) {
  lightbox.replaceChildren(content, h("button", { type: "button", on: { click: () => lightbox.close() } }, "关闭"));
  lightbox.showModal();
}

lightbox.addEventListener("close", () => lightbox.replaceChildren());

lightbox.addEventListener("click", (event) => event.target === lightbox && lightbox.close());
setInterval(() => clock.minuteTurned() && tick(), 1000);
follow({
  opened: () => {
    topBar.showLine("open");
    readState();
  },
  happened,
  lost: () => topBar.showLine("lost"),
});
