"""The people of the demo: whose phones are on the page, and who is who in the store's books."""

from __future__ import annotations

from dataclasses import dataclass

from domain.people import Role
from sandbox.people import GroupChat, PhoneOwner


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff: the phone and the roles."""

    phone: PhoneOwner
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Regular:
    """A customer whom the store knows: name, salutation, number, tier, cars (plate, model)."""

    user_id: int
    name: str
    surname: str
    salutation: str
    phone: str
    cars: tuple[tuple[str, str], ...]
    tier: str = ""


GROUP_ID = -1001000000001
KNOWN, NEWCOMER = 101, 102

CUSTOMERS = (
    PhoneOwner(KNOWN, "王建国", phone="8613800001001", role="客户", started=True),
    PhoneOwner(NEWCOMER, "李娜", phone="8613800001002", role="客户", started=False),
)

COLLEAGUES = (
    Colleague(
        PhoneOwner(201, "赵敏", phone="8613800002001", role="售后服务经理", started=True),
        (Role.AFTER_SALES_MANAGER, Role.BUSINESS_SUPERVISOR),
    ),
    Colleague(
        PhoneOwner(202, "孙立", phone="8613800002002", role="总经理", started=True, on_page=False),
        (Role.GENERAL_MANAGER,),
    ),
    Colleague(
        PhoneOwner(203, "陈晓", phone="8613800002003", role="服务顾问", started=True, on_page=False),
        (Role.ADVISOR, Role.FRONT_DESK_SUPERVISOR),
    ),
    Colleague(
        PhoneOwner(204, "周强", phone="8613800002004", role="车间主管", started=True, on_page=False),
        (Role.WORKSHOP_SUPERVISOR,),
    ),
    Colleague(
        PhoneOwner(205, "吴芳", phone="8613800002005", role="结算经理", started=True, on_page=False),
        (Role.SETTLEMENT_MANAGER, Role.PARTS_MANAGER),
    ),
    Colleague(
        PhoneOwner(206, "郑洁", phone="8613800002006", role="跟踪业务员", started=True, on_page=False),
        (Role.FOLLOW_UP_CLERK, Role.CUSTOMER_CARE_MANAGER, Role.FRONT_DESK_MANAGER, Role.SALES_MANAGER),
    ),
)

ABSENT = tuple(
    PhoneOwner(301 + number, name, started=True, on_page=False)
    for number, name in enumerate(("刘洋", "张丽华", "黄志强", "林静", "何伟", "许经理"))
)

GROUP = GroupChat(
    GROUP_ID, "鹏程汽车 · 员工群", tuple(each.phone.id for each in COLLEAGUES), role="员工群", forum=True
)

SHOWN_FIRST = (KNOWN, NEWCOMER, GROUP_ID)  # phones on the page, from left to right

REGULARS = (
    Regular(KNOWN, "王建国", "王", "先生", "+8613800001001", (("粤B12345", "朗逸 2021 款"),)),
    Regular(301, "刘洋", "刘", "先生", "+8613800003001", (("粤B88K66", "途观 L"),), "vip"),
    Regular(302, "张丽华", "张", "女士", "+8613800003002", (("粤BD12345", "ID.4 X"),)),
    Regular(303, "黄志强", "黄", "先生", "+8613800003003", (("粤B3Q7M9", "帕萨特"),)),
    Regular(304, "林静", "林", "女士", "+8613800003004", (("粤B6T2K1", "高尔夫"),)),
    Regular(305, "何伟", "何", "先生", "+8613800003005", (("粤B9X8W7", "迈腾"),)),
    Regular(
        306,
        "深港物流",
        "许",
        "经理",
        "+8613800003006",
        (("粤B5F0A1", "凯路威"), ("粤B5F0A2", "凯路威")),
        "fleet",
    ),
)

PASSER_BY = Regular(0, "马国栋", "马", "先生", "+8613800003007", (("粤B2W5N8", "途岳"),))
"""Came in with a scratched door: no file yet, and not in the chat, so that the desk telephones."""

FORMER = Regular(0, "潘秀英", "潘", "女士", "+8613800003008", (("粤B7H3C6", "途安"),))
"""Was here last week, and is not in the chat: she is rung and asked how it was."""

LAST_WORK = {"粤B5F0A1": "大保养（含三滤、火花塞）", FORMER.cars[0][0]: "更换前刹车片"}
"""What was done on the cars, by plate, that left some days ago."""
