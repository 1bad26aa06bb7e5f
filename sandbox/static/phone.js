// One phone: whose it is, who may hold it, its chat, and what its holder does.

import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { h, icon, portrait } from "./element.js";
import { captionOf, statusBar } from "./frame.js";
import { GroupMenu } from "./group_menu.js";
import { spoken } from "./names.js";
import { Overlay } from "./overlay.js";
import { Presses } from "./presses.js";
import { clockTime, dayKey } from "./store_time.js";
import { Topics } from "./topics.js";
import { post, read } from "./wire.js";

export class Phone {
  #state;
  #shop;
  #user;
  #chat;
  #topics;
  #composer;
  #overlay;
  #statusTime = h("span", {});
  #chooser = null;
  #blocker = null;
  #groupMenu = null;
  #day = null;
  #away = false;
  #presses = new Presses();

  /** `shop`: { bot, clock, place, unreadChanged(), putAway(phone), openLink(user, address), enlarge(url), play(url) }; `place` counts from 1. */
  constructor(state, shop) {
    this.#state = state;
    this.#shop = shop;
    this.#user = state.owner?.id ?? state.acting[0]?.id ?? null;
    this.#build();
    this.#topics.show(state.topics, state.messages.at(-1)?.thread);
    this.#take(state);
  }

  get chat() {
    return this.#state.chat;
  }

  get owner() {
    return this.#state.owner;
  }

  get role() {
    return this.#state.role;
  }

  get isGroup() {
    return this.#state.kind === "group";
  }

  get unread() {
    return this.#topics.unread;
  }

