"""HTML as bots write it: read like the service reads it, shown on the page without a hole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.answers import Refused
from sandbox.bubbles import to_html
from sandbox.entities import read_html, trim, units, with_found


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<strong>a</strong><em>b</em>", "ab", [("bold", 0, 1), ("italic", 1, 1)]),
        ("😀<u>约</u>", "😀约", [("underline", 2, 1)]),
        ("<b>一<i>二</i></b>", "一二", [("bold", 0, 2), ("italic", 1, 1)]),
        ("<s>x</s><tg-spoiler>y</tg-spoiler>", "xy", [("strikethrough", 0, 1), ("spoiler", 1, 1)]),
        ("<blockquote>x</blockquote>", "x", [("blockquote", 0, 1)]),
        ("<b></b>x", "x", []),
        ("1 &lt; 2 &amp;&amp; &quot;a&quot; &#65;&#x42; &nbsp;", '1 < 2 && "a" AB &nbsp;', []),
        ("&amp;lt;", "&lt;", []),
    ],
)
def test_tags_become_entities(source: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    read, found = read_html(source)
    assert (read, [(e["type"], e["offset"], e["length"]) for e in found]) == (text, entities)


def test_links_and_code_keep_what_belongs_to_them() -> None:
    _, link = read_html('<a href="https://a.b/?x=1&amp;y=2">路线</a>')
    assert link == [{"type": "text_link", "url": "https://a.b/?x=1&y=2", "offset": 0, "length": 2}]
    _, code = read_html('<pre><code class="language-python">x</code></pre>')
    assert code == [{"type": "pre", "language": "python", "offset": 0, "length": 1}]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("<div>x</div>", 'Unsupported start tag "div" at byte offset 0'),
        ("约<王>", 'Unsupported start tag "王" at byte offset 3'),
        ("3 < 4", "Unclosed start tag at byte offset 2"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(source: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        read_html(source)
    assert refused.value.description == f"Bad Request: can't parse entities: {why}"


def test_white_space_at_the_ends_goes_and_entities_move() -> None:
    text, entities = trim("\n 您好 \n", [{"type": "bold", "offset": 0, "length": 4}])
    assert (text, entities) == ("您好", [{"type": "bold", "offset": 0, "length": 2}])


def test_commands_and_links_are_found_but_not_inside_other_entities() -> None:
    found = with_found("😀 /start 见 https://a.b/c，谢谢", [])
    assert [(e["type"], e["offset"], e["length"]) for e in found] == [("bot_command", 3, 6), ("url", 12, 13)]
    code = {"type": "code", "offset": 0, "length": 6}
    assert with_found("/start", [code]) == [code]


@given(st.text(max_size=60))
def test_escaped_text_always_comes_back_as_it_was(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert read_html(f"<b>{escaped}</b>")[0] == text


@pytest.mark.parametrize(
    ("text", "entities", "html"),
    [
        ("<script>", [], "&lt;script&gt;"),
        ("a😀b", [("bold", 1, 2)], "a<b>😀</b>b"),
        ("abc", [("bold", 0, 2), ("italic", 1, 2)], "<b>a<i>b</i></b><i>c</i>"),
        ("abc", [("bold", 0, 3), ("italic", 1, 1)], "<b>a<i>b</i>c</b>"),
        ("x", [("bold", 5, 9)], "x"),
    ],
)
def test_the_page_gets_well_formed_html(text: str, entities: list[tuple[str, int, int]], html: str) -> None:
    shown = [{"type": kind, "offset": offset, "length": length} for kind, offset, length in entities]
    assert to_html(text, shown) == html


def test_the_page_gets_no_dangerous_link() -> None:
    link: dict[str, Any] = {"type": "text_link", "offset": 0, "length": 1}
    assert to_html("x", [link | {"url": "javascript:alert(1)"}]) == "x"
    safe = to_html("x", [link | {"url": 'https://a.b/"onclick="'}])
    assert safe == (
        '<a href="https://a.b/&quot;onclick=&quot;" rel="noopener noreferrer" target="_blank">x</a>'
    )


def test_units_are_those_of_utf16() -> None:
    assert (units("约"), units("😀")) == (1, 2)
