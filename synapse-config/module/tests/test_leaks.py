"""[P1] The server takes no plaintext in a sensitive room, whoever sends it: a table of ways to try."""

import unittest
from typing import Any

from hearth_policy.refusal import BAD_SHAPE, NOT_HERE, NOT_YOURS, PLAINTEXT_REFUSED
from hearth_policy.rules import decide

from . import samples
from .samples import BOT, EVENT_ID, OTHER, SENDERS, SENSITIVE, STAFF, encrypted

SECRET = "the caller is in the yellow house"


def table() -> list[tuple[str, str, str | None, Any]]:
    """The rows of leaks.json: what it is, its type, its state key (None: timeline), its content."""
    rows = samples.filled("leaks.json", secret=SECRET)
    return [(row["what"], row["type"], row.get("stateKey"), row["content"]) for row in rows]


LEAKS = table()

CODES = {PLAINTEXT_REFUSED, BAD_SHAPE, NOT_YOURS, "ORG.HEARTH.BAD_TEMPLATE"}


class Leaks(unittest.TestCase):
    def test_every_leak_is_refused_in_every_sensitive_room_as_everybody(self) -> None:
        self.assertGreater(len(LEAKS), 90)
        for room in SENSITIVE:
            for who, sender in SENDERS.items():
                for what, kind, key, content in LEAKS:
                    with self.subTest(room=room, sender=who, leak=what):
                        refusal = decide(
                            samples.event(kind, content, sender=sender, state_key=key), samples.situation(room)
                        )
                        self.assertIsNotNone(refusal)
                        assert refusal is not None
                        self.assertIn(refusal.errcode, CODES)
                        self.assertGreater(len(refusal.sentence), 20)
                        self.assertNotIn(SECRET, refusal.sentence)

    def test_the_template_window_lets_none_of_them_through_either(self) -> None:
        for room in SENSITIVE:
            for what, kind, key, content in LEAKS:
                with self.subTest(room=room, leak=what):
                    seen = samples.event(kind, content, sender=samples.maker(room), state_key=key)
                    self.assertIsNotNone(decide(seen, samples.situation(room, settled=False)))

    def test_plain_text_is_told_from_a_wrong_shape(self) -> None:
        room = samples.situation("org.hearth.request")
        message = decide(samples.event("m.room.message", {"msgtype": "m.text", "body": SECRET}), room)
        extra = decide(samples.event("m.room.encrypted", {**encrypted(), "body": SECRET}), room)
        reason = decide(samples.event("m.room.redaction", {"redacts": EVENT_ID, "reason": SECRET}), room)
        assert message and extra and reason
        self.assertEqual(message.errcode, PLAINTEXT_REFUSED)
        self.assertEqual(extra.errcode, BAD_SHAPE)
        self.assertIn("reason", reason.sentence)

    def test_another_device_than_the_tokens_own_is_refused(self) -> None:
        seen = samples.event("m.room.encrypted", encrypted(), device="ZZZZZZZZZZ")
        self.assertIsNotNone(decide(seen, samples.situation("org.hearth.request")))

    def test_a_room_of_no_kind_takes_nothing_and_can_be_left(self) -> None:
        room = samples.situation(None)
        for sender in SENDERS.values():
            for kind, key, content in [
                ("m.room.message", None, {"msgtype": "m.text", "body": SECRET}),
                ("m.room.encrypted", None, encrypted()),
                ("m.room.name", "", {"name": SECRET}),
                ("m.room.member", OTHER, {"membership": "invite"}),
            ]:
                with self.subTest(sender=sender, kind=kind):
                    refusal = decide(samples.event(kind, content, sender=sender, state_key=key), room)
                    assert refusal
                    self.assertEqual(refusal.errcode, NOT_HERE)
        leave = samples.event("m.room.member", {"membership": "leave"}, state_key=STAFF)
        self.assertIsNone(decide(leave, room))
        self.assertIsNone(decide(samples.event("m.room.member", {"membership": "leave"}, sender=BOT, state_key=BOT), room))


if __name__ == "__main__":
    unittest.main()