  /** The name under which people find this phone: its owner's, or the group's. */
  get name() {
    return spoken(this.#state.title);
  }

  /** The number that gives this phone its colour. */
  get place() {
    return this.#shop.place;
  }

  /** Whether the phone is off the page; its chat goes on all the same. */
  get away() {
    return this.#away;
  }

  set away(away) {
    this.#away = away;
    this.element.classList.toggle("away", away);
  }

  isCalled(name) {
    return name === this.#state.title;
  }

  // ── building ──────────────────────────────────────────────────────────────

  #build() {
    this.#topics = new Topics(() => this.#topicChosen());
    this.#chat = new Chat({
      label: this.name,
      named: this.isGroup,
      empty: this.isGroup ? "这里还没有消息。" : `${this.name}还没有和「${this.#shop.bot.name}」聊过，点下面的「开始」试试。`,
      clock: this.#shop.clock,
      shows: (message) => this.#topics.shows(message),
      isOwn: (message) => this.#isOwn(message),
      acts: (message) => this.#acts(message),
    });
    this.#composer = new Composer(this.name, {
      say: (text) => this.say(text),
      contact: (own) => this.#ask("/page/contact", { chat: this.chat, own }),
      media: (kind, fields, files) => this.#sendMedia(kind, fields, files),
      complain: (words) => this.#overlay.toast(words),
    });
    const screen = h("div", { class: "screen" },
      statusBar(this.#statusTime), this.#header(), this.#groupMenu?.note ?? "", this.#topics.element, this.#chat.element, this.#composer.element);
    this.#overlay = new Overlay(screen);
    this.element = h("article", {
      class: `phone phone-${this.#state.kind}`,
      "data-chat": this.chat,
      "data-kind": this.#state.kind,
      "data-testid": "phone",
      "aria-label": `${this.name}，${this.role}`,
    }, captionOf({ name: this.name, role: this.role, place: this.place, putAway: () => this.#shop.putAway(this) }), h("div", { class: "case" }, screen));
  }

  #whoIAm() {
    const chosen = () => {
      this.#user = Number(this.#chooser.value);
      this.#chat.redraw();
      this.#chat.toBottom();
    };
    this.#chooser = h("select", { "data-testid": "acting", "aria-label": "我在群里是谁", on: { change: chosen } });
    return h("label", { class: "acting" }, h("span", {}, "我是"), this.#chooser);
  }

  #header() {
    const title = this.isGroup ? this.#state.title : this.#shop.bot.name;
    return h("div", { class: "chat-header" },
      portrait(title, this.isGroup ? this.#shop.place : 0),
      h("div", { class: "chat-title" }, h("strong", {}, title), this.isGroup ? this.#whoIAm() : h("small", {}, "机器人")),
      this.isGroup ? this.#groupSwitch() : this.#blockSwitch());
  }

  #blockSwitch() {
    this.#blocker = h("button", {
      type: "button",
      class: "round block",
      "data-testid": "block",
      "aria-pressed": "false",
      "aria-label": "停用机器人",
      title: "停用或恢复机器人",
      on: { click: () => this.#block() },
    }, icon("block"));
    return this.#blocker;
  }

  #groupSwitch() {
    this.#groupMenu = new GroupMenu({
      openTopic: () => this.#state.topics.find(({ thread }) => thread !== null && thread === this.#topics.thread) ?? null,
      act: (act, more) => this.#tell("/page/group", { chat: this.chat, act, ...more }),
    });
    return this.#groupMenu.element;
  }

  // ── what the server says ──────────────────────────────────────────────────

  #take(state) {
    this.#state = state;
    if (this.#chooser) {
      this.#chooser.replaceChildren(...state.acting.map(({ id, name }) => h("option", { value: id, selected: id === this.#user }, spoken(name))));
    }
    this.#showStanding();
    this.#topics.show(state.topics);
    this.#chat.fill(state.messages);
    this.showKeyboard(state.reply_keyboard);
  }

  /** Take the whole state again, after the line was broken; what is new counts as unread. */
  update(state) {
    const news = state.messages.filter(({ id }) => !this.#chat.has(id));
    this.#take(state);
    this.#presses.endAll();
    for (const message of news) this.#countUnread(message);
  }

  receive(message) {
    const news = !this.#chat.has(message.id);
    this.#chat.receive(message);
    this.#presses.end(message.id);
    this.#composer.offerStart(!this.isGroup && this.#chat.isEmpty);
    if (news) this.#countUnread(message);
  }

  remove(id) {
    this.#chat.remove(id);
  }

  showTopics(topics) {
    this.#state.topics = topics;
    this.#topics.show(topics);
    this.#chat.redraw();
    this.#chat.toBottom();
  }

  showKeyboard(keyboard) {
    this.#composer.showKeyboard(keyboard);
    this.#composer.offerStart(!this.isGroup && this.#chat.isEmpty);
    this.#chat.toBottom();
  }

  /** The bot's answer to a press: the spinner ends; words, if any, are shown. */
  answer({ text, alert }) {
    this.#presses.endAll();
    if (text && alert) this.#overlay.alert(text);
    else if (text) this.#overlay.toast(text);
  }

  tick(now) {
    this.#statusTime.textContent = clockTime(now);
    // At midnight 今天 becomes 昨天.
    if (this.#day && this.#day !== dayKey(now)) this.#chat.redraw();
    this.#day = dayKey(now);
  }

  /** This phone came to the front of a small screen. */
  shown() {
    this.#topics.markRead();
    this.#chat.toBottom();
  }

  #topicChosen() {
    this.#topics.markRead();
    this.#chat.redraw();
    this.#chat.toBottom();
    this.#shop.unreadChanged();
  }

  #countUnread(message) {
    const isOnScreen = this.element.offsetParent !== null;
    if (message.service || this.#isOwn(message) || (this.#topics.shows(message) && isOnScreen)) return;
    this.#topics.countUnread(message);
    this.#shop.unreadChanged();
  }

  #isOwn(message) {
    return !message.from_bot && message.sender_id === this.#user;
  }

  // ── what the holder does ──────────────────────────────────────────────────

  #acts(message) {
    return {
      press: (button, element) => this.#press(message, button, element),
      why: (element) => this.#explain(message, element),
      follow: (address) => this.#shop.openLink(this.#user, address),
      enlarge: this.#shop.enlarge,
      play: this.#shop.play,
    };
  }

  /** Send a text from this phone; true when it was taken. */
  say(text) {
    return this.#ask("/page/say", { chat: this.chat, ...this.#inThread(), text });
  }

  #inThread() {
    return this.#topics.thread === null ? {} : { thread: this.#topics.thread };
  }

  async #ask(path, content) {
    return this.#tell(path, { user: this.#user, ...content });
  }

  /** Post something; true when it was taken, else the reason is shown on the phone. */
  async #tell(path, content) {
    try {
      await post(path, content);
      return true;
    } catch (refusal) {
      this.#overlay.toast(refusal.message);
      return false;
    }
  }

  #sendMedia(kind, fields, files = []) {
    const content = { user: this.#user, chat: this.chat, ...this.#inThread(), kind, ...fields };
    const form = new FormData();
    for (const [name, value] of Object.entries(content)) form.set(name, value);
    for (const file of files) form.append("file", file, file.name);
    return this.#tell("/page/media", form);
  }

  async #block() {
    const blocked = !this.#state.blocked;
    if (!(await this.#ask("/page/block", { blocked }))) return;
    this.#state.blocked = blocked;
    this.#showStanding();
    this.#overlay.toast(blocked ? "已停用机器人，它发不来消息了。" : "已恢复，可以继续聊了。");
  }

  /** Whether the two sides can still reach each other. */
  #showStanding() {
    const { blocked, group } = this.#state;
    this.element.classList.toggle("is-blocked", blocked || Boolean(group?.deleted));
    this.#blocker?.setAttribute("aria-pressed", String(blocked));
    this.#groupMenu?.show(group);
    this.#composer.element.hidden = Boolean(group?.deleted);
  }

  async #press(message, button, element) {
    if (!this.#presses.begin(message.id, element)) return;
    const taken = await this.#ask("/page/press", { chat: this.chat, message: message.id, data: button.data });
    if (!taken) this.#presses.end(message.id);
  }

  async #explain(message, element) {
    try {
      const { lines } = await read(`/page/why?chat=${this.chat}&message=${message.id}`);
      this.#overlay.explain(lines.length ? lines : ["这条消息没有留下说明。"], element);
    } catch (refusal) {
      this.#overlay.toast(refusal.message);
    }
  }
}
