"""A local Telegram for demos and end-to-end tests: Bot API server, phones, web page, faults.

It knows nothing of any bot: a bot reaches it over HTTP, exactly as it reaches the real service.
"""

from sandbox.control import Control, Planned
from sandbox.people import GroupChat, PhoneOwner
from sandbox.phones import NotPossible, Phone
from sandbox.server import Sandbox

__all__ = ["Control", "GroupChat", "NotPossible", "Phone", "PhoneOwner", "Planned", "Sandbox"]
