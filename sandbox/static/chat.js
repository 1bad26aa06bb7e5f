// The messages of one chat in order, with day separators; edits keep their place.

import { messageItem } from "./bubble.js";
import { h, icon } from "./element.js";
import { dayKey, dayName } from "./store_time.js";

const NEAR_BOTTOM_PX = 90;

export class Chat {
  #view;
  #empty;
  #list;
  #scroller;
  #newer;
  #pinned = true;
  #top = 0;
  #messages = new Map();
  #items = new Map();

  /**
   * `view`: { label, named, empty, clock, shows(message), isOwn(message), acts(message) }: what the phone
   * around this chat knows.
   */
  constructor(view) {
    this.#view = view;
    this.#build();
  }

  #build() {
    const { label, empty } = this.#view;
    this.#empty = h("p", { class: "empty", "data-testid": "empty" }, empty);
    this.#list = h("ol", { class: "messages", role: "log", "aria-label": `${label}的消息` });
    this.#scroller = h("div", { class: "chat", tabindex: "0", role: "region", "aria-label": `${label}的聊天`, on: { scroll: () => this.#scrolled() } }, this.#empty, this.#list);
    this.#newer = h("button", { type: "button", class: "newer", "aria-label": "看最新消息", hidden: true, on: { click: () => this.toBottom() } }, icon("down"));
    this.element = h("div", { class: "chat-place" }, this.#scroller, this.#newer);
    // Pictures that load and screens that change their size leave the newest message in sight.
    const keep = new ResizeObserver(() => this.#pinned && this.toBottom());
    keep.observe(this.#list);
    keep.observe(this.#scroller);
  }

  get isEmpty() {
    return this.#messages.size === 0;
  }

  has(id) {
    return this.#messages.has(id);
  }

  /** Take all messages anew. */
  fill(messages) {
    this.#messages = new Map(messages.map((message) => [message.id, message]));
    this.redraw();
    this.toBottom();
  }

  /** A message came, or changed: it keeps its place; a change flashes softly. */
  receive(message) {
    const changed = this.has(message.id);
    this.#messages.set(message.id, message);
    if (changed) this.#replace(message);
    else this.#append(message);
    this.#empty.hidden = this.#items.size > 0;
    if (this.#pinned || (!changed && this.#view.isOwn(message))) this.toBottom();
    else if (!changed && this.#items.has(message.id)) this.#newer.hidden = false;
  }

  remove(id) {
    if (this.#messages.delete(id)) this.redraw();
  }

  redraw() {
    this.#list.replaceChildren();
    this.#items.clear();
    for (const message of this.#messages.values()) this.#append(message);
    this.#empty.hidden = this.#items.size > 0;
  }

  toBottom() {
    this.#pinned = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#newer.hidden = true;
  }

  #append(message) {
    if (!this.#view.shows(message)) return;
    const day = dayKey(new Date(message.date));
    if (this.#list.lastElementChild?.dataset.day !== day) this.#list.append(this.#daySeparator(message, day));
    const previous = this.#list.lastElementChild;
    const item = this.#item(message);
    item.classList.toggle("follows", previous.dataset.sender === item.dataset.sender);
    this.#list.append(item);
    this.#items.set(message.id, item);
  }

  #daySeparator(message, day) {
    const name = dayName(new Date(message.date), this.#view.clock.now());
    return h("li", { class: "day", "data-day": day }, h("span", {}, name));
  }

  #item(message) {
    const item = messageItem(message, {
      own: this.#view.isOwn(message),
      named: this.#view.named,
      quoted: this.#messages.get(message.reply_to),
      acts: this.#view.acts(message),
    });
    item.dataset.day = dayKey(new Date(message.date));
    item.dataset.sender = message.service ? "service" : `${message.from_bot ? "bot" : "person"} ${message.sender_id}`;
    return item;
  }

  #replace(message) {
    const old = this.#items.get(message.id);
    if (!old) return;
    const focus = [...old.querySelectorAll("button")].indexOf(document.activeElement);
    const item = this.#item(message);
    item.classList.toggle("follows", old.classList.contains("follows"));
    item.classList.add("flash");
    old.replaceWith(item);
    this.#items.set(message.id, item);
    if (focus >= 0) (item.querySelectorAll("button")[focus] ?? this.#scroller).focus({ preventScroll: true });
  }

  #nearBottom() {
    return this.#scroller.scrollHeight - this.#scroller.scrollTop - this.#scroller.clientHeight < NEAR_BOTTOM_PX;
  }

  #scrolled() {
    // Growing content also fires this: only a person who scrolls up leaves the newest message.
    const up = this.#scroller.scrollTop < this.#top - 1;
    this.#top = this.#scroller.scrollTop;
    if (this.#nearBottom()) this.#newer.hidden = this.#pinned = true;
    else if (up) this.#pinned = false;
  }
}
