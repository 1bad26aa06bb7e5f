// One message as people see it: bubble, pictures and cards in it, the buttons below it.

import { h, icon } from "./element.js";
import { spoken } from "./names.js";
import { videoTile, voiceBar } from "./recordings.js";
import { safeFragment } from "./safe_html.js";
import { clockTime } from "./store_time.js";

/**
 * The list item of one message.
 * `own`: written by whoever holds this phone. `named`: show the sender (groups). `quoted`: the message
 * it answers, if that is known.
 * `acts`: { press(button, element), why(element), follow(address), enlarge(url), play(url) }.
 */
export function messageItem(message, { own, named, quoted, acts }) {
  if (message.service) return serviceItem(message);
  const buttons = message.buttons?.length ? message.buttons : null;
  const kind = `${own ? "own" : "other"}${buttons ? " with-buttons" : ""}${message.album ? " in-album" : ""}`;
  const item = h("li", {
    class: `message ${kind}`,
    "data-message": message.id,
    "data-testid": "message",
    "data-from": message.from_bot ? "bot" : "person",
  });
  item.append(h("div", { class: "bubble" },
    named && !own ? h("p", { class: `sender ink-${Math.abs(message.sender_id ?? 0) % 8}` }, spoken(message.sender)) : null,
    message.forwarded ? h("p", { class: "forwarded" }, "转发的消息") : null,
    quoted && !quoted.service ? quote(quoted) : null,
    ...attachments(message, acts),
    message.sticker ? h("p", { class: "sticker" }, message.sticker) : null,
    words(message, acts),
    meta(message, acts)));
  if (buttons) item.append(inlineKeyboard(buttons, acts));
  return item;
}

function serviceItem(message) {
  return h("li", { class: "service", "data-message": message.id, "data-testid": "message" }, h("span", {}, message.service));
}

const quote = (quoted) =>
  h("p", { class: "quote" }, h("strong", {}, spoken(quoted.sender)), h("span", {}, quoted.text || "（图片或文件）"));

function words(message, acts) {
  if (!message.html && !message.text) return null;
  const text = h("div", { class: "words" });
  text.append(message.html ? safeFragment(message.html) : message.text);
  text.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link && acts.follow(link.href)) event.preventDefault();
  });
  return text;
}

function meta(message, acts) {
  const date = new Date(message.date);
  const why = message.from_bot
    ? h("button", {
        type: "button",
        class: "why",
        "data-testid": "why",
        "aria-label": "为什么有这条消息",
        title: "为什么",
        on: { click: (event) => acts.why(event.currentTarget) },
      }, icon("why"))
    : null;
  return h("p", { class: "meta" },
    why,
    message.edited ? h("span", { class: "edited" }, "已编辑") : null,
    h("time", { datetime: message.date }, clockTime(date)));
}

/** Files are only ever taken from this server: no message can make the page call another one. */
function local(address) {
  return typeof address === "string" && new URL(address, location.href).origin === location.origin;
}

function attachments(message, acts) {
  const found = [];
  if (local(message.photo)) found.push(photo(message.photo, acts));
  if (local(message.voice?.url)) found.push(voiceBar(message.voice));
  if (local(message.video?.url)) found.push(videoTile(message.video, acts.play));
  if (message.document && local(message.document.url)) found.push(documentCard(message.document));
  if (message.contact) found.push(contactCard(message.contact));
  if (message.location) found.push(placeCard(message.location));
  return found;
}

function photo(address, acts) {
  const press = () => acts.enlarge(address);
  return h("button", { type: "button", class: "photo", "aria-label": "放大照片", on: { click: press } },
    h("img", { src: address, alt: "照片" }));
}

function card(drawing, title, detail, attributes = {}) {
  return h(attributes.href ? "a" : "div", { class: "card", ...attributes },
    h("span", { class: "card-icon" }, icon(drawing)),
    h("span", { class: "card-words" }, h("strong", {}, title), h("small", {}, detail)));
}

const documentCard = ({ name, url, bytes }) =>
  card("file", name, `${sizeOf(bytes)} · 点一下下载`, { href: url, download: name, "data-testid": "document" });

/** "312 B", "48 KB", "1.4 MB" */
function sizeOf(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function contactCard(contact) {
  const name = spoken([contact.first_name, contact.last_name].filter(Boolean).join(" ")) || "联系人";
  return card("person", name, contact.phone_number, { "data-testid": "contact-card" });
}

const placeCard = ({ latitude, longitude }) =>
  card("place", "位置", `${Number(latitude).toFixed(4)}, ${Number(longitude).toFixed(4)}`);

function inlineKeyboard(rows, acts) {
  return h("div", { class: "inline-keyboard", role: "group", "aria-label": "消息下的按钮" },
    rows.map((row) => h("div", { class: "inline-row" }, row.map((button) => inlineButton(button, acts)))));
}

function inlineButton(button, acts) {
  const pressed = (event) => {
    if (button.url) acts.follow(button.url) || window.open(button.url, "_blank", "noopener");
    else acts.press(button, event.currentTarget);
  };
  return h("button", {
    type: "button",
    class: `inline-button${button.url ? " leads-away" : ""}`,
    "data-testid": "inline-button",
    on: { click: pressed },
  }, h("span", { class: "inline-words" }, button.text));
}
