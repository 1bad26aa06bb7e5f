// The lower edge of a phone: what one can write, send, share or press there.

import { h, icon } from "./element.js";

/**
 * Input row, attach menu, reply keyboard and the 「开始」 button.
 * `acts`: { say(text), contact(own), photo(file) }; each returns a promise that rejects when refused.
 */
export class Composer {
  #acts;
  #input;
  #keyboard;
  #menu;
  #attach;
  #row;
  #start;

  constructor(label, acts) {
    this.#acts = acts;
    this.#keyboard = h("div", { class: "reply-keyboard", "data-testid": "reply-keyboard", role: "group", "aria-label": "快捷键盘", hidden: true });
    this.#row = this.#inputRow(label);
    this.#start = h("button", {
      type: "button",
      class: "start",
      "data-testid": "start",
      hidden: true,
      on: { click: () => this.#send("/start") },
    }, "开始");
    this.element = h("footer", { class: "composer" }, this.#start, this.#row, this.#keyboard);
  }

  #inputRow(label) {
    this.#input = h("textarea", {
      rows: 1,
      placeholder: "写消息",
      "aria-label": `${label}：写消息`,
      "data-testid": "input",
      maxlength: 8000,
      enterkeyhint: "send",
      on: { keydown: (event) => this.#key(event), input: () => this.#grow() },
    });
    const send = h("button", { type: "button", class: "send", "aria-label": "发送", title: "发送", "data-testid": "send", on: { click: () => this.#sendTyped() } }, icon("send"));
    return h("div", { class: "input-row" }, this.#attachMenu(), this.#input, send);
  }

  #attachMenu() {
    const file = h("input", { type: "file", accept: "image/*", hidden: true, "data-testid": "photo-file" });
    file.addEventListener("change", () => {
      if (file.files.length) this.#acts.photo(file.files[0]);
      file.value = "";
    });
    const item = (drawing, name, act) =>
      h("button", { type: "button", on: { click: () => { this.#openMenu(false); act(); } } }, icon(drawing), name);
    this.#menu = h("div", { class: "attach-menu", role: "group", "aria-label": "附件", hidden: true },
      item("photo", "发送照片", () => file.click()),
      item("card", "分享我的手机号", () => this.#acts.contact(true)),
      item("person", "分享别人的名片", () => this.#acts.contact(false)));
    this.#attach = h("button", {
      type: "button",
      class: "attach",
      "aria-label": "照片、名片",
      title: "照片、名片",
      "aria-expanded": "false",
      "data-testid": "attach",
      on: { click: () => this.#openMenu(this.#menu.hidden) },
    }, icon("plus"));
    return h("div", { class: "attach-place", on: { keydown: (event) => event.key === "Escape" && this.#openMenu(false) } },
      this.#attach, this.#menu, file);
  }

  #openMenu(open) {
    this.#menu.hidden = !open;
    this.#attach.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.#menu.querySelector("button").focus();
    const away = (event) => {
      if (this.#attach.parentElement.contains(event.target)) return;
      this.#openMenu(false);
      document.removeEventListener("pointerdown", away);
    };
    document.addEventListener("pointerdown", away);
  }

  #key(event) {
    // While a Chinese input method composes, Enter chooses a word and must not send.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#sendTyped();
  }

  #grow() {
    this.#input.style.height = "auto";
    this.#input.style.height = `${Math.min(this.#input.scrollHeight, 112)}px`;
  }

  async #sendTyped() {
    const text = this.#input.value;
    if (!text.trim()) return;
    this.#input.value = "";
    this.#grow();
    const sent = await this.#send(text);
    if (sent || this.#input.value) return;
    this.#input.value = text;
    this.#grow();
  }

  #send(text) {
    return this.#acts.say(text);
  }

  /** An untouched private chat shows 「开始」 in place of the input row. */
  offerStart(offered) {
    this.#start.hidden = !offered;
    this.#row.hidden = offered;
  }

  /** The bot's reply keyboard, or null. */
  showKeyboard(keyboard) {
    this.#input.placeholder = keyboard?.placeholder || "写消息";
    const rows = keyboard?.rows ?? [];
    this.#keyboard.hidden = rows.length === 0;
    this.#keyboard.replaceChildren(...rows.map((row) => h("div", { class: "reply-row" }, row.map((button) => this.#replyButton(button)))));
  }

  #replyButton(button) {
    const press = () => (button.request_contact ? this.#acts.contact(true) : this.#send(button.text));
    return h("button", { type: "button", class: "reply-button", "data-testid": "reply-button", on: { click: press } },
      button.request_contact ? icon("card") : null, button.text);
  }
}
