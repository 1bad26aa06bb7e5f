// What surrounds the screen of a phone: whose it is above the case, time and battery at its upper edge.

import { h, icon, portrait } from "./element.js";

/** The line above the case; `putAway` takes the phone off the page. */
export function captionOf({ name, role, place, putAway }) {
  const close = h("button", {
    type: "button",
    class: "put-away",
    "data-testid": "put-away",
    "aria-label": `把${name}的手机放到一边`,
    title: "放到一边",
    on: { click: putAway },
  }, icon("close"));
  return h("header", { class: "caption" },
    portrait(name, place),
    h("h2", { class: "caption-name" }, name),
    role === name ? null : h("span", { class: "role", "data-role": role }, role),
    close);
}

/** The status bar; `time` is the element that shows the time. */
export const statusBar = (time) =>
  h("div", { class: "status-bar", "aria-hidden": "true" }, time, h("span", {}, icon("bars"), icon("battery")));
