"""Rooms, people and valid events for the tests. Each call gives a fresh copy that a test may spoil."""

import base64
import json
from pathlib import Path
from typing import Any

from hearth_policy import rooms
from hearth_policy.rules import Event, Situation

SERVER = "hearth.test"
BOT = f"@hearth-bot:{SERVER}"
CREATOR = f"@creator:{SERVER}"
STAFF = f"@staff:{SERVER}"
ADMIN = f"@admin:{SERVER}"
OTHER = f"@other:{SERVER}"

#: Every leak is tried as each of these; the appservice acts as the bot.
SENDERS = {"staff": STAFF, "admin": ADMIN, "appservice": BOT, "the room's creator": CREATOR}

EVENT_ID = "$" + "a" * 43
OTHER_EVENT_ID = "$" + "b" * 43
STATE_EVENT_ID = "$" + "s" * 43
DEVICE = "ABCDEFGHIJ"

ORG_ID = "org-1"
SENSITIVE = sorted(rooms.SENSITIVE)


def unpadded(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def megolm(blocks: int = 2, index: bytes = b"\x00", tail: bytes = b"") -> str:
    """A well-formed Megolm message: version, index, ciphertext, MAC, signature (here all alike)."""
    length = 16 * blocks
    assert length < 128
    return unpadded(b"\x03\x08" + index + b"\x12" + bytes([length]) + b"c" * length + b"m" * 8 + b"s" * 64 + tail)


def filled(file: str, *, secret: str) -> Any:
    """A table of this folder with its {placeholders} filled in.

    The integration test against a real Synapse reads the same files and fills in real people and events.
    """
    words = {
        "secret": secret,
        "secretBase64": unpadded(secret.encode()),
        "alias": "yellow-house",
        "megolm": megolm(),
        "event": EVENT_ID,
        "otherEvent": OTHER_EVENT_ID,
        "device": DEVICE,
        "bot": BOT,
        "staff": STAFF,
        "admin": ADMIN,
        "other": OTHER,
        "server": SERVER,
        "org": ORG_ID,
    }

    def fill(value: Any) -> Any:
        if isinstance(value, str):
            for name, word in words.items():
                value = value.replace("{" + name + "}", word)
            return value
        if isinstance(value, dict):
            return {fill(key): fill(inner) for key, inner in value.items()}
        return [fill(inner) for inner in value] if isinstance(value, list) else value

    return fill(json.loads(Path(__file__).with_name(file).read_text("utf-8")))


def encrypted() -> dict[str, Any]:
    return {
        "algorithm": "m.megolm.v1.aes-sha2",
        "ciphertext": megolm(),
        "session_id": "A" * 43,
        "sender_key": "B" * 43,
        "device_id": DEVICE,
    }


def thread_relation() -> dict[str, Any]:
    return {
        "rel_type": "m.thread",
        "event_id": EVENT_ID,
        "m.in_reply_to": {"event_id": OTHER_EVENT_ID},
        "is_falling_back": True,
    }


def power_levels(users: dict[str, int] | None = None) -> dict[str, Any]:
    return {
        "users": users or {},
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


def creation_content(kind: str) -> dict[str, Any]:
    content: dict[str, Any] = {"type": kind, "org.hearth.org_id": ORG_ID, "m.federate": False}
    if kind not in rooms.MADE_BY_BOT:
        content["additional_creators"] = [BOT]
    return content


def state(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "state_key": "", "content": content}


def create_request(kind: str) -> dict[str, Any]:
    initial = [
        state("m.room.guest_access", {"guest_access": "forbidden"}),
        state("m.room.history_visibility", {"history_visibility": "shared"}),
        state("m.room.join_rules", {"join_rule": "invite"}),
    ]
    if kind in rooms.SENSITIVE:
        initial.append(state("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}))
        initial.append(state("m.room.retention", {"max_lifetime": 7_776_000_000}))
    invite = [] if kind in rooms.MADE_BY_BOT else [BOT]
    if kind in rooms.SENSITIVE and invite:
        invite.append(STAFF)
    return {
        "room_version": "12",
        "visibility": "private",
        "creation_content": creation_content(kind),
        "initial_state": initial,
        "power_level_content_override": power_levels(),
        "invite": invite,
    }


def maker(kind: str) -> str:
    return BOT if kind in rooms.MADE_BY_BOT else CREATOR


def situation(kind: str | None, *, settled: bool = True) -> Situation:
    """A room of a kind, after its creation unless told otherwise, with one admin in its power levels."""
    return Situation(
        bot=BOT,
        room_type=kind,
        creator=maker(kind) if kind else OTHER,
        powers={ADMIN: 50, STAFF: 25} if settled else {},
        settled=settled,
        state_event_ids=frozenset({STATE_EVENT_ID}),
    )


def event(
    kind: str, content: Any, *, sender: str = STAFF, state_key: str | None = None, device: str | None = DEVICE
) -> Event:
    return Event(
        type=kind,
        sender=sender,
        content=content,
        state_key=state_key,
        sender_device=None if sender == BOT else device,
    )
