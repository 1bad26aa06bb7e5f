"""What a complaint is about, proposed from its words (C2, C5). The word lists are the store's: routing.yaml.

A proposal is no decision: where it is unsure the customer is asked, and a person confirms it on the card.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from domain.complaints import Category, Classification, ComplaintKind, Severity
from domain.people import Queue
from domain.privacy import masked
from domain.spelling import plain_spelling

FALLBACK = "other"
"""The topic of a complaint whose words name none."""

SUBJECT_WEIGHT = 1
"""A keyword of this weight only names the subject: 没有发票 still speaks of invoices. A heavier one says what is
wrong, and a 没有 right before it takes it back: 没有异响."""

_MOST_READ = 2000
"""Characters: what it is about is said early, and a very long text must not cost more."""

_BREAK = re.compile(r"[,，。.!?;:、~… \n]|但是?|可是|不过|然而|就是")
_DENIED = re.compile(
    r"(?:(?<![是要])不是(?!说|承诺|答应|明明|约|都|才|刚)|并非|不怪|不怨|不关|无关|不针对|不投诉|没投诉|没说|没有说)[^吗]{0,8}$"
)
_WITHOUT = re.compile(
    r"(?:(?<![是要能会好])(?:没有?(?:什么|任何|人|发现|出现|再|被)?|无|不(?:再|太|算|怎么|会)?|未|别))$"
)
_RHETORICAL = re.compile(r"(?:吗|么|嘛)$")
_PRAISED = re.compile(
    r"(?<!不是)(?<!没有)(?<!不)(?:很好|挺好|蛮好|真好|超好)(?![听笑几多])|不错|没得说|没话说|没问题|没的说|点赞|很棒"
    r"|(?:很|挺|非常|特别|真|都)(?:热情|耐心|专业|周到|及时|干净|客气)|(?<!不)(?<!不太)(?<!不大)(?<!不是很)(?<!不怎么)(?<!没有)(?<!不够)满意"
)


@dataclass(frozen=True, slots=True)
class Keyword:
    """Words that speak for something, and how strongly. `words` is matched against text in plain spelling."""

    words: re.Pattern[str]
    weight: int = SUBJECT_WEIGHT


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that complaints are about (C2), and the department that answers for it (C5).

    `kind` is set where the topic itself decides it: the vehicle itself is 相关投诉②, whoever is named beside it.
    """

    code: str
    name: str
    category: Category
    department: Queue
    keywords: tuple[Keyword, ...] = ()
    kind: ComplaintKind | None = None


