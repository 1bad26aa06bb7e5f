// The page: reads the state, follows the stream, and hands each event to the phone it concerns.

import { h } from "./element.js";
import { Phone } from "./phone.js";
import { Plan } from "./plan.js";
import { StoreClock } from "./store_time.js";
import { Hint, TopBar } from "./top_bar.js";
import { follow, read } from "./wire.js";

const row = document.querySelector(".phones");
const tabs = document.querySelector(".phone-tabs");
const lightbox = document.querySelector(".lightbox");
const phones = new Map();
const clock = new StoreClock();
const hint = new Hint();
const topBar = new TopBar(clock, (now, jumped) => {
  setClock(now);
  if (jumped) hint.did("jump");
});
const plan = new Plan(clock, { goTo: bringForward, phoneOf });
let bot = { name: "", username: "" };
/** Events that arrive while the state is being read; null when it is read. */
let early = [];
let planStale = false;
let planReading = null;

// ── state and stream ────────────────────────────────────────────────────────

async function readState() {
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
  const phone = new Phone(state, { bot, clock, place: phones.size + 1, unreadChanged: showTabs, openLink, enlarge });
  phones.set(state.chat, phone);
  row.append(phone.element);
  if (phones.size === 1) phone.element.classList.add("in-front");
}

function removePhone(chat, phone) {
  phone.element.remove();
  phones.delete(chat);
}

/** Events come in bursts: while the plan is being read, at most one more reading is asked for. */
function readPlan() {
  planStale = true;
  planReading ??= readFreshPlan().finally(() => { planReading = null; });
}

async function readFreshPlan() {
  while (planStale) {
    planStale = false;
    try {
      plan.show((await read("/page/plan")).plan);
    } catch (failure) {
      topBar.notice(failure.message);
    }
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

const ACTS = {
  message: (event, phone) => {
    phone?.receive(event.message);
    if (phone?.isGroup && event.message.from_bot) hint.did("book");
  },
  edited: (event, phone) => {
    phone?.receive(event.message);
    if (phone?.isGroup) hint.did("staff");
  },
  deleted: (event, phone) => phone?.remove(event.id),
  keyboard: (event, phone) => phone?.showKeyboard(event.reply_keyboard),
  topic: (event, phone) => phone?.showTopics(event.topics),
  toast: (event, phone) => phone?.answer(event),
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
  tabs.replaceChildren(...[...phones.values()].map((phone) => {
    const front = phone.element.classList.contains("in-front");
    const unread = phone.unread ? h("span", { class: "unread", "aria-label": `${phone.unread} 条未读` }, String(phone.unread)) : null;
    return h("button", {
      type: "button",
      class: "phone-tab",
      "data-testid": "phone-tab",
      "data-tab": phone.chat,
      "aria-pressed": String(front),
      on: { click: () => bringForward(phone) },
    }, phone.name, phone.role === phone.name ? null : h("small", {}, phone.role), unread);
  }));
}

function phoneOf(title) {
  return [...phones.values()].find((phone) => phone.isCalled(title));
}

/** On a wide screen scroll to the phone, on a small one show it. */
function bringForward(phone) {
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
  const close = h("button", { type: "button", on: { click: () => lightbox.close() } }, "关闭");
  lightbox.replaceChildren(h("img", { src: address, alt: "照片" }), close);
  lightbox.showModal();
}

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
