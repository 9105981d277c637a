"""The exact contents of the events that Hearth's rooms take.

What stands here is all that the server ever learns from a sensitive room besides who sent an event and when.
A key more is a place where a client's mistake, or a hostile client, could put what a caller said; so every
shape names all of its keys, and every string in it has a form that leaves no room for a sentence.
"""

import base64
import binascii
from typing import Any

from .checks import (
    MAX_INTEGER,
    Check,
    exactly,
    integer,
    is_array,
    is_boolean,
    is_object,
    literal,
    matching,
    one_of,
    size_of,
    text,
)

MEGOLM = "m.megolm.v1.aes-sha2"

#: Event ids since room version 4: a SHA-256 in base64url without padding.
event_id = matching(r"\$[A-Za-z0-9_-]{43}")
#: 32 bytes in base64 without padding: a Curve25519 key, a Megolm session id.
key_of_32_bytes = matching(r"[A-Za-z0-9+/]{43}")
user_id = matching(r"@[a-z0-9._=/+-]{1,200}:[A-Za-z0-9.:\[\]-]{1,200}")
device_id = matching(r"[A-Za-z0-9_-]{1,64}")
org_id = matching(r"[a-z0-9-]{1,64}")

_VERSION_3 = 0x03
_INDEX_FIELD = 0x08
_CIPHERTEXT_FIELD = 0x12
_AES_BLOCK = 16
_MAC_AND_SIGNATURE = 8 + 64


def _varint(data: bytes, at: int) -> tuple[int, int] | None:
    """Read a protobuf varint of at most 32 bits: its value and the offset behind it."""
    value = 0
    for count in range(5):
        if at + count >= len(data):
            return None
        byte = data[at + count]
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, at + count + 1
    return None


def megolm_message(value: Any) -> bool:
    """Whether a value is a Megolm message in base64 without padding.

    Base64 alone would let any text pass that somebody encoded by mistake, so the message's own frame is read
    too (Megolm specification, "Message format"): version 3, index, ciphertext in whole AES blocks, 8 bytes of
    MAC, 64 of signature, and nothing behind them. Whether the bytes inside are ciphertext nobody but a holder
    of the key can tell.
    """
    if not isinstance(value, str) or not value.isascii() or "=" in value:
        return False
    try:
        data = base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    if len(data) < 2 or data[0] != _VERSION_3 or data[1] != _INDEX_FIELD:
        return False
    index = _varint(data, 2)
    if index is None or index[1] >= len(data) or data[index[1]] != _CIPHERTEXT_FIELD:
        return False
    length = _varint(data, index[1] + 1)
    if length is None or length[0] == 0 or length[0] % _AES_BLOCK != 0:
        return False
    return len(data) == length[1] + length[0] + _MAC_AND_SIGNATURE


_relation_keys = exactly(
    {},
    {
        "rel_type": one_of("m.reference", "m.replace", "m.thread"),
        "event_id": event_id,
        "m.in_reply_to": exactly({"event_id": event_id}),
        "is_falling_back": is_boolean,
    },
)


def relation(value: Any) -> bool:
    """A relation that says which event and in what way, and nothing else (no key of a reaction)."""
    if not _relation_keys(value) or len(value) == 0:
        return False
    return ("rel_type" in value) == ("event_id" in value)


encrypted: Check = exactly(
    {
        "algorithm": literal(MEGOLM),
        "ciphertext": megolm_message,
        "session_id": key_of_32_bytes,
        "sender_key": key_of_32_bytes,
        "device_id": device_id,
    },
    {"m.relates_to": relation},
)

#: Since room version 11 the redacted event's id stands in the content. No reason: a reason is plaintext.
redaction: Check = exactly({"redacts": event_id})

lifecycle: Check = exactly({"state": one_of("open", "closed"), "at": integer(0, MAX_INTEGER)})

#: Synapse sends these by itself, in a member's name, to tie loose ends of a room together.
dummy: Check = exactly({})

#: What Synapse makes of a join or an invite: the membership, and the display name from the person's profile.
arriving: Check = exactly({"membership": one_of("join", "invite")}, {"displayname": text(256)})
#: Leaving, being removed or banned. No reason: a reason is plaintext.
departing: Check = exactly({"membership": one_of("leave", "ban")})

_TEN_YEARS_MS = 10 * 365 * 24 * 3600 * 1000
retention: Check = exactly({"max_lifetime": integer(1000, _TEN_YEARS_MS)})
encryption: Check = literal({"algorithm": MEGOLM})
guest_access: Check = literal({"guest_access": "forbidden"})
join_rules: Check = literal({"join_rule": "invite"})
history_visibility: Check = literal({"history_visibility": "shared"})

#: Power levels of rooms that clients make, and of the map. Nobody may name event types or people of their own.
_POWER_LEVELS = {
    "users_default": 0,
    "events_default": 0,
    "state_default": 100,
    "invite": 25,
    "kick": 50,
    "ban": 100,
    "redact": 50,
    "events": {
        "org.hearth.lifecycle": 25,
        "m.room.power_levels": 100,
        "m.room.retention": 100,
        "m.room.join_rules": 100,
        "m.room.history_visibility": 100,
        "m.room.encryption": 100,
        "m.room.guest_access": 100,
    },
    "notifications": {"room": 100},
}


def _users_with_power(value: Any) -> bool:
    return is_object(value) and all(
        user_id(user) and (literal(25)(power) or literal(50)(power)) for user, power in value.items()
    )


def _power_levels(users: Check) -> Check:
    return exactly(
        {"users": users, **{key: literal(value) for key, value in _POWER_LEVELS.items()}},
        # Synapse adds this one to the power levels of a new room.
        {"historical": literal(100)},
    )


#: As a client writes them when it makes the room: nobody is listed.
new_power_levels: Check = _power_levels(literal({}))
#: As the bot writes them later: admins at 50, people who may manage or close requests at 25.
power_levels: Check = _power_levels(_users_with_power)


def at_most(limit: int) -> Check:
    """An object of at most ``limit`` bytes of canonical JSON."""
    return lambda content: is_object(content) and size_of(content) <= limit


def list_of(check: Check) -> Check:
    return lambda value: is_array(value) and all(check(item) for item in value)


#: What an admin types in the admin room, and nothing around it (no formatted copy, no relation).
admin_text: Check = exactly({"msgtype": literal("m.text"), "body": text(16_000)}, {"m.mentions": literal({})})
#: What the bot answers there.
bot_notice: Check = lambda content: is_object(content) and content.get("msgtype") == "m.notice"
