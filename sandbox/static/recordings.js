// Voices and videos in a bubble: a bar with its length, a tile with a play sign.

import { h, icon } from "./element.js";

const BARS = 28;

/** "0:07" */
export function lengthOf(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

/** A voice message: play and pause, a wave that belongs to the file, the length. */
export function voiceBar({ url, seconds }) {
  const sound = h("audio", { preload: "none", src: url });
  const button = h("button", { type: "button", class: "voice-play", "aria-label": `播放语音，${seconds} 秒` }, icon("play"));
  const drawn = (playing) => button.replaceChildren(icon(playing ? "pause" : "play"));
  const bar = h("div", { class: "voice", "data-testid": "voice" },
    button, wave(url), h("span", { class: "voice-length" }, lengthOf(seconds)), sound);
  button.addEventListener("click", () => {
    if (!sound.paused) sound.pause();
    else sound.play().catch(() => bar.classList.add("silent"));
  });
  for (const [event, playing] of [["play", true], ["pause", false], ["ended", false]]) {
    sound.addEventListener(event, () => drawn(playing));
  }
  return bar;
}

/** Bars whose heights follow from the address: the same voice always looks the same. */
function wave(url) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${BARS * 4} 24`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", "wave");
  svg.setAttribute("aria-hidden", "true");
  let mixed = 7;
  for (const letter of url) mixed = (mixed * 31 + letter.codePointAt(0)) % 65_521;
  for (let place = 0; place < BARS; place += 1) {
    mixed = (mixed * 75 + 74) % 65_537;
    const high = 4 + (mixed % 18);
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ x: place * 4, y: (24 - high) / 2, width: 2.4, height: high, rx: 1.2 })) {
      bar.setAttribute(name, value);
    }
    svg.append(bar);
  }
  return svg;
}

/** A video as a tile; a press plays it in the large view. */
export function videoTile({ url, seconds }, play) {
  return h("button", { type: "button", class: "video", "data-testid": "video", "aria-label": `播放视频，${seconds} 秒`, on: { click: () => play(url) } },
    h("video", { src: `${url}#t=0.1`, preload: "metadata", muted: true, tabindex: "-1", "aria-hidden": "true" }),
    h("span", { class: "video-play" }, icon("play")),
    h("span", { class: "video-length" }, lengthOf(seconds)));
}
