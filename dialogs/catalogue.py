"""All procedures by name: what the engine can begin."""

from collections.abc import Mapping
from types import MappingProxyType

from dialogs.absence import AWAY
from dialogs.absence_form import ABSENCE
from dialogs.additional_work import ADDITIONAL_WORK
from dialogs.appointment import APPOINTMENT
from dialogs.arrival import ARRIVAL
from dialogs.bay_notice import BAY_NOTICE
from dialogs.bill_form import BILL_FORM
from dialogs.booking import BOOKING
from dialogs.call import CALL
from dialogs.call_entry import CALL_ENTRY
from dialogs.call_list import CALL_LIST
from dialogs.caller_complaint import CALLER_COMPLAINT
from dialogs.complaint import COMPLAINING
from dialogs.complaint_contact import COMPLAINT_CONTACT
from dialogs.complaint_desk import COMPLAINT_DESK
from dialogs.complaint_report import COMPLAINT_REPORT
from dialogs.complaint_sheet import COMPLAINT_SHEET
from dialogs.complaint_verdict import COMPLAINT_VERDICT
from dialogs.complaint_words import COMPLAINT_WORDS
from dialogs.core import Dialog
from dialogs.customer_question import CUSTOMER_QUESTION
from dialogs.delay_question import DELAY_QUESTION
from dialogs.departure import DEPARTURE
from dialogs.deposit import DEPOSIT
from dialogs.discount_desk import DISCOUNT_DESK
from dialogs.discount_form import DISCOUNT_FORM
from dialogs.follow_up import FOLLOW_UP_DIALOG
from dialogs.follow_up_form import FOLLOW_UP_FORM
from dialogs.front_desk import FRONT_DESK
from dialogs.in_shop import IN_SHOP_LIST
from dialogs.invitation import INVITATION
from dialogs.message import MESSAGE
from dialogs.moving import MOVING
from dialogs.my_appointments import MY_APPOINTMENTS
from dialogs.my_ratings import MY_RATINGS
from dialogs.my_work import MY_WORK
from dialogs.order_desk import ORDER_DESK
from dialogs.order_form import ORDER_FORM
from dialogs.order_sheet import ORDER_SHEET
from dialogs.pickup import PICKUP
from dialogs.pickup_time import PICKUP_TIME
from dialogs.progress_check import PROGRESS_CHECK
from dialogs.promise_form import PROMISE_FORM
from dialogs.proposal import PROPOSAL
from dialogs.question_answer import QUESTION_ANSWER
from dialogs.question_desk import QUESTION_DESK
from dialogs.question_list import QUESTION_LIST
from dialogs.register import REGISTER_SHEET
from dialogs.self_check import SELF_CHECK
from dialogs.silent_visit import SILENT_VISIT
from dialogs.staff_desk import STAFF_DESK
from dialogs.stand_in import STAND_IN
from dialogs.walk_in import WALK_IN
from dialogs.work_form import WORK_FORM
from dialogs.writing import WRITING

_ALL = (
    FRONT_DESK,
    BOOKING,
    MY_APPOINTMENTS,
    APPOINTMENT,
    MOVING,
    BAY_NOTICE,
    DEPOSIT,
    ARRIVAL,
    CALL,
    WRITING,
    MESSAGE,
    COMPLAINING,
    COMPLAINT_WORDS,
    COMPLAINT_SHEET,
    COMPLAINT_DESK,
    COMPLAINT_VERDICT,
    COMPLAINT_REPORT,
    COMPLAINT_CONTACT,
    MY_WORK,
    CALLER_COMPLAINT,
    SELF_CHECK,
    DEPARTURE,
    PROPOSAL,
    ORDER_SHEET,
    ORDER_DESK,
    PICKUP,
    PICKUP_TIME,
    STAFF_DESK,
    WALK_IN,
    ORDER_FORM,
    REGISTER_SHEET,
    PROGRESS_CHECK,
    DELAY_QUESTION,
    PROMISE_FORM,
    ABSENCE,
    AWAY,
    STAND_IN,
    INVITATION,
    SILENT_VISIT,
    IN_SHOP_LIST,
    WORK_FORM,
    ADDITIONAL_WORK,
    DISCOUNT_FORM,
    DISCOUNT_DESK,
    BILL_FORM,
    CALL_LIST,
    CALL_ENTRY,
    FOLLOW_UP_FORM,
    MY_RATINGS,
    FOLLOW_UP_DIALOG,
    CUSTOMER_QUESTION,
    QUESTION_DESK,
    QUESTION_ANSWER,
    QUESTION_LIST,
)

DIALOGS: Mapping[str, Dialog] = MappingProxyType({dialog.name: dialog for dialog in _ALL})
