"""What people do with the bot in a busy month: they press what they are shown and type what they would type."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator
from datetime import datetime
from itertools import count
from typing import Any

from dialogs.core import Event, Pressed, Said
from domain.people import Role
from service.ports import Face, Incoming, Letter, Sender
from tests.clock import FakeClock
from tests.service.front_door import GROUP
from tests.service.month import STORE_TIME, Car, Deed, Reached, half_an_hour_later

ADVISORS = tuple(Sender(11 + place, f"小{name}") for place, name in enumerate("敏林何高梁宋"))
SUPERVISOR, FOREMAN = Sender(21, "陈晓"), Sender(22, "孙立")
STAFF = (
    *((each, Role.ADVISOR) for each in ADVISORS),
    (SUPERVISOR, Role.FRONT_DESK_SUPERVISOR),
    (FOREMAN, Role.WORKSHOP_SUPERVISOR),
)
FORMS = {"come", "promise", "advisor", "propose"}
"""Deeds for which a colleague fills in a form in their own chat: one after the other."""

Doing = Generator[Incoming, None, None]


def advisor_of(car: Car) -> Sender:
    """Who receives the car."""
    return ADVISORS[car.number % len(ADVISORS)]


def typed(moment: datetime) -> str:
    """9月14日15:10."""
    return f"{moment.month}月{moment.day}日{moment:%H:%M}"


class People:
    """Everybody's eyes and fingers: what each chat shows, and the updates that follow from what somebody does."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._updates = count(1)
        self._cards: dict[tuple[int, str], dict[tuple[int, int], Letter]] = defaultdict(dict)
        self._chats: dict[int, dict[int, Letter]] = defaultdict(dict)
        self._promised: dict[int, datetime] = {}
        self._late: set[int] = set()

    def shown(self, letter: Letter, message: int, about: tuple[str, int] | None) -> None:
        """`letter` lies in its chat now as `message`; `about` says its dialog and car."""
        if letter.chat_id != GROUP:
            self._chats[letter.chat_id].pop(message, None)
            self._chats[letter.chat_id][message] = letter
        if about and about[1]:
            dialog, car = about
            self._cards[car, dialog].pop((letter.chat_id, message), None)
            self._cards[car, dialog][letter.chat_id, message] = letter

    def do(self, car: Car, deed: Deed, about: Any) -> Doing:
        """The updates of one deed, one after the other; each once the one before has been answered."""
        advisor = advisor_of(car)
        match deed.what:
            case "come":
                self._promised[car.number] = car.promised
                yield self._say(advisor, f"/order {car.plate} 小保养 {typed(car.promised)} 398")
                yield self._in_chat(advisor, "open_order")
            case "sign" if car.reached is Reached.CHAT:
                yield self._on_card(Sender(car.user, car.surname), car, "order_sheet", "sign")
            case "sign":
                yield self._on_card(advisor, car, "order_desk", "in_shop")
                yield self._on_card(advisor, car, "order_desk", "signed_on_paper")
            case "start":
                yield self._on_card(FOREMAN, car, "order_desk", "in_work")
            case "inspect":
                yield self._on_card(FOREMAN, car, "order_desk", "inspection")
            case "ready":
                yield self._on_card(advisor, car, "order_desk", "ready")
                for item in ("checked", "cleaned", "counted", "summed"):
                    yield self._on_card(advisor, car, "order_desk", "tick", item)
                yield self._on_card(advisor, car, "order_desk", "all_ready")
            case "early":
                if self._is_on_card(car, "order_desk", "early"):
                    yield self._on_card(advisor, car, "order_desk", "early")
            case "settle":
                yield self._on_card(advisor, car, "order_desk", "settled")
            case "leave":
                yield self._on_card(advisor, car, "order_desk", "left")
            case "promise" if self._can_promise(car, deed):
                yield self._on_card(advisor, car, "order_desk", "new_time")
                yield self._in_chat(advisor, "reason", "longer")
                yield from self._new_time(car, deed)
            case "advisor" if self._can_promise(car, deed):
                if self._is_on_card(car, "delay_question", "reason", about):
                    yield self._on_card(advisor, car, "delay_question", "reason", "parts")
                    yield from self._new_time(car, deed)
            case "answer":
                if self._is_on_card(car, "pickup", car.answers.what, about):
                    yield self._on_card(Sender(car.user, car.surname), car, "pickup", car.answers.what)
            case "workshop":
                yield from self._tell_progress(car, about)
            case "propose":
                yield from self._propose(car, deed)
            case "decide":
                if self._is_on_card(car, "additional_work", car.decides.what, about):
                    yield self._on_card(
                        Sender(car.user, car.surname), car, "additional_work", car.decides.what
                    )

    def _tell_progress(self, car: Car, about: int) -> Doing:
        """晚30分 at most once: the next time it is on time."""
        is_late = car.workshop.what == "late" and car.number not in self._late
        key, minutes = ("late", "30") if is_late else ("on_time", "")
        cards = self._cards[car.number, "progress_check"]
        # The question of before lies above it, and answers nobody any more.
        newest = cards[max(place for place in cards if place[0] == GROUP)]
        if any(face.tap.conversation == about for face in _faces(newest, key)):
            yield self._on_card(FOREMAN, car, "progress_check", key, minutes)
            if is_late:
                self._late.add(car.number)
                now = self._clock.now().astimezone(STORE_TIME)
                self._promised[car.number] = half_an_hour_later(self._promised[car.number], now)

    def _propose(self, car: Car, deed: Deed) -> Doing:
        advisor = advisor_of(car)
        yield self._on_card(advisor, car, "order_desk", "propose")
        for words in ("前刹车片", "磨到底了，刹车时会响", "480"):
            yield self._say(advisor, words)
        if deed.until and deed.until > max(self._promised[car.number], self._clock.now()):
            yield self._say(advisor, typed(deed.until))
        else:
            yield self._in_chat(advisor, "unchanged")
        for key in ("no_safety", "skip", "send"):
            yield self._in_chat(advisor, key)

    def _can_promise(self, car: Car, deed: Deed) -> bool:
        """Nobody promises what is past, or what stands already."""
        assert deed.until is not None
        return deed.until > self._clock.now() and deed.until != self._promised[car.number]

    def _new_time(self, car: Car, deed: Deed) -> Doing:
        assert deed.until is not None
        advisor = advisor_of(car)
        yield self._say(advisor, typed(deed.until))
        if deed.until < self._promised[car.number]:
            yield self._in_chat(advisor, "sure")
        yield self._in_chat(advisor, "send")
        self._promised[car.number] = deed.until

    # ------------------------------------------------------------ updates

    def _update(self, who: Sender, chat: int, event: Event, **more: Any) -> Incoming:
        number = next(self._updates)
        press = f"P{number}" if isinstance(event, Pressed) else ""
        return Incoming(number, who, chat, event, in_group=chat < 0, press_id=press, **more)

    def _say(self, who: Sender, text: str) -> Incoming:
        return self._update(who, who.user_id, Said(text))

    def _in_chat(self, who: Sender, key: str, value: str = "") -> Incoming:
        """The newest such button of the private chat."""
        for message, letter in reversed(self._chats[who.user_id].items()):
            for face in _faces(letter, key, value):
                return self._press(who, who.user_id, message, face)
        newest = list(self._chats[who.user_id].values())[-1]
        raise AssertionError(f"{who.first_name} is shown no {key} {value}: {newest.text} {newest.buttons}")

    def _on_card(self, who: Sender, car: Car, dialog: str, key: str, value: str = "") -> Incoming:
        """That button of the car's card, in the group or in their own chat."""
        cards = self._cards[car.number, dialog]
        for (chat, message), letter in reversed(cards.items()):
            for face in _faces(letter, key, value) if chat in (GROUP, who.user_id) else ():
                return self._press(who, chat, message, face)
        texts = [(where, letter.text, letter.buttons) for where, letter in cards.items()]
        raise AssertionError(f"{dialog} shows no {key} {value} to {who.first_name}: {texts}")

    def _is_on_card(self, car: Car, dialog: str, key: str, conversation: int = 0) -> bool:
        return any(
            face.tap.conversation == (conversation or face.tap.conversation)
            for letter in self._cards[car.number, dialog].values()
            for face in _faces(letter, key)
        )

    def _press(self, who: Sender, chat: int, message: int, face: Face) -> Incoming:
        return self._update(who, chat, Pressed(face.tap.key, face.tap.value), tap=face.tap, card=message)


def _faces(letter: Letter, key: str, value: str = "") -> list[Face]:
    return [
        face
        for row in letter.buttons
        for face in row
        if face.tap.key == key and value in ("", face.tap.value)
    ]
