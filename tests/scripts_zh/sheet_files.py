"""Questionnaires to break: a good one, one that comes after it, and what the reader says about a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts_zh.questionnaires import UnreadableSheet, load_sheets

GOOD = """# a comment
title: 满意度回访
start: {event: left, from_days: 3, until_days: 7}
told: [customer_care]
opening: "{{ address }}，您好！"
closing: 非常感谢合作！
questions:
  - id: overall
    kind: rating
    text: 整体感受怎么样？
    bad_at_most: 2
    topic: workshop_quality
  - id: reason
    kind: single
    text: 您打了{{ answers.overall }}分，主要因为什么？
    options: {speed: 速度, price: 价格}
    when: {question: overall, at_most: 4}
    bad: [price]
  - id: wishes
    kind: text
    text: 还有什么想说的？
    when: {question: reason, is: [speed]}
    required: true
    asks_back: true
  - id: advice
    kind: information
    text: 请记得每月看一次胎压。
"""
LATER = """
title: 再次关怀
start: {after: satisfaction, from_hours: 24, until_hours: 48}
opening: 您好！
closing: 谢谢您！
questions:
  - id: now
    kind: yes_no
    text: 上次打了{{ earlier.overall }}分，现在好些了吗？
    when: {question: earlier.overall, bad: true}
    bad: [no]
"""


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def told(folder: Path, **files: str) -> tuple[str, ...]:
    with pytest.raises(UnreadableSheet) as refused:
        load_sheets(written(folder, **files))
    return refused.value.lines
