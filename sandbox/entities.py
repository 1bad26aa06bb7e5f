"""Formatted text: the HTML that bots send, read into plain text and message entities.

Offsets and lengths count UTF-16 units, byte offsets in error texts count UTF-8, both as at Telegram.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.answers import bad_request

if TYPE_CHECKING:
    from sandbox.answers import Refused

Json = dict[str, Any]

KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "code": "code", "pre": "pre", "a": "text_link", "blockquote": "blockquote",
}  # fmt: skip
_CHARACTER = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_ATTRIBUTE = re.compile(r"""([a-zA-Z][\w-]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_FOUND = re.compile(
    r"(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w+)?)"
    r"|(?P<url>https?://[^\s<>\"「」，。！？]+)"
    r"|(?P<mention>(?<!\w)@[A-Za-z]\w{3,31})"
)


@dataclass
class _Open:
    tag: str
    at: int
    entity: Json


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def read_html(source: str) -> tuple[str, list[Json]]:
    """Plain text and entities of `source`. 400 "can't parse entities: …" for anything Telegram refuses."""
    return _HtmlReader(source).read()


class _HtmlReader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.text: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def read(self) -> tuple[str, list[Json]]:
        at = 0
        while at < len(self.source):
            less = self.source.find("<", at)
            if less < 0:
                self._write(self.source[at:])
                break
            self._write(self.source[at:less])
            at = self._tag(less)
        if self.open:
            raise _unreadable(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.text), self.entities

    def _write(self, raw: str) -> None:
        text = _CHARACTER.sub(lambda found: html.unescape(found[0]), raw)
        self.text.append(text)
        self.length += units(text)

    def _tag(self, less: int) -> int:
        closing = self.source.startswith("</", less)
        end = self.source.find(">", less)
        if end < 0:
            kind = "end" if closing else "start"
            raise _unreadable(f"Unclosed {kind} tag at byte offset {self._byte(less)}")
        if closing:
            self._close(self.source[less + 2 : end].strip().lower(), less)
        else:
            self._start(self.source[less + 1 : end], less)
        return end + 1

    def _start(self, inside: str, less: int) -> None:
        name, _, rest = inside.partition(" ")
        tag = name.strip().lower()
        attributes = {
            found[1].lower(): html.unescape((found[2] or "").strip("\"'"))
            for found in _ATTRIBUTE.finditer(rest)
        }
        if tag not in KINDS or (tag == "span" and attributes.get("class") != "tg-spoiler"):
            raise _unreadable(f'Unsupported start tag "{tag}" at byte offset {self._byte(less)}')
        entity: Json = {"type": KINDS[tag]}
        if tag == "a":
            entity["url"] = attributes.get("href", "")
        if tag == "blockquote" and "expandable" in attributes:
            entity["type"] = "expandable_blockquote"
        if tag == "code" and attributes.get("class", "").startswith("language-"):
            entity["language"] = attributes["class"].removeprefix("language-")
        self.open.append(_Open(tag, self.length, entity))

    def _close(self, tag: str, less: int) -> None:
        if not self.open:
            raise _unreadable(f"Unexpected end tag at byte offset {self._byte(less)}")
        start = self.open.pop()
        if tag and tag != start.tag:
            raise _unreadable(
                f'Unmatched end tag at byte offset {self._byte(less)}, expected "</{start.tag}>", '
                f'found "</{tag}>"'
            )
        length = self.length - start.at
        if length == 0 or (start.tag == "a" and not start.entity["url"]):
            return
        language = start.entity.pop("language", None) if start.tag == "code" else None
        if language and self.open and self.open[-1].tag == "pre":
            self.open[-1].entity["language"] = language
            return
        self.entities.append({**start.entity, "offset": start.at, "length": length})

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode())


def _unreadable(why: str) -> Refused:
    return bad_request(f"can't parse entities: {why}")


def trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Cut white space at both ends, as the service does, and move the entities along."""
    kept = text.rstrip()
    cut = units(kept) - units(kept.lstrip())
    kept = kept.lstrip()
    whole = units(kept)
    moved = []
    for entity in entities:
        start = max(entity["offset"] - cut, 0)
        end = min(entity["offset"] + entity["length"] - cut, whole)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return kept, moved


def with_found(text: str, entities: list[Json]) -> list[Json]:
    """`entities` and those the service finds by itself: commands, links, mentions."""
    taken = [(entity["offset"], entity["offset"] + entity["length"]) for entity in entities]
    found = []
    for match in _FOUND.finditer(text):
        start = units(text[: match.start()])
        end = start + units(match[0])
        if not any(start < other_end and other_start < end for other_start, other_end in taken):
            found.append({"type": match.lastgroup, "offset": start, "length": end - start})
    return sorted([*entities, *found], key=lambda entity: (entity["offset"], -entity["length"]))
