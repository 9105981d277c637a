"""Rooms are made from one exact template each, by those who make that kind of room."""

import unittest
from collections.abc import Callable
from typing import Any

from hearth_policy import rooms
from hearth_policy.refusal import BAD_TEMPLATE, NOT_YOURS
from hearth_policy.rules import decide
from hearth_policy.templates import check_create_event, check_create_request

from . import samples
from .samples import ADMIN, BOT, CREATOR, OTHER, STAFF, create_request, creation_content

SECRET = "the caller is in the yellow house"


def put(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """A change that sets what a path like ``creation_content/m.federate`` leads to."""

    def change(request: dict[str, Any]) -> None:
        *way, last = path.split("/")
        target: Any = request
        for step in way:
            target = target[step]
        target[last] = value

    return change


def drop(path: str) -> Callable[[dict[str, Any]], None]:
    def change(request: dict[str, Any]) -> None:
        *way, last = path.split("/")
        target: Any = request
        for step in way:
            target = target[step]
        del target[last]

    return change


def state_of(request: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(event for event in request["initial_state"] if event["type"] == kind)


def put_state(kind: str, content: Any) -> Callable[[dict[str, Any]], None]:
    return lambda request: state_of(request, kind).update(content=content)


def add_state(kind: str, content: Any, key: Any = "") -> Callable[[dict[str, Any]], None]:
    return lambda request: request["initial_state"].append({"type": kind, "state_key": key, "content": content})


def drop_state(kind: str) -> Callable[[dict[str, Any]], None]:
    return lambda request: request["initial_state"].remove(state_of(request, kind))


# Changes that make any template a wrong one.
SPOILED: list[tuple[str, Callable[[dict[str, Any]], None]]] = [
    ("a name", put("name", SECRET)),
    ("a topic", put("topic", SECRET)),
    ("an alias", put("room_alias_name", "yellow-house")),
    ("a preset", put("preset", "private_chat")),
    ("the preset that makes everyone a creator", put("preset", "trusted_private_chat")),
    ("a direct mark", put("is_direct", True)),
    ("a direct mark that is false", put("is_direct", False)),
    ("an invite by e-mail", put("invite_3pid", [{"medium": "email", "address": SECRET}])),
    ("an empty list of invites by e-mail", put("invite_3pid", [])),
    ("a reason for the invites", put("uk.timedout.msc4491.invite_reason", SECRET)),
    ("a key of one's own", put("note", SECRET)),
    ("the public", put("visibility", "public")),
    ("no visibility", drop("visibility")),
    ("an older room version", put("room_version", "11")),
    ("a room version that is a number", put("room_version", 12)),
    ("no room version", drop("room_version")),
    ("no org", drop("creation_content/org.hearth.org_id")),
    ("an org that speaks", put("creation_content/org.hearth.org_id", SECRET)),
    ("an org with a line break", put("creation_content/org.hearth.org_id", "org\n")),
    ("an org's id too long", put("creation_content/org.hearth.org_id", "a" * 65)),
    ("federation", put("creation_content/m.federate", True)),
    ("federation that is zero", put("creation_content/m.federate", 0)),
    ("no word on federation", drop("creation_content/m.federate")),
    ("a note in the create event", put("creation_content/note", SECRET)),
    ("a predecessor", put("creation_content/predecessor", {"room_id": "!a", "event_id": "$b"})),
    ("a room version in the create event", put("creation_content/room_version", "12")),
    ("another creator", put("creation_content/additional_creators", [OTHER])),
    ("two creators", put("creation_content/additional_creators", [BOT, OTHER])),
    ("no other creators", put("creation_content/additional_creators", [])),
    ("another kind of room", put("creation_content/type", "m.space")),
    ("a kind that speaks", put("creation_content/type", SECRET)),
    ("no kind", drop("creation_content/type")),
    ("a kind that is no text", put("creation_content/type", {"body": SECRET})),
    ("no creation content", drop("creation_content")),
    ("creation content that is no object", put("creation_content", SECRET)),
    ("no initial state", drop("initial_state")),
    ("initial state that is no list", put("initial_state", {})),
    ("a name by state", add_state("m.room.name", {"name": SECRET})),
    ("a custom state", add_state("org.example.note", {"body": SECRET})),
    ("power levels by state", add_state("m.room.power_levels", samples.power_levels())),
    ("a create event by state", add_state("m.room.create", {"note": SECRET})),
    ("a member by state", add_state("m.room.member", {"membership": "ban"}, OTHER)),
    ("the same state twice", add_state("m.room.join_rules", {"join_rule": "invite"})),
    ("a door of another key", add_state("m.room.join_rules", {"join_rule": "invite"}, "x")),
    ("a state event that is no object", lambda request: request["initial_state"].append(SECRET)),
    ("a note beside a state event", lambda request: request["initial_state"][0].update(note=SECRET)),
    ("a state event without its key", lambda request: request["initial_state"][0].pop("state_key")),
    ("an open door", put_state("m.room.join_rules", {"join_rule": "public"})),
    ("no door", drop_state("m.room.join_rules")),
    ("guests", put_state("m.room.guest_access", {"guest_access": "can_join"})),
    ("no word on guests", drop_state("m.room.guest_access")),
    ("history for the world", put_state("m.room.history_visibility", {"history_visibility": "world_readable"})),
    ("a note on history", put_state("m.room.history_visibility", {"history_visibility": "shared", "note": SECRET})),
    ("no word on history", drop_state("m.room.history_visibility")),
    ("no power levels", drop("power_level_content_override")),
    ("power levels that are no object", put("power_level_content_override", SECRET)),
    ("no list of invites", drop("invite")),
    ("an invite to a sentence", lambda request: request["invite"].append(SECRET)),
    ("invites that are no list", put("invite", BOT)),
]

# More for the encrypted ones.
SPOILED_SENSITIVE: list[tuple[str, Callable[[dict[str, Any]], None]]] = [
    ("no encryption", drop_state("m.room.encryption")),
    ("another algorithm", put_state("m.room.encryption", {"algorithm": "m.none"})),
    ("a note on encryption", put_state("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2", "note": SECRET})),
    ("a rotation of one's own", put_state("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2", "rotation_period_ms": 1})),
    ("no retention", drop_state("m.room.retention")),
    ("retention for ever", put_state("m.room.retention", {"max_lifetime": 2**52})),
    ("retention of no time", put_state("m.room.retention", {"max_lifetime": 999})),
    ("retention with a minimum", put_state("m.room.retention", {"max_lifetime": 86_400_000, "min_lifetime": 1})),
    ("retention in text", put_state("m.room.retention", {"max_lifetime": "90 days"})),
    ("people in power levels", put("power_level_content_override/users", {ADMIN: 50})),
    ("type names in power levels", put(f"power_level_content_override/events/{SECRET}", 0)),
    ("anybody invites", put("power_level_content_override/invite", 0)),
    ("a key of one's own in power levels", put("power_level_content_override/note", SECRET)),
    ("half of the power levels", drop("power_level_content_override/kick")),
]

