"""Rooms are made from one exact template each, by those who make that kind of room."""

import unittest
from typing import Any

from hearth_policy import rooms
from hearth_policy.refusal import BAD_TEMPLATE, NOT_YOURS
from hearth_policy.rules import decide
from hearth_policy.templates import check_create_event, check_create_request

from . import samples
from .samples import ADMIN, BOT, CREATOR, OTHER, STAFF, create_request, creation_content

SECRET = "the caller is in the yellow house"


def state_of(request: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(event for event in request["initial_state"] if event["type"] == kind)


def spoil(request: dict[str, Any], row: dict[str, Any]) -> None:
    """Make the change that a row of spoiled_templates.json describes."""
    if "state" in row:
        state_of(request, row["state"])["content"] = row["content"]
    elif "dropState" in row:
        request["initial_state"].remove(state_of(request, row["dropState"]))
    else:
        verb = next(verb for verb in ("set", "drop", "append") if verb in row)
        *way, last = row[verb]
        target: Any = request
        for step in way:
            target = target[step]
        if verb == "set":
            target[last] = row["value"]
        elif verb == "drop":
            del target[last]
        else:
            target[last].append(row["value"])


TABLE = samples.filled("spoiled_templates.json", secret=SECRET)

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
            for row in TABLE["any"] + (TABLE["sensitive"] if kind in rooms.SENSITIVE else []):
                with self.subTest(kind=kind, spoiled=row["what"]):
                    request = create_request(kind)
                    spoil(request, row)
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
            request["initial_state"].append(samples.state("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}))
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