@dataclass(frozen=True, slots=True)
class RoutingRules:
    """The store's word lists, compiled.

    `enough` is the weight from which words count in full; from the confidence `sure_from` (0 to 1) on nobody
    is asked.
    The topic "other" is always among `topics`.
    """

    topics: tuple[Topic, ...]
    kinds: tuple[tuple[ComplaintKind, tuple[Keyword, ...]], ...]
    severities: tuple[tuple[Severity, tuple[Keyword, ...]], ...]
    sure_from: Decimal
    enough: int

    def topic(self, code: str) -> Topic:
        """The topic of this code; of one that the store has taken out of its file, the topic "other"."""
        found = {topic.code: topic for topic in self.topics}
        return found.get(code) or found[FALLBACK]

    def is_sure(self, proposal: "Proposal") -> bool:
        """Whether the proposal may stand without a question to the customer."""
        return proposal.confidence >= self.sure_from


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a complaint seems to be about.

    `confidence` is 0 to 1; `runners_up` are the codes of the other topics that were spoken of, the likeliest
    first; `matched` are the customer's words that decided: the topic's, then the kind's, then the severity's.
    """

    classification: Classification
    confidence: Decimal
    runners_up: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()


def propose(said: str | Sequence[str], rules: RoutingRules) -> Proposal:
    """What the words (one message or several) are about (C2), and for which department (C5).

    Each keyword counts once with its weight. The topic with most weight is proposed; of two that weigh the
    same, the earlier one in the file. Confidence is the product of two answers. Is enough said at all:
    weight ÷ `enough`, at most 1. Does it stand out: weight ÷ weight of the two best topics together, which is
    1 when no other topic is spoken of and 0.5 when another weighs the same. Without words of any topic it is
    "other", confidence 0.

    What is denied (不是投诉态度, 没有异响) or praised (态度很好) in its own clause does not count.
    """
    heard = _Heard(said if isinstance(said, str) else "\n".join(said))
    found = [(topic, heard.hits(topic.keywords)) for topic in rules.topics]
    ranked = sorted(
        ((_weight(hits), topic, hits) for topic, hits in found if hits), key=lambda each: -each[0]
    )
    best, topic, hits = ranked[0] if ranked else (0, rules.topic(FALLBACK), [])
    second = ranked[1][0] if len(ranked) > 1 else 0
    said_enough = min(Decimal(1), Decimal(best) / rules.enough)
    kind, kind_words = _kind(heard, rules, concrete=said_enough == 1)
    severity, grave_words = _severity(heard, rules)
    return Proposal(
        classification=with_topic(Classification(kind=kind, severity=severity), topic),
        confidence=round(said_enough * best / (best + second), 2) if ranked else Decimal(0),
        runners_up=tuple(topic.code for _, topic, _ in ranked[1:]),
        matched=tuple(dict.fromkeys([word for _, word in hits] + kind_words + grave_words)),
    )


def with_topic(classification: Classification, topic: Topic) -> Classification:
    """The same complaint, about `topic`: as the customer or a colleague says with a button.

    Category and department are the topic's, and so is the kind where the topic decides it.
    """
    return replace(
        classification,
        topic=topic.code,
        category=topic.category,
        department=topic.department,
        kind=topic.kind or classification.kind,
    )


Hit = tuple[int, str]


class _Heard:
    """The words of a complaint, and which keywords stand in them undenied."""

    def __init__(self, said: str) -> None:
        # Line ends are ends of sentences; a plate or a phone number is no 12315.
        lines = masked(said[:_MOST_READ]).replace("\n", "。")
        self._text = plain_spelling(lines)
        self._breaks = [(hit.start(), hit.end()) for hit in _BREAK.finditer(self._text)]

    def hits(self, keywords: Sequence[Keyword]) -> list[Hit]:
        """Weight and words found of every keyword that counts, each once."""
        return [(keyword.weight, words) for keyword in keywords if (words := self._found(keyword))]

    def _found(self, keyword: Keyword) -> str:
        counting = (hit for hit in keyword.words.finditer(self._text) if not self._taken_back(hit, keyword))
        return next((hit[0] for hit in counting), "")

    def _taken_back(self, hit: re.Match[str], keyword: Keyword) -> bool:
        before, after = self._clause(hit)
        if _PRAISED.search(after):
            return True
        if _DENIED.search(before):
            return not _RHETORICAL.search(after)
        return keyword.weight > SUBJECT_WEIGHT and _WITHOUT.search(before) is not None

    def _clause(self, hit: re.Match[str]) -> tuple[str, str]:
        """What stands in the same clause before and behind the words."""
        begin = max((stop for _, stop in self._breaks if stop <= hit.start()), default=0)
        stop = min((start for start, _ in self._breaks if start >= hit.end()), default=len(self._text))
        return self._text[begin : hit.start()], self._text[hit.end() : stop]


def _weight(hits: list[Hit]) -> int:
    return sum(weight for weight, _ in hits)


def _kind(heard: _Heard, rules: RoutingRules, *, concrete: bool) -> tuple[ComplaintKind, list[str]]:
    """The kind with most weight, and its words. Without any: valid if the topic is concrete, else grumble."""
    found = [(_weight(hits), kind, hits) for kind, words in rules.kinds if (hits := heard.hits(words))]
    if not found:
        return ComplaintKind.VALID if concrete else ComplaintKind.GRUMBLE, []
    _, kind, hits = max(found, key=lambda each: each[0])
    return kind, [word for _, word in hits]


def _severity(heard: _Heard, rules: RoutingRules) -> tuple[Severity, list[str]]:
    """The gravest that is spoken of; 一般 when nothing says otherwise."""
    found = {severity: [word for _, word in heard.hits(keywords)] for severity, keywords in rules.severities}
    for severity in (Severity.MAJOR, Severity.MINOR):
        if words := found.get(severity):
            return severity, words
    return Severity.NORMAL, []