CLIENT_ROOMS = sorted(rooms.ALL - rooms.MADE_BY_BOT)


class CreateRequests(unittest.TestCase):
    def test_each_template_is_taken_from_its_maker(self) -> None:
        for kind in sorted(rooms.ALL):
            with self.subTest(kind=kind):
                self.assertIsNone(check_create_request(create_request(kind), samples.maker(kind), BOT))

    def test_only_the_bot_makes_the_rooms_it_keeps_and_only_people_the_others(self) -> None:
        for kind in sorted(rooms.ALL):
            for creator in (STAFF, ADMIN, BOT):
                if (creator == BOT) == (kind in rooms.MADE_BY_BOT):
                    continue
                with self.subTest(kind=kind, creator=creator):
                    refusal = check_create_request(create_request(kind), creator, BOT)
                    assert refusal
                    self.assertEqual(refusal.errcode, NOT_YOURS)

    def test_every_spoiled_template_is_refused(self) -> None:
        for kind in sorted(rooms.ALL):
            table = SPOILED + (SPOILED_SENSITIVE if kind in rooms.SENSITIVE else [])
            for what, spoil in table:
                if what == "an invite to a sentence" and kind == rooms.ONBOARDING:
                    continue
                with self.subTest(kind=kind, spoiled=what):
                    request = create_request(kind)
                    spoil(request)
                    refusal = check_create_request(request, samples.maker(kind), BOT)
                    assert refusal, "taken"
                    self.assertEqual(refusal.errcode, BAD_TEMPLATE)
                    self.assertNotIn(SECRET, refusal.sentence)

    def test_a_client_must_invite_the_bot_and_a_newcomer_nobody_else(self) -> None:
        for kind in CLIENT_ROOMS:
            request = create_request(kind)
            request["invite"] = [STAFF]
            self.assertIsNotNone(check_create_request(request, CREATOR, BOT))
        request = create_request(rooms.ONBOARDING)
        request["invite"].append(STAFF)
        self.assertIsNotNone(check_create_request(request, CREATOR, BOT))

    def test_an_unencrypted_room_is_never_asked_to_be_encrypted(self) -> None:
        for kind in (rooms.ORG, rooms.ADMIN, rooms.ONBOARDING):
            request = create_request(kind)
            add_state("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})(request)
            self.assertIsNotNone(check_create_request(request, samples.maker(kind), BOT))

    def test_what_is_no_request_is_refused(self) -> None:
        for request in ({}, [], None, "room", {"creation_content": []}):
            self.assertIsNotNone(check_create_request(request, CREATOR, BOT))


class CreateEvents(unittest.TestCase):
    """The create event is checked again by itself: an upgrade makes one without a request."""

    def test_what_synapse_makes_of_the_template_is_taken(self) -> None:
        for kind in sorted(rooms.ALL):
            content = {**creation_content(kind), "room_version": "12"}
            seen = samples.event("m.room.create", content, sender=samples.maker(kind), state_key="")
            with self.subTest(kind=kind):
                self.assertIsNone(decide(seen, samples.situation(None)))

    def test_an_upgraded_room_is_refused(self) -> None:
        for kind in sorted(rooms.ALL):
            upgraded = {
                "type": kind,
                "org.hearth.org_id": samples.ORG_ID,
                "m.federate": False,
                "room_version": "12",
                "predecessor": {"room_id": "!old"},
            }
            for creator in (CREATOR, ADMIN, BOT):
                with self.subTest(kind=kind, creator=creator):
                    self.assertIsNotNone(check_create_event(upgraded, creator, BOT))

    def test_another_version_or_creator_is_refused(self) -> None:
        content = {**creation_content(rooms.REQUEST), "room_version": "12"}
        self.assertIsNotNone(check_create_event({**content, "room_version": "11"}, CREATOR, BOT))
        self.assertIsNotNone(check_create_event({**content, "additional_creators": [OTHER]}, CREATOR, BOT))
        self.assertIsNotNone(check_create_event(content, BOT, BOT))
        self.assertIsNotNone(check_create_event({"room_version": "12"}, CREATOR, BOT))
        self.assertIsNotNone(check_create_event({"room_version": "12"}, BOT, BOT))


if __name__ == "__main__":
    unittest.main()
