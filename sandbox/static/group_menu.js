// What a tester can do to a group: throw the bot out and take it back, topics, upgrade, delete.

import { h } from "./element.js";
import { Popup } from "./popup.js";

const INSIDE = new Set(["member", "administrator"]);

export class GroupMenu {
  #note = h("p", { class: "group-note", role: "status", "data-testid": "group-note", hidden: true });
  #group = null;
  #openTopic;
  #act;

  /** `openTopic()` gives { thread, name } of the open topic, or null; `act(name, more)` does it. */
  constructor({ openTopic, act }) {
    this.#openTopic = openTopic;
    this.#act = act;
    this.popup = new Popup({
      kind: "group-menu",
      drawing: "more",
      label: "群的操作",
      button: { class: "round", "data-testid": "group-menu" },
      entries: (popup) => this.#entries(popup),
    });
  }

  get element() {
    return this.popup.element;
  }

  /** The line below the header that says what is wrong with the group. */
  get note() {
    return this.#note;
  }

  /** `group`: { bot, basic, forum, deleted } of the page's state. */
  show(group) {
    this.#group = group;
    const words = group.deleted ? "本群已解散" : INSIDE.has(group.bot) ? "" : "机器人不在群里，收不到也发不出消息";
    this.#note.textContent = words;
    this.#note.hidden = !words;
    this.popup.element.hidden = group.deleted;
  }

  #entries(popup) {
    const { bot, basic, forum } = this.#group;
    const topic = forum ? this.#openTopic() : null;
    const line = (drawing, name, act, more = {}, grave = false) =>
      popup.entry(drawing, name, () => this.#act(act, more), { grave, "data-act": act });
    return [
      INSIDE.has(bot) ? line("leave", "把机器人移出群", "remove_bot") : line("person", "请机器人回来当管理员", "add_bot"),
      basic ? line("up", "升级为超级群", "upgrade") : line("topics", forum ? "关闭话题功能" : "打开话题功能", forum ? "topics_off" : "topics_on"),
      topic ? line("bin", `删除话题「${topic.name}」`, "delete_topic", { thread: topic.thread }, true) : null,
      line("bin", "解散本群", "delete", {}, true),
    ].filter(Boolean);
  }
}
