"""Which events a room takes, and from whom. Pure: an event and its situation go in, a refusal or None comes out.

Every kind of room has a closed table. What is not in it is refused, whoever sends it: the bot and the server's
admins are held to the same tables, because a bug of theirs would put plaintext on the server as well as anybody's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from . import org_rooms, rooms, shapes, templates
from .checks import Check, is_object
from .refusal import BAD_SHAPE, NOT_HERE, NOT_YOURS, PLAINTEXT_REFUSED, TOO_LARGE, Refusal

#: The power from which on somebody is an admin and may remove people.
ADMIN_POWER = 50


@dataclass(frozen=True)
class Event:
    """An event about to be sent. ``state_key`` is None for events of the timeline."""

    type: str
    sender: str
    content: Any
    state_key: str | None = None
    #: The device that the sender's token belongs to; None for the bot's, which has none.
    sender_device: str | None = None


@dataclass(frozen=True)
class Situation:
    """What the policy knows of the room an event goes to."""

    #: The Hearth bot's user id.
    bot: str
    #: One of :data:`rooms.ALL`; None when the room is none of ours.
    room_type: str | None
    #: Who made the room.
    creator: str | None = None
    #: ``users`` of the room's power levels: the powers that are listed. A creator's power is infinite since room
    #: version 12 and never listed, and so it does not count here.
    powers: Mapping[str, Any] = field(default_factory=dict)
    #: Whether power levels have been written: creation is over then.
    settled: bool = True
    #: The ids of the events that make up the room's state now.
    state_event_ids: frozenset[str] = frozenset()

    def is_admin(self, user: str) -> bool:
        power = self.powers.get(user)
        return isinstance(power, int) and not isinstance(power, bool) and power >= ADMIN_POWER


class Place(Enum):
    """Where an event of a type may stand."""

    TIMELINE = "timeline"
    ROOM_STATE = 'state with the key ""'
    OWN_STATE = "state with the sender's user id as its key"
    ANY_STATE = "state with any key"


class Writer(Enum):
    """Who may write it, besides what the room's power levels say."""

    MEMBER = "any member"
    BOT = "the bot"
    #: The bot; and the creator, as long as the room is being made.
    TEMPLATE = "the template"


@dataclass(frozen=True)
class Rule:
    place: Place
    writer: Writer
    content: Check
    #: At most this many bytes of canonical JSON, where the shape doesn't say it.
    limit: int | None = None


def _timeline(content: Check, writer: Writer = Writer.MEMBER, limit: int | None = None) -> Rule:
    return Rule(Place.TIMELINE, writer, content, limit)


def _template(content: Check) -> Rule:
    return Rule(Place.ROOM_STATE, Writer.TEMPLATE, content)


_CLOSED_DOORS = {
    "m.room.guest_access": _template(shapes.guest_access),
    "m.room.history_visibility": _template(shapes.history_visibility),
    "m.room.join_rules": _template(shapes.join_rules),
    "org.matrix.dummy_event": _timeline(shapes.dummy),
}

_SENSITIVE = {
    **_CLOSED_DOORS,
    "m.room.encryption": _template(shapes.encryption),
    "m.room.power_levels": _template(shapes.power_levels),
    "m.room.retention": _template(shapes.retention),
    "m.room.encrypted": _timeline(shapes.encrypted),
    "m.room.redaction": _timeline(shapes.redaction),
    "org.hearth.lifecycle": Rule(Place.ROOM_STATE, Writer.MEMBER, shapes.lifecycle),
}

_PLACES = {"timeline": Place.TIMELINE, "own state": Place.OWN_STATE, "any state": Place.ANY_STATE}
_WRITERS = {"bot": Writer.BOT, "self": Writer.MEMBER}


def _defined(rows: Sequence[org_rooms.Row]) -> Mapping[str, Rule]:
    return {row.type: Rule(_PLACES[row.place], _WRITERS[row.writer], is_object, row.limit) for row in rows}


#: The types of Hearth's own that the server may read. Whatever else a room takes stands in this file.
_DEFINED = org_rooms.load()

#: The rooms that the bot keeps: it alone shapes them, and it alone redacts there, so that what was asked and
#: done stays on record.
_BOT_ROOM = {
    **_CLOSED_DOORS,
    "m.room.power_levels": _template(is_object),
    "m.room.redaction": _timeline(shapes.redaction, Writer.BOT),
}

_ORG = {**_defined(_DEFINED[rooms.ORG]), **_BOT_ROOM}

_ADMIN = {
    **_defined(_DEFINED[rooms.ADMIN]),
    **_BOT_ROOM,
    "m.room.message": _timeline(shapes.admin_text),
}

_ONBOARDING = {
    **_defined(_DEFINED[rooms.ONBOARDING]),
    **_CLOSED_DOORS,
    "m.room.power_levels": _template(shapes.power_levels),
}

TABLES: Mapping[str, Mapping[str, Rule]] = {
    **{kind: _SENSITIVE for kind in rooms.SENSITIVE},
    rooms.ORG: _ORG,
    rooms.ADMIN: _ADMIN,
    rooms.ONBOARDING: _ONBOARDING,
}

