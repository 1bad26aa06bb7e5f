// The server sends sanitised markup; the page still keeps only what a chat message may contain.

const TAGS = new Set([
  "B", "STRONG", "I", "EM", "U", "INS", "S", "STRIKE", "DEL", "CODE", "PRE", "BLOCKQUOTE", "A", "SPAN", "BR", "TG-SPOILER",
]);
const LINK = /^(https?:|tel:|mailto:|tg:)/i;

/** A fragment with the allowed tags of `markup`; any other element is replaced by its own text. */
export function safeFragment(markup) {
  const template = document.createElement("template");
  template.innerHTML = markup;
  const clean = document.createDocumentFragment();
  for (const node of template.content.childNodes) appendClean(clean, node);
  return clean;
}

function appendClean(parent, node) {
  if (node.nodeType === Node.TEXT_NODE) {
    parent.append(node.textContent);
  } else if (node.nodeType === Node.ELEMENT_NODE) {
    const kept = TAGS.has(node.tagName) ? parent.appendChild(emptyCopy(node)) : parent;
    for (const child of node.childNodes) appendClean(kept, child);
  }
}

function emptyCopy(node) {
  const spoiler = node.tagName === "TG-SPOILER" || (node.tagName === "SPAN" && node.className === "tg-spoiler");
  if (spoiler) return hiddenUntilPressed();
  const copy = document.createElement(node.tagName);
  const address = node.tagName === "A" ? (node.getAttribute("href") ?? "") : "";
  if (LINK.test(address)) {
    copy.href = address;
    copy.target = "_blank";
    copy.rel = "noopener noreferrer";
  }
  return copy;
}

function hiddenUntilPressed() {
  const spoiler = document.createElement("span");
  spoiler.className = "spoiler";
  spoiler.tabIndex = 0;
  spoiler.setAttribute("role", "button");
  spoiler.setAttribute("aria-label", "隐藏的内容，按一下显示");
  const show = () => {
    spoiler.classList.add("shown");
    spoiler.removeAttribute("aria-label");
  };
  spoiler.addEventListener("click", show);
  spoiler.addEventListener("keydown", (event) => event.key === "Enter" && show());
  return spoiler;
}
