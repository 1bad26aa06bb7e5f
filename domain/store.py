"""The store as its file describes it: who, where, when, what, and every figure of the rulebook.

Plain frozen records with the rulebook's defaults. Money is Decimal yuan; a number's unit is in its name, and
where others calculate with a figure there is a `timedelta` beside it, so that nobody converts twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.complaints import ComplaintFigures
from domain.follow_ups import FollowUpFigures
from domain.people import SERVES, Queue, Role
from domain.repair_orders import VisitFigures
from domain.settlement import SettlementFigures


class ServiceGroup(StrEnum):
    """What kind of visit it is (B2). The values are the words of the appointment form."""

    MAINTENANCE = "保养"
    REPAIR = "维修"
    DIAGNOSIS = "诊断"
    BODYWORK = "钣喷"
    INSPECTION = "年检"
    OTHER = "其他"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A time inside opening hours when nobody works, lunch above all. Store time; the end is outside it."""

    starts: time
    ends: time


@dataclass(frozen=True, slots=True, kw_only=True)
class DayHours:
    """Opening hours of one day in store time, `closes` outside; breaks are cut out of them (B4)."""

    opens: time
    closes: time
    breaks: tuple[Pause, ...] = ()

    @property
    def working_minutes(self) -> int:
        """Minutes of work in such a day, by the wall clock, breaks left out."""
        rest = sum(_minute(pause.ends) - _minute(pause.starts) for pause in self.breaks)
        return _minute(self.closes) - _minute(self.opens) - rest


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekHours:
    """Opening hours by weekday; a day that is left out is a day of rest (B4)."""

    monday: DayHours | None = None
    tuesday: DayHours | None = None
    wednesday: DayHours | None = None
    thursday: DayHours | None = None
    friday: DayHours | None = None
    saturday: DayHours | None = None
    sunday: DayHours | None = None

    def by_weekday(self) -> tuple[DayHours | None, ...]:
        """The seven days, Monday first, as `date.weekday()` counts them."""
        return (
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursFrom:
    """Other opening hours from `day` on, until the next such change; the days before keep theirs (B4, C7)."""

    day: date
    hours: WeekHours


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """One day or a run of days that the store decides itself, over week and national calendar (B4).

    `hours` left out means closed; `until` is the last day (the first day alone when left out); `name` is what
    customers are told, such as 春节放假 or 店庆.
    """

    day: date
    until: date | None = None
    name: str = ""
    hours: DayHours | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bay:
    """A 工位: its short id (kept in the database), its kind (what services ask for) and its name."""

    id: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something a customer can book (B2): duration in working minutes and prices in yuan, tax included.

    `price` is the lowest price unless `fixed_price`; None means "after inspection". `parts_price` is the
    worth of parts ordered for the visit, which decides about the deposit (B5).
    """

    code: str
    name: str
    group: ServiceGroup
    bay_kind: str
    minutes: int
    price: Decimal | None = None
    fixed_price: bool = False
    parts_price: Decimal = Decimal(0)
    needs_description: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A class of customers (B13, V1, V2).

    `announced`: their visit is announced to supervisors. `fleet_terms`: a fleet agreement's prices hold (D6).
    `own_cars`: the house's own, which nobody is asked about (F2).
    """

    code: str
    name: str
    announced: bool = False
    fleet_terms: bool = False
    own_cars: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingFigures:
    """Figures of the appointment rules B3–B11.

    `minimum_lead_hours` B3 · `grid_minutes` B4 · `horizon_days` how far ahead may be booked · `hold_minutes`
    how long a slot waits for the customer's 确认 · `deposit_threshold` yuan of parts, `deposit_share` of
    their price, `deposit_hours` until an unpaid one is released, all B5 · `acknowledge_minutes` until the
    workshop is asked again, `acknowledge_repeats` times, B6 · `reminder_hours` before arrival B8 ·
    `no_show_minutes` B10 · `busy_share` share of bays taken from which a time is 较忙, B11.
    """

    minimum_lead_hours: int = 3
    grid_minutes: int = 30
    horizon_days: int = 60
    hold_minutes: int = 5
    deposit_threshold: Decimal = Decimal(1000)
    deposit_share: Decimal = Decimal("0.5")
    deposit_hours: int = 24
    acknowledge_minutes: int = 15
    acknowledge_repeats: int = 3
    reminder_hours: tuple[int, ...] = (24, 4)
    no_show_minutes: int = 30
    busy_share: Decimal = Decimal("0.6")

    @property
    def minimum_lead(self) -> timedelta:
        """Shortest time between booking and arrival (B3)."""
        return timedelta(hours=self.minimum_lead_hours)

    @property
    def hold(self) -> timedelta:
        """How long a slot is kept while the customer confirms (B4)."""
        return timedelta(minutes=self.hold_minutes)

    @property
    def deposit_wait(self) -> timedelta:
        """How long an appointment waits for its deposit (B5)."""
        return timedelta(hours=self.deposit_hours)

    @property
    def reminder_leads(self) -> tuple[timedelta, ...]:
        """How long before arrival the customer is reminded (B8)."""
        return tuple(timedelta(hours=hours) for hours in self.reminder_hours)

    @property
    def no_show_wait(self) -> timedelta:
        """How long after the time agreed the advisor is asked about a missing customer (B10)."""
        return timedelta(minutes=self.no_show_minutes)

    def deposit_for(self, parts_price: Decimal) -> Decimal:
        """Deposit in yuan, exact to 分 and never below the share; 0 below the threshold (B5)."""
        if parts_price < self.deposit_threshold:
            return Decimal(0)
        return (parts_price * self.deposit_share).quantize(Decimal("0.01"), rounding="ROUND_CEILING")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietFigures:
    """When customers are left in peace (B8), store time; equal times mean never.

    What must go out earlier leaves `margin_minutes` before quiet begins, so that a short queue does not push
    it into the quiet hours after all.
    """

    starts: time = time(21)
    ends: time = time(8)
    margin_minutes: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingFigures:
    """How much may be sent: the messaging service's limits, and care messages per person and day (K5)."""

    bot_per_second: int = 30
    chat_per_second: int = 1
    chat_burst: int = 5
    group_per_minute: int = 20
    care_per_day: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogFigures:
    """How long an open question may stay unanswered: first a kind nudge, then the conversation is closed."""

    nudge_minutes: int = 10
    close_minutes: int = 60

    @property
    def nudge_after(self) -> timedelta:
        """Silence after which the question is asked again."""
        return timedelta(minutes=self.nudge_minutes)

    @property
    def close_after(self) -> timedelta:
        """Silence, counted from the last answer, after which the conversation ends."""
        return timedelta(minutes=self.close_minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFigures:
    """Life of an invitation (R3) and who serves which desk (R1)."""

    invitation_hours: int = 24
    desks: Mapping[Queue, tuple[Role, ...]] = field(default_factory=lambda: dict(SERVES))

    @property
    def invitation_life(self) -> timedelta:
        """How long an invitation link works (R3)."""
        return timedelta(hours=self.invitation_hours)


DEFAULT_TIERS: tuple[Tier, ...] = (
    Tier(code="ordinary", name="普通客户"),
    Tier(code="vip", name="VIP客户", announced=True),
    Tier(code="fleet", name="集团客户", announced=True, fleet_terms=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One store, complete: what the bot knows about the house it works for."""

    name: str
    address: str
    phones: tuple[str, ...]
    rescue_phone: str
    hours: WeekHours
    bays: tuple[Bay, ...]
    services: tuple[Service, ...]
    time_zone: str = "Asia/Shanghai"
    hours_from: tuple[HoursFrom, ...] = ()
    national_holidays: bool = True
    special_days: tuple[SpecialDay, ...] = ()
    tiers: tuple[Tier, ...] = DEFAULT_TIERS
    booking: BookingFigures = BookingFigures()
    complaints: ComplaintFigures = field(default_factory=ComplaintFigures)
    visits: VisitFigures = field(default_factory=VisitFigures)
    settlement: SettlementFigures = field(default_factory=SettlementFigures)
    follow_ups: FollowUpFigures = field(default_factory=FollowUpFigures)
    quiet: QuietFigures = QuietFigures()
    sending: SendingFigures = SendingFigures()
    dialogs: DialogFigures = DialogFigures()
    staff: StaffFigures = field(default_factory=StaffFigures)

    @property
    def zone(self) -> ZoneInfo:
        """The store's time zone. Raises ZoneInfoNotFoundError for a name nobody knows."""
        return ZoneInfo(self.time_zone)

    def hours_on(self, day: date) -> WeekHours:
        """The regular opening hours valid on this day: `hours`, or the latest change that has begun."""
        begun = [change for change in self.hours_from if change.day <= day]
        return max(begun, key=lambda change: change.day).hours if begun else self.hours

    def service(self, code: str) -> Service:
        """The service with this code. Raises KeyError when the store no longer offers it."""
        for service in self.services:
            if service.code == code:
                return service
        raise KeyError(code)

    def bay(self, bay_id: str) -> Bay:
        """The bay with this id. Raises KeyError when the store no longer has it."""
        for bay in self.bays:
            if bay.id == bay_id:
                return bay
        raise KeyError(bay_id)

    def tier(self, code: str) -> Tier:
        """The customer class with this code. Raises KeyError for one the store does not know."""
        for tier in self.tiers:
            if tier.code == code:
                return tier
        raise KeyError(code)


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute
