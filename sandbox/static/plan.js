// 接下来: what is planned next, when, and why.

import { h, icon } from "./element.js";
import { clockTime, dayName, distance } from "./store_time.js";

const OPEN_FROM_PX = 1760;

export class Plan {
  #clock;
  #goTo;
  #phoneOf;
  #plan = [];
  #panel = document.getElementById("plan");
  #list = document.querySelector(".plan-list");
  #toggle = document.querySelector(".plan-toggle");
  #next = document.querySelector(".plan-toggle-next");

  /** `phoneOf(title)` finds a chat's phone, or gives undefined; `goTo(phone)` shows it. */
  constructor(clock, { goTo, phoneOf }) {
    this.#clock = clock;
    this.#goTo = goTo;
    this.#phoneOf = phoneOf;
    const close = this.#panel.querySelector(".plan-close");
    close.append(icon("close"));
    this.#toggle.prepend(icon("clock"));
    this.#toggle.addEventListener("click", () => this.open(this.#panel.hidden));
    close.addEventListener("click", () => { this.open(false); this.#toggle.focus(); });
    this.#panel.addEventListener("keydown", (event) => { if (event.key === "Escape") close.click(); });
    this.open(window.innerWidth >= OPEN_FROM_PX);
  }

  open(open) {
    this.#panel.hidden = !open;
    this.#toggle.setAttribute("aria-expanded", String(open));
    document.body.classList.toggle("plan-open", open);
  }

  show(plan) {
    this.#plan = plan;
    this.tick();
  }

  /** Draw again: the distances change with the clock. */
  tick() {
    const now = this.#clock.now();
    const [first] = this.#plan;
    this.#next.textContent = first ? `${distance(new Date(first.due_at), now)} · ${first.what}` : "暂时没有安排";
    const drawn = this.#plan.map((entry) => this.#entry(entry, now));
    this.#list.replaceChildren(...(drawn.length ? drawn : [h("li", { class: "plan-empty" }, "暂时没有安排。约一次保养，这里就会出现提醒。")]));
  }

  #entry({ due_at, what, why, chat }, now) {
    const due = new Date(due_at);
    const phone = this.#phoneOf(chat);
    return h("li", { class: `plan-entry${due < now ? " overdue" : ""}`, "data-testid": "plan-entry" },
      h("p", { class: "plan-due" },
        h("strong", {}, distance(due, now)),
        h("time", { datetime: due_at }, `${dayName(due, now)} ${clockTime(due)}`)),
      h("p", { class: "plan-what" }, what),
      why ? h("p", { class: "plan-why" }, why) : null,
      phone ? h("button", { type: "button", class: "plan-who", on: { click: () => this.#goTo(phone) } }, icon("person"), phone.name) : null);
  }
}
