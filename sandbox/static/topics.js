// The topic tabs of a group, and what is unread in each. A chat without topics is one unnamed thread.

import { h } from "./element.js";

export class Topics {
  #topics = [];
  #thread = null;
  #unread = new Map();
  #chosen;

  /** `chosen` is called when a person opens another topic. */
  constructor(chosen) {
    this.#chosen = chosen;
    this.element = h("div", { class: "topics", role: "tablist", "aria-label": "话题", hidden: true });
  }

  /** The open thread: a number, or null for the general one. */
  get thread() {
    return this.#thread;
  }

  get unread() {
    return [...this.#unread.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Draw the tabs; `open` names the thread to open, if another than the present one. */
  show(topics, open = this.#thread) {
    this.#topics = topics;
    this.#thread = open;
    if (topics.length && !topics.some(({ thread }) => thread === this.#thread)) this.#thread = topics[0].thread;
    this.#draw();
  }

  /** Whether a message belongs to the open thread; one in an unknown thread is shown in the first. */
  shows(message) {
    return this.#topics.length === 0 || this.#threadOf(message) === this.#thread;
  }

  countUnread(message) {
    const thread = this.#threadOf(message);
    this.#unread.set(thread, (this.#unread.get(thread) ?? 0) + 1);
    this.#draw();
  }

  markRead() {
    if (this.#unread.delete(this.#threadOf({ thread: this.#thread }))) this.#draw();
  }

  #threadOf(message) {
    const known = this.#topics.some(({ thread }) => thread === message.thread);
    return known ? message.thread : (this.#topics[0]?.thread ?? null);
  }

  #open(thread) {
    this.#thread = thread;
    this.#draw();
    this.#chosen();
  }

  #draw() {
    const focused = this.element.contains(document.activeElement);
    this.element.hidden = this.#topics.length === 0;
    this.element.replaceChildren(...this.#topics.map((topic) => this.#tab(topic)));
    const open = this.element.querySelector("[aria-selected=true]");
    if (focused) open?.focus();
  }

  #tab({ thread, name }) {
    const count = this.#unread.get(thread) ?? 0;
    const open = thread === this.#thread;
    return h("button", {
      type: "button",
      role: "tab",
      class: "topic",
      "data-testid": "topic",
      "data-thread": thread ?? "general",
      "aria-selected": String(open),
      tabindex: open ? "0" : "-1",
      on: { click: () => this.#open(thread), keydown: (event) => this.#key(event) },
    }, name, count ? h("span", { class: "unread", "data-testid": "topic-unread", "aria-label": `${count} 条未读` }, String(count)) : null);
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const place = this.#topics.findIndex(({ thread }) => thread === this.#thread);
    this.#open(this.#topics[(place + step + this.#topics.length) % this.#topics.length].thread);
  }
}
