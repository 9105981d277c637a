"""The exact shapes in which rooms are made.

``protocol/src/rooms/template.ts`` builds these requests; an integration test holds the two against each other.
Whatever is not written here is refused: a name, a topic, an alias, a preset (which would bring state of its
own), a second creator, a third-party invite, a room version whose rules differ.
"""

from typing import Any

from . import rooms, shapes
from .checks import Check, exactly, is_array, is_object, literal, one_of
from .refusal import BAD_TEMPLATE, NOT_YOURS, Refusal

ROOM_VERSION = "12"

_CLOSED_DOORS = {
    "m.room.guest_access": shapes.guest_access,
    "m.room.history_visibility": shapes.history_visibility,
    "m.room.join_rules": shapes.join_rules,
}
_ENCRYPTED = {
    **_CLOSED_DOORS,
    "m.room.encryption": shapes.encryption,
    "m.room.retention": shapes.retention,
}

_WRONG_TEMPLATE = Refusal(
    BAD_TEMPLATE,
    "Rooms are made by the app in one fixed way, and this one differs from it. "
    "Reload the page to get the newest version of the app, then try again.",
)
_UNKNOWN_KIND = Refusal(
    BAD_TEMPLATE, "This server only has rooms for its teams' own work. Make the room from within the app."
)
_BOT_ONLY = Refusal(NOT_YOURS, "Only the Hearth bot makes this kind of room.")
_PEOPLE_ONLY = Refusal(NOT_YOURS, "The Hearth bot does not make this kind of room: a member's app does.")


def _creation_content(kind: str, bot: str, room_version: dict[str, Check]) -> Check:
    required: dict[str, Check] = {
        "type": literal(kind),
        "org.hearth.org_id": shapes.org_id,
        "m.federate": literal(False),
        **room_version,
    }
    if kind not in rooms.MADE_BY_BOT:
        required["additional_creators"] = literal([bot])
    return exactly(required)


def _maker(kind: str, creator: str, bot: str) -> Refusal | None:
    if kind in rooms.MADE_BY_BOT:
        return None if creator == bot else _BOT_ONLY
    return _PEOPLE_ONLY if creator == bot else None


def check_create_event(content: Any, creator: str, bot: str) -> Refusal | None:
    """Check the content of an ``m.room.create`` event, to which Synapse has added the room version.

    The request was looked at by :func:`check_create_request` already; but a room upgrade makes a create event
    without a request, and with it a room that a stranger shaped.
    """
    kind = rooms.room_type(content)
    if kind is None:
        return _UNKNOWN_KIND
    refusal = _maker(kind, creator, bot)
    if refusal is not None:
        return refusal
    check = _creation_content(kind, bot, {"room_version": literal(ROOM_VERSION)})
    return None if check(content) else _WRONG_TEMPLATE


def _state_is(initial_state: Any, expected: dict[str, Check]) -> bool:
    """Whether a list of state events has each of the expected types once, and no other."""
    if not is_array(initial_state):
        return False
    seen = set()
    for event in initial_state:
        if not is_object(event) or set(event) != {"type", "state_key", "content"} or event["state_key"] != "":
            return False
        kind = event["type"]
        if not isinstance(kind, str) or kind in seen or kind not in expected or not expected[kind](event["content"]):
            return False
        seen.add(kind)
    return seen == set(expected)


def _invites(kind: str, bot: str) -> Check:
    listed = shapes.list_of(shapes.user_id)
    if kind in rooms.MADE_BY_BOT:
        return listed
    if kind == rooms.ONBOARDING:
        return literal([bot])
    return lambda value: listed(value) and bot in value


def check_create_request(request: Any, creator: str, bot: str) -> Refusal | None:
    """Check the body of ``POST /createRoom``.

    :param request: the body, as Synapse parsed it and before it added anything
    :param creator: the user id of who asks
    :param bot: the user id of the Hearth bot
    """
    creation = request.get("creation_content") if is_object(request) else None
    kind = rooms.room_type(creation)
    if kind is None:
        return _UNKNOWN_KIND
    refusal = _maker(kind, creator, bot)
    if refusal is not None:
        return refusal
    sensitive = kind in rooms.SENSITIVE
    bots_own = kind in (rooms.ORG, rooms.ADMIN)
    check = exactly(
        {
            "room_version": literal(ROOM_VERSION),
            "visibility": one_of("private"),
            "creation_content": _creation_content(kind, bot, {}),
            "initial_state": lambda state: _state_is(state, _ENCRYPTED if sensitive else _CLOSED_DOORS),
            "power_level_content_override": is_object if bots_own else shapes.new_power_levels,
            "invite": _invites(kind, bot),
        }
    )
    return None if check(request) else _WRONG_TEMPLATE
