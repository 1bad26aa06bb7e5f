// Making page elements: text is always set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (null and false are left out), listeners in `on`, and children. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

const DRAWINGS = {
  send: ["M4 12 20 4l-5 16-3.5-6.5z", "M11.5 13.5 20 4"],
  plus: ["M12 5v14", "M5 12h14"],
  photo: ["M4 6h16v12H4z", "m4 15 4.5-4 4 4 3-2.5L20 16", "M15.5 9.5h.01"],
  person: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5"],
  card: ["M3.5 6h17v12h-17z", "M8.5 11.5a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z", "M5.8 15.5c.6-2 4.8-2 5.4 0", "M14 10h3.5", "M14 14h3.5"],
  block: ["M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z", "M6.5 6.5l11 11"],
  why: ["M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z", "M12 11v5", "M12 8v.01"],
  down: ["m6 10 6 6 6-6"],
  close: ["m6 6 12 12", "m18 6-12 12"],
  sun: ["M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M12 2.5v2", "M12 19.5v2", "M2.5 12h2", "M19.5 12h2", "m5.3 5.3 1.4 1.4", "m17.3 17.3 1.4 1.4", "m5.3 18.7 1.4-1.4", "m17.3 6.7 1.4-1.4"],
  moon: ["M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z"],
  next: ["m5 6 7 6-7 6z", "m12 6 7 6-7 6z"],
  clock: ["M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z", "M12 8v4.5l3 1.8"],
  file: ["M6 3.5h8l4 4v13H6z", "M14 3.5v4h4"],
  place: ["M12 21c-4-5-6.5-8-6.5-11a6.5 6.5 0 0 1 13 0c0 3-2.5 6-6.5 11z", "M12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"],
  bars: ["M5 18v-3", "M10 18v-6", "M15 18V9", "M20 18V6"],
  battery: ["M3 8.5h15v7H3z", "M20.5 11v2", "M5.5 12h9"],
  tick: ["m5 12.5 4.5 4.5L19 7"],
  clip: ["m19.5 11.5-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l8-8a3.1 3.1 0 0 1 4.4 4.4l-8 8a1.5 1.5 0 0 1-2.2-2.2l7.2-7.2"],
  album: ["M7 4h13v12H7z", "M4 8v12h13", "m7 14 4-4 4 4"],
  voice: ["M12 14a3 3 0 0 0 3-3V6.5a3 3 0 0 0-6 0V11a3 3 0 0 0 3 3z", "M5.5 11a6.5 6.5 0 0 0 13 0", "M12 17.5V21"],
  video: ["M3.5 6.5h11v11h-11z", "m14.5 11 6-3.5v9l-6-3.5"],
  smile: ["M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z", "M8.5 14c1.8 2.2 5.2 2.2 7 0", "M9.3 9.8v.01", "M14.7 9.8v.01"],
  play: ["m8 5.5 10.5 6.5L8 18.5z"],
  pause: ["M8.5 6v12", "M15.5 6v12"],
  more: ["M5.5 12h.01", "M12 12h.01", "M18.5 12h.01"],
  leave: ["M13 4.5H5v15h8", "M10 12h10", "m16.5 8.5 3.5 3.5-3.5 3.5"],
  up: ["M12 19.5v-14", "m6 11 6-6 6 6"],
  topics: ["M4 6h16", "M4 12h10", "M4 18h13"],
  bin: ["M5 7h14", "M9.5 7V4.5h5V7", "M7 7l1 12.5h8L17 7"],
};

/** A line drawing from the page's own set; decoration only, hidden from screen readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  for (const line of DRAWINGS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", line);
    svg.append(path);
  }
  return svg;
}

/** A round portrait: the first character of the name on a colour that belongs to the key. */
export function portrait(name, key) {
  const first = Array.from(name.trim())[0] ?? "·";
  return h("span", { class: `portrait hue-${Math.abs(Number(key) || 0) % 8}`, "aria-hidden": "true" }, first);
}