_ONLY_ENCRYPTED = Refusal(
    PLAINTEXT_REFUSED,
    "This room only takes encrypted messages, so nothing was sent. "
    "Reload the page to get the newest version of the app, then send it again.",
)
_CARRIES_MORE = Refusal(
    BAD_SHAPE,
    "Nothing was sent, because it carried something besides its encrypted content. "
    "Reload the page to get the newest version of the app, then send it again.",
)
_WRONG_SHAPE = Refusal(
    BAD_SHAPE,
    "The server does not understand this change, so it was not made. "
    "Reload the page to get the newest version of the app, then try again.",
)
_NO_REASON = Refusal(
    BAD_SHAPE, "The server does not take a reason or a note with this. Leave the text out, and try again."
)
_NOT_HERE = Refusal(NOT_HERE, "This room does not take this kind of message or change. Nothing was sent.")
_NOT_OURS = Refusal(NOT_HERE, "This is not one of the rooms that Hearth looks after. You can only leave it.")
_BOT_WRITES = Refusal(NOT_YOURS, "Only the Hearth bot can change this. Ask it by a command, or ask an admin.")
_OWNER_WRITES = Refusal(NOT_YOURS, "Only the person whose profile or duty this is can change it.")
_NOT_INVITER = Refusal(NOT_YOURS, "Only the Hearth bot invites people to this room. Ask an admin to add them.")
_NOT_REMOVER = Refusal(NOT_YOURS, "Only an admin can remove somebody from this room. Ask one.")


def decide(event: Event, situation: Situation) -> Refusal | None:
    """Say whether an event may be sent: None, or why not.

    What depends on the room's power levels alone (who may invite, who may open and close) stays with Synapse.
    """
    if event.type == "m.room.create" and event.state_key == "":
        return templates.check_create_event(event.content, event.sender, situation.bot)
    if event.type == "m.room.member" and event.state_key is not None:
        return _membership(event, situation)
    if situation.room_type is None:
        return _NOT_OURS
    rule = TABLES[situation.room_type].get(event.type)
    sensitive = situation.room_type in rooms.SENSITIVE
    if rule is None or not _stands_right(event, rule.place):
        if rule is not None and rule.place is Place.OWN_STATE and event.state_key is not None:
            return _OWNER_WRITES
        return _ONLY_ENCRYPTED if sensitive else _NOT_HERE
    return _writer(event, situation, rule.writer) or _content(event, situation, rule)


def _stands_right(event: Event, place: Place) -> bool:
    if place is Place.TIMELINE:
        return event.state_key is None
    if place is Place.ROOM_STATE:
        return event.state_key == ""
    if place is Place.OWN_STATE:
        return event.state_key == event.sender
    return event.state_key is not None


def _writer(event: Event, situation: Situation, writer: Writer) -> Refusal | None:
    if writer is Writer.MEMBER or event.sender == situation.bot:
        return None
    if writer is Writer.TEMPLATE and not situation.settled and event.sender == situation.creator:
        return None
    return _BOT_WRITES


def _content(event: Event, situation: Situation, rule: Rule) -> Refusal | None:
    if rule.limit is not None and not shapes.at_most(rule.limit)(event.content):
        return Refusal(TOO_LARGE, f"This is too long: at most {rule.limit // 1024} kB fit. Shorten it, and try again.")
    if event.sender == situation.bot and event.type == "m.room.message":
        return None if shapes.bot_notice(event.content) else _WRONG_SHAPE
    if not rule.content(event.content):
        return _bad_content(event, situation)
    if event.type == "m.room.encrypted":
        # A device's id may be chosen by its owner, so it must be the one that the token belongs to.
        if event.sender_device is not None and event.content["device_id"] != event.sender_device:
            return _CARRIES_MORE
    if event.type == "m.room.redaction" and event.sender != situation.bot:
        # A creator's infinite power would take the encryption or the retention off a room.
        if event.content["redacts"] in situation.state_event_ids:
            return _BOT_WRITES
    if event.type == "m.room.power_levels" and event.sender != situation.bot:
        if situation.room_type not in rooms.MADE_BY_BOT and not shapes.new_power_levels(event.content):
            return _WRONG_SHAPE
    return None


def _bad_content(event: Event, situation: Situation) -> Refusal:
    if event.type == "m.room.redaction" and is_object(event.content) and "reason" in event.content:
        return _NO_REASON
    if event.type == "m.room.encrypted":
        return _CARRIES_MORE
    return _WRONG_SHAPE


def _membership(event: Event, situation: Situation) -> Refusal | None:
    leaving = shapes.departing(event.content)
    if not leaving and not shapes.arriving(event.content):
        return _NO_REASON if is_object(event.content) and "reason" in event.content else _WRONG_SHAPE
    if not shapes.user_id(event.state_key):
        return _WRONG_SHAPE
    by_themselves = event.sender == event.state_key
    by_bot = event.sender == situation.bot
    if leaving:
        itself = by_themselves and event.content["membership"] == "leave"
        return None if itself or by_bot or situation.is_admin(event.sender) else _NOT_REMOVER
    if situation.room_type is None:
        return _NOT_OURS
    if event.content["membership"] == "join" or by_bot:
        return None
    if situation.room_type == rooms.ONBOARDING:
        return None if event.state_key == situation.bot else _NOT_INVITER
    return _NOT_INVITER if situation.room_type in rooms.MADE_BY_BOT else None
