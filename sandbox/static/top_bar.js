// The top bar: the store's date and time, the time machine, the state of the line, hints for newcomers.

import { h, icon } from "./element.js";
import { clockTime, longDate, storeHour } from "./store_time.js";
import { post } from "./wire.js";

const LINE_WORDS = { opening: "正在连接…", open: "已连接", lost: "连接断开，正在重新连接…" };
const HINT_KEY = "sandbox hint dismissed";

function sky(hour) {
  if (hour >= 8 && hour < 17) return "day";
  if (hour >= 6 && hour < 8) return "dawn";
  return hour >= 17 && hour < 19 ? "dusk" : "night";
}

export class TopBar {
  #clock;
  #moved;
  #time = document.querySelector(".clock-time");
  #date = document.querySelector(".clock-date");
  #face = document.querySelector(".clock");
  #buttons = [...document.querySelectorAll(".time-machine button")];
  #line = document.querySelector(".line-state");
  #notice = document.querySelector(".page-notice");

  /** `moved(jumped)` is called after the time machine took the store to another time. */
  constructor(clock, moved) {
    this.#clock = clock;
    this.#moved = moved;
    for (const button of this.#buttons) button.addEventListener("click", () => this.#travel(button));
    document.querySelector("[data-jump]").prepend(icon("next"));
  }

  tick() {
    const now = this.#clock.now();
    this.#time.textContent = clockTime(now);
    this.#time.dateTime = now.toISOString();
    this.#date.textContent = longDate(now);
    const colour = sky(storeHour(now));
    if (this.#face.dataset.sky === colour) return;
    this.#face.dataset.sky = colour;
    this.#face.querySelector(".clock-sky").replaceChildren(icon(colour === "night" ? "moon" : "sun"));
  }

  showLine(state) {
    this.#line.dataset.line = state;
    this.#line.textContent = LINE_WORDS[state];
  }

  /** A sentence about the page as a whole; an empty one takes it away. */
  notice(sentence) {
    this.#notice.textContent = sentence;
    this.#notice.hidden = !sentence;
  }

  async #travel(button) {
    for (const each of this.#buttons) each.disabled = true;
    button.classList.add("waiting");
    try {
      const { minutes, jump } = button.dataset;
      const { now } = await post("/page/time", jump ? { jump } : { minutes: Number(minutes) });
      this.notice("");
      this.#moved(now, Boolean(jump));
    } catch (refusal) {
      this.notice(refusal.message);
    }
    for (const each of this.#buttons) each.disabled = false;
    button.classList.remove("waiting");
    button.focus({ preventScroll: true });
  }
}

const STEPS = {
  book: "在第一部手机点「开始」，约一次保养",
  staff: "到员工群替同事点「收到」",
  visit: "在陈晓手机点「接车开单」，王建国确认",
  complain: "写一句「我要投诉」",
  jump: "点「跳到下一个提醒」",
};

/** Five things to try first; each is ticked when it happens, and the whole can be dismissed for good. */
export class Hint {
  #element = document.querySelector(".hint");
  #done = new Set();

  constructor() {
    if (localStorage.getItem(HINT_KEY)) return;
    this.#element.hidden = false;
    this.#draw();
  }

  did(step) {
    if (this.#element.hidden || this.#done.has(step)) return;
    this.#done.add(step);
    this.#draw();
  }

  #draw() {
    const current = Object.keys(STEPS).find((step) => !this.#done.has(step));
    const steps = Object.entries(STEPS).map(([step, words]) => {
      const done = this.#done.has(step);
      const state = done ? "done" : step === current ? "current" : "later";
      return h("li", { class: state, "data-step": step, "aria-current": state === "current" ? "step" : null },
        h("span", { class: "step-mark" }, done ? icon("tick") : ""), words);
    });
    const title = current ? "先试试这个" : "都试过了，随便玩";
    const dismiss = h("button", { type: "button", class: "hint-close", "aria-label": "不再提示", title: "不再提示", on: { click: () => this.#dismiss() } }, icon("close"));
    this.#element.replaceChildren(h("strong", {}, title), h("ol", {}, steps), dismiss);
  }

  #dismiss() {
    this.#element.hidden = true;
    localStorage.setItem(HINT_KEY, "1");
  }
}
