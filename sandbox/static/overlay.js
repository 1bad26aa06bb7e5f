// What lies over a phone's screen for a while: toasts, the bot's alerts, the 「为什么」 sheet.

import { h } from "./element.js";

const TOAST_MS = 4000;

export class Overlay {
  #screen;
  #toast;
  #fading = null;

  constructor(screen) {
    this.#screen = screen;
    this.#toast = h("div", { class: "toast", role: "status", "data-testid": "toast", hidden: true });
    screen.append(this.#toast);
  }

  /** A short word that goes away by itself. */
  toast(text) {
    clearTimeout(this.#fading);
    this.#toast.textContent = text;
    this.#toast.hidden = false;
    this.#fading = setTimeout(() => { this.#toast.hidden = true; }, TOAST_MS);
  }

  /** A word that must be acknowledged. */
  alert(text) {
    this.#sheet({ kind: "alert", role: "alertdialog", title: null, body: h("p", {}, text), close: "好" });
  }

  /** Why a message is here: one line after the other; the focus returns to `element`. */
  explain(lines, element) {
    const body = h("ul", {}, lines.map((line) => h("li", {}, line)));
    this.#sheet({ kind: "explain", role: "dialog", title: "为什么", body, close: "知道了", element });
  }

  #sheet({ kind, role, title, body, close, element = document.activeElement }) {
    const shut = () => {
      veil.remove();
      if (element?.isConnected) element.focus({ preventScroll: true });
    };
    const button = h("button", { type: "button", class: "sheet-close", on: { click: shut } }, close);
    const sheet = h("div", { class: `sheet sheet-${kind}`, role, "aria-modal": "true", "aria-label": title ?? "提示", "data-testid": kind },
      title ? h("h3", {}, title) : null, body, button);
    const veil = h("div", { class: "veil", on: {
      click: (event) => event.target === veil && shut(),
      // The only thing to reach inside is the button: Tab stays on it.
      keydown: (event) => (event.key === "Escape" ? shut() : event.key === "Tab" && event.preventDefault()),
    } }, sheet);
    this.#screen.append(veil);
    button.focus({ preventScroll: true });
  }
}
