"""A key more than the shape has, anywhere in a valid event, and the event is refused."""

import copy
import random
import string
import unittest
from collections.abc import Iterator
from typing import Any

from hearth_policy import rooms
from hearth_policy.rules import decide
from hearth_policy.templates import check_create_request

from . import samples
from .samples import ADMIN, BOT, EVENT_ID, OTHER, STAFF

VALID: list[tuple[str, str | None, Any, str]] = [
    ("m.room.encrypted", None, {**samples.encrypted(), "m.relates_to": samples.thread_relation()}, STAFF),
    ("m.room.redaction", None, {"redacts": EVENT_ID}, STAFF),
    ("org.hearth.lifecycle", "", {"state": "open", "at": 1}, STAFF),
    ("org.matrix.dummy_event", None, {}, STAFF),
    ("m.room.member", STAFF, {"membership": "join", "displayname": "Sam"}, STAFF),
    ("m.room.member", OTHER, {"membership": "invite"}, STAFF),
    ("m.room.member", OTHER, {"membership": "leave"}, ADMIN),
    ("m.room.member", OTHER, {"membership": "ban"}, ADMIN),
    ("m.room.power_levels", "", samples.power_levels({ADMIN: 50}), BOT),
    ("m.room.retention", "", {"max_lifetime": 86_400_000}, BOT),
    ("m.room.encryption", "", {"algorithm": "m.megolm.v1.aes-sha2"}, BOT),
    ("m.room.join_rules", "", {"join_rule": "invite"}, BOT),
    ("m.room.guest_access", "", {"guest_access": "forbidden"}, BOT),
    ("m.room.history_visibility", "", {"history_visibility": "shared"}, BOT),
]

COMMON_KEYS = ["body", "reason", "name", "topic", "note", "key", "type", "url", "m.mentions", "m.new_content", "info", ""]
VALUES: list[Any] = ["text", "", 0, 1, True, None, [], {}, ["text"], {"body": "text"}]


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a JSON value, the outermost first."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


class Mutations(unittest.TestCase):
    def setUp(self) -> None:
        # A fixed seed: a failure must come back.
        self.dice = random.Random(20)

    def key(self) -> str:
        if self.dice.random() < 0.5:
            return self.dice.choice(COMMON_KEYS)
        return "".join(self.dice.choices(string.ascii_lowercase + "._", k=self.dice.randint(1, 20)))

    def test_a_valid_event_is_valid(self) -> None:
        for kind, key, content, sender in VALID:
            with self.subTest(kind=kind):
                seen = samples.event(kind, content, sender=sender, state_key=key)
                self.assertIsNone(decide(seen, samples.situation(rooms.REQUEST)))

    def test_any_extra_key_anywhere_is_refused(self) -> None:
        for kind, state_key, content, sender in VALID:
            for _ in range(400):
                spoiled = copy.deepcopy(content)
                target = self.dice.choice(list(objects(spoiled)))
                key, value = self.key(), self.dice.choice(VALUES)
                if key in target:
                    continue
                target[key] = value
                seen = samples.event(kind, spoiled, sender=sender, state_key=state_key)
                self.assertIsNotNone(decide(seen, samples.situation(rooms.REQUEST)), (kind, key, value))

    def test_any_key_less_is_refused_unless_it_was_optional(self) -> None:
        optional = {"m.relates_to", "m.in_reply_to", "is_falling_back", "displayname"}
        for kind, state_key, content, sender in VALID:
            for place, original in enumerate(objects(content)):
                for key in original:
                    if key in optional or key.startswith("@"):
                        continue
                    spoiled = copy.deepcopy(content)
                    del list(objects(spoiled))[place][key]
                    seen = samples.event(kind, spoiled, sender=sender, state_key=state_key)
                    self.assertIsNotNone(decide(seen, samples.situation(rooms.REQUEST)), (kind, key))

    def test_any_value_of_another_type_is_refused(self) -> None:
        for kind, state_key, content, sender in VALID:
            for place, original in enumerate(objects(content)):
                for key, value in original.items():
                    for other in (None, [], {}, [value], {"body": value}, 1.5, "a sentence of some length, with a comma"):
                        if key == "displayname" and isinstance(other, str):
                            continue
                        if (key, other) == ("users", {}):
                            continue
                        spoiled = copy.deepcopy(content)
                        list(objects(spoiled))[place][key] = other
                        seen = samples.event(kind, spoiled, sender=sender, state_key=state_key)
                        self.assertIsNotNone(decide(seen, samples.situation(rooms.REQUEST)), (kind, key, other))

    def test_any_extra_key_in_a_template_is_refused(self) -> None:
        for room in sorted(rooms.ALL):
            for _ in range(400):
                request = samples.create_request(room)
                if room in (rooms.ORG, rooms.ADMIN):
                    # The bot's own power levels are not held to a shape.
                    levels = request.pop("power_level_content_override")
                    target = self.dice.choice(list(objects(request)))
                    request["power_level_content_override"] = levels
                else:
                    target = self.dice.choice(list(objects(request)))
                key = self.key()
                if key in target:
                    continue
                target[key] = self.dice.choice(VALUES)
                self.assertIsNotNone(check_create_request(request, samples.maker(room), BOT), (room, key))

    def test_any_type_that_is_not_listed_is_refused(self) -> None:
        for room in sorted(rooms.ALL):
            for _ in range(200):
                kind = self.key()
                for state_key in (None, "", STAFF, "x"):
                    for sender in (STAFF, ADMIN, BOT):
                        seen = samples.event(kind, {"body": "x"}, sender=sender, state_key=state_key)
                        self.assertIsNotNone(decide(seen, samples.situation(room)), (room, kind))


if __name__ == "__main__":
    unittest.main()
