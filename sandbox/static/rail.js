// The picker of phones: everybody in one row, what is unread, who is on the page.

import { h, portrait } from "./element.js";

export class Rail {
  #element = document.querySelector(".phone-tabs");
  #choose;

  /** `choose(phone)` is called when a person presses a phone. */
  constructor(choose) {
    this.#choose = choose;
  }

  show(phones) {
    const focused = this.#element.contains(document.activeElement) ? document.activeElement.dataset.tab : null;
    this.#element.replaceChildren(...phones.map((phone) => this.#tab(phone)));
    if (focused) this.#element.querySelector(`[data-tab='${focused}']`)?.focus({ preventScroll: true });
  }

  #tab(phone) {
    const { name, role, unread } = phone;
    const front = phone.element.classList.contains("in-front");
    return h("button", {
      type: "button",
      class: `phone-tab${front ? " front" : ""}`,
      "data-testid": "phone-tab",
      "data-tab": phone.chat,
      "aria-pressed": String(!phone.away),
      title: phone.away ? `打开${name}的手机（${role}）` : `${name}（${role}）`,
      on: { click: () => this.#choose(phone) },
    },
    h("span", { class: "tab-portrait" },
      portrait(name, phone.place),
      unread ? h("span", { class: "unread", "data-testid": "phone-unread", "aria-label": `${unread} 条未读` }, String(unread)) : null),
    h("span", { class: "tab-name" }, phone.isGroup ? role : name),
    phone.isGroup ? null : h("small", {}, role));
  }
}
