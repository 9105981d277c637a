"""The kinds of rooms there are. A room's kind stands in its create event and never changes."""

from typing import Any

from .checks import is_object

ORG = "org.hearth.org"
ADMIN = "org.hearth.admin"
REQUEST = "org.hearth.request"
CHANNEL = "org.hearth.channel"
DIRECT = "org.hearth.direct"
MAP = "org.hearth.map"
ONBOARDING = "org.hearth.onboarding"

#: Rooms that hold what may speak of the people served. Decided by the type alone, never by m.room.encryption:
#: during creation that event comes late, and later it could be missing.
SENSITIVE = frozenset({REQUEST, CHANNEL, DIRECT, MAP})
#: Rooms that only the bot makes. All others only people make.
MADE_BY_BOT = frozenset({ORG, ADMIN, MAP})
ALL = SENSITIVE | MADE_BY_BOT | {ONBOARDING}


def room_type(create_content: Any) -> str | None:
    """The kind of a room by the content of its create event; None when it is no room of Hearth."""
    if not is_object(create_content):
        return None
    kind = create_content.get("type")
    return kind if isinstance(kind, str) and kind in ALL else None
