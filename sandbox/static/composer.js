// The lower edge of a phone: what one can write, send, share or press there.

import { h, icon } from "./element.js";
import { Popup } from "./popup.js";
import { PLACE, STICKER, paper, photo, video, voice } from "./samples.js";

const recorded = (kind, { file, seconds }, media) => media(kind, { seconds }, [file]);

/**
 * Input row, attach menu, reply keyboard and the 「开始」 button.
 * `acts`: { say(text), contact(own), media(kind, fields, files), complain(words) }.
 */
export class Composer {
  #acts;
  #input;
  #keyboard;
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
    const chooser = h("input", { type: "file", accept: "image/*", multiple: true, hidden: true, "data-testid": "photo-file" });
    chooser.addEventListener("change", () => {
      if (chooser.files.length) this.#acts.media("photo", {}, [...chooser.files]);
      chooser.value = "";
    });
    const popup = new Popup({
      kind: "attach-place",
      drawing: "clip",
      label: "照片、语音、视频、文件",
      button: { class: "attach", "data-testid": "attach" },
      entries: () => this.#attachments(popup, chooser),
    });
    popup.element.append(chooser);
    return popup.element;
  }

  #attachments(popup, chooser) {
    const sample = (drawing, name, kind, act) => popup.entry(drawing, name, () => this.#made(act), { "data-attach": kind });
    const { media, contact } = this.#acts;
    return [
      h("div", { class: "attach-grid" },
        sample("photo", "照片", "photo", async () => media("photo", {}, [await photo()])),
        sample("voice", "语音", "voice", async () => recorded("voice", await voice(), media)),
        sample("video", "视频", "video", async () => recorded("video", await video(), media)),
        sample("file", "文件", "document", async () => media("document", {}, [await paper()])),
        sample("place", "位置", "location", async () => media("location", PLACE)),
        sample("smile", "贴纸", "sticker", async () => media("sticker", { emoji: STICKER }))),
      popup.entry("album", "选择照片…", () => chooser.click()),
      popup.entry("card", "分享我的手机号", () => contact(true)),
      popup.entry("person", "分享别人的名片", () => contact(false)),
    ];
  }

  async #made(act) {
    try {
      await act();
    } catch (failure) {
      this.#acts.complain(failure.message);
    }
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
