// A small menu that opens beside a button, and closes on a choice, a press elsewhere, or Escape.

import { h, icon } from "./element.js";

/**
 * `entries()` gives what the menu shows at the moment it opens: buttons made by `entry`, or other elements.
 * `button` takes the attributes of the button that opens it; `kind` is the class of the whole.
 */
export class Popup {
  #button;
  #menu;
  #entries;

  constructor({ kind, drawing, label, button, entries }) {
    this.#entries = entries;
    this.#button = h("button", {
      type: "button",
      "aria-label": label,
      title: label,
      "aria-expanded": "false",
      ...button,
      on: { click: () => this.#open(this.#menu.hidden) },
    }, icon(drawing));
    this.#menu = h("div", { class: "popup", role: "group", "aria-label": label, hidden: true });
    this.element = h("div", { class: kind, on: { keydown: (event) => this.#key(event) } }, this.#button, this.#menu);
  }

  /** A line of the menu; one that is `grave` asks to be pressed twice. */
  entry(drawing, name, act, { grave = false, ...attributes } = {}) {
    const words = h("span", {}, name);
    const line = h("button", { type: "button", class: grave ? "grave" : null, ...attributes, on: { click: () => {
      if (grave && !line.classList.contains("asked")) {
        line.classList.add("asked");
        words.textContent = "再按一次确认";
        return;
      }
      this.#open(false);
      this.#button.focus({ preventScroll: true });
      act();
    } } }, icon(drawing), words);
    return line;
  }

  #open(open) {
    this.#menu.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.#menu.replaceChildren(...this.#entries(this));
    this.#menu.querySelector("button").focus({ preventScroll: true });
    const away = (event) => {
      if (this.element.contains(event.target)) return;
      this.#open(false);
      document.removeEventListener("pointerdown", away);
    };
    document.addEventListener("pointerdown", away);
  }

  #key(event) {
    if (event.key !== "Escape" || this.#menu.hidden) return;
    this.#open(false);
    this.#button.focus({ preventScroll: true });
  }
}
