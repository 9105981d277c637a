"""[P1] The server takes no plaintext in a sensitive room, whoever sends it: a table of ways to try."""

import unittest
from typing import Any

from hearth_policy.refusal import BAD_SHAPE, NOT_HERE, NOT_YOURS, PLAINTEXT_REFUSED
from hearth_policy.rules import decide

from . import samples
from .samples import ADMIN, BOT, EVENT_ID, OTHER, SENDERS, SENSITIVE, STAFF, encrypted, power_levels

SECRET = "the caller is in the yellow house"
ENCODED = samples.unpadded(SECRET.encode())


def but(content: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A copy with some keys changed; a value of ``None`` takes a key away."""
    merged = {**content, **changes}
    return {key: value for key, value in merged.items() if value is not None}


def related(relation: Any) -> dict[str, Any]:
    return {**encrypted(), "m.relates_to": relation}


# What it is, its type, its state key (None: timeline), its content. All of them are refused for every sender.
LEAKS: list[tuple[str, str, str | None, Any]] = [
    ("a message", "m.room.message", None, {"msgtype": "m.text", "body": SECRET}),
    ("a notice", "m.room.message", None, {"msgtype": "m.notice", "body": SECRET}),
    ("a picture", "m.room.message", None, {"msgtype": "m.image", "body": SECRET, "url": "mxc://a/b"}),
    ("a sticker", "m.sticker", None, {"body": SECRET}),
    ("a reaction", "m.reaction", None, {"m.relates_to": {"rel_type": "m.annotation", "event_id": EVENT_ID, "key": SECRET}}),
    ("a poll", "m.poll.start", None, {"m.text": SECRET}),
    ("a call", "m.call.invite", None, {"call_id": SECRET, "version": "1"}),
    ("an event type of one's own", "org.example.note", None, {"body": SECRET}),
    ("a type that is a sentence", SECRET, None, {}),
    ("a command in the wrong room", "org.hearth.command", None, {"name": SECRET}),
    ("a result in the wrong room", "org.hearth.result", None, {"message": SECRET}),
    ("a beacon", "m.beacon", None, {"m.location": {"uri": "geo:1,2"}}),
    # m.room.encrypted
    ("encrypted without ciphertext", "m.room.encrypted", None, but(encrypted(), ciphertext=None)),
    ("encrypted with a body", "m.room.encrypted", None, but(encrypted(), body=SECRET)),
    ("encrypted with a msgtype", "m.room.encrypted", None, but(encrypted(), msgtype="m.text")),
    ("encrypted with mentions", "m.room.encrypted", None, {**encrypted(), "m.mentions": {"user_ids": [STAFF]}}),
    ("encrypted with plain ciphertext", "m.room.encrypted", None, but(encrypted(), ciphertext=SECRET)),
    ("encrypted with encoded text", "m.room.encrypted", None, but(encrypted(), ciphertext=ENCODED)),
    ("ciphertext with padding", "m.room.encrypted", None, but(encrypted(), ciphertext=samples.megolm() + "=")),
    ("ciphertext with a tail", "m.room.encrypted", None, but(encrypted(), ciphertext=samples.megolm(tail=b"house"))),
    ("ciphertext with a line break", "m.room.encrypted", None, but(encrypted(), ciphertext=samples.megolm() + "\n")),
    ("empty ciphertext", "m.room.encrypted", None, but(encrypted(), ciphertext="")),
    ("ciphertext that is an object", "m.room.encrypted", None, but(encrypted(), ciphertext={"body": SECRET})),
    ("an Olm message", "m.room.encrypted", None, but(encrypted(), algorithm="m.olm.v1.curve25519-aes-sha2")),
    ("an algorithm of one's own", "m.room.encrypted", None, but(encrypted(), algorithm=SECRET)),
    ("a session id that speaks", "m.room.encrypted", None, but(encrypted(), session_id=SECRET)),
    ("a sender key that speaks", "m.room.encrypted", None, but(encrypted(), sender_key=SECRET)),
    ("a device id that speaks", "m.room.encrypted", None, but(encrypted(), device_id=SECRET)),
    ("encrypted as state", "m.room.encrypted", "", encrypted()),
    ("encrypted as state of one's own", "m.room.encrypted", STAFF, encrypted()),
    ("encrypted, an empty object", "m.room.encrypted", None, {}),
    ("a relation with a key", "m.room.encrypted", None, related({"rel_type": "m.reference", "event_id": EVENT_ID, "key": SECRET})),
    ("a relation type that speaks", "m.room.encrypted", None, related({"rel_type": SECRET, "event_id": EVENT_ID})),
    ("an annotation", "m.room.encrypted", None, related({"rel_type": "m.annotation", "event_id": EVENT_ID})),
    ("a relation to a sentence", "m.room.encrypted", None, related({"rel_type": "m.reference", "event_id": SECRET})),
    ("a relation without an event", "m.room.encrypted", None, related({"rel_type": "m.reference"})),
    ("an event without a relation", "m.room.encrypted", None, related({"event_id": EVENT_ID})),
    ("an empty relation", "m.room.encrypted", None, related({})),
    ("a relation that is a sentence", "m.room.encrypted", None, related(SECRET)),
    ("a reply with a body", "m.room.encrypted", None, related({"m.in_reply_to": {"event_id": EVENT_ID, "body": SECRET}})),
    ("a reply to a sentence", "m.room.encrypted", None, related({"m.in_reply_to": {"event_id": SECRET}})),
    ("a fallback that speaks", "m.room.encrypted", None, related({**samples.thread_relation(), "is_falling_back": SECRET})),
    # redactions
    ("a redaction's reason", "m.room.redaction", None, {"redacts": EVENT_ID, "reason": SECRET}),
    ("a redaction of a sentence", "m.room.redaction", None, {"redacts": SECRET}),
    ("a redaction of nothing", "m.room.redaction", None, {}),
    ("a redaction as state", "m.room.redaction", "", {"redacts": EVENT_ID}),
    # members
    ("the reason of a removal", "m.room.member", OTHER, {"membership": "leave", "reason": SECRET}),
    ("the reason of a ban", "m.room.member", OTHER, {"membership": "ban", "reason": SECRET}),
    ("the reason of an invite", "m.room.member", OTHER, {"membership": "invite", "reason": SECRET}),
    ("an avatar", "m.room.member", OTHER, {"membership": "invite", "avatar_url": "mxc://a/" + SECRET}),
    ("a field of one's own in a member", "m.room.member", OTHER, {"membership": "invite", "note": SECRET}),
    ("a name for somebody who leaves", "m.room.member", OTHER, {"membership": "leave", "displayname": SECRET}),
    ("a direct mark", "m.room.member", OTHER, {"membership": "invite", "is_direct": True}),
    ("a membership that speaks", "m.room.member", OTHER, {"membership": SECRET}),
    ("a knock", "m.room.member", OTHER, {"membership": "knock"}),
    ("a member without membership", "m.room.member", OTHER, {"displayname": SECRET}),
    ("a member in the timeline", "m.room.member", None, {"membership": "invite"}),
    ("a name that is an object", "m.room.member", OTHER, {"membership": "invite", "displayname": {"body": SECRET}}),
    ("an invite to a sentence", "m.room.member", f"@{SECRET}:hearth.test", {"membership": "invite"}),
    ("an invite by e-mail", "m.room.third_party_invite", "token", {"display_name": SECRET}),
    ("a member by e-mail", "m.room.member", OTHER, {"membership": "invite", "third_party_invite": {"display_name": SECRET}}),
    # state
    ("a name", "m.room.name", "", {"name": SECRET}),
    ("a topic", "m.room.topic", "", {"topic": SECRET}),
    ("an avatar of the room", "m.room.avatar", "", {"url": "mxc://a/b", "info": {"note": SECRET}}),
    ("an alias", "m.room.canonical_alias", "", {"alias": "#yellow-house:hearth.test"}),
    ("old aliases", "m.room.aliases", "hearth.test", {"aliases": ["#yellow-house:hearth.test"]}),
    ("pinned events", "m.room.pinned_events", "", {"pinned": [SECRET]}),
    ("a widget", "im.vector.modular.widgets", "w", {"name": SECRET, "url": "https://example.org"}),
    ("a standard widget", "m.widget", "w", {"name": SECRET}),
    ("an access list of servers", "m.room.server_acl", "", {"allow": ["*"], "deny": [SECRET]}),
    ("a child of a space", "m.space.child", "!room:hearth.test", {"via": [SECRET]}),
    ("a parent space", "m.space.parent", "!room:hearth.test", {"via": [SECRET]}),
    ("a tombstone", "m.room.tombstone", "", {"body": SECRET, "replacement_room": "!room:hearth.test"}),
    ("a policy rule", "m.policy.rule.user", "r", {"entity": STAFF, "reason": SECRET, "recommendation": "m.ban"}),
    ("a call's members", "m.call.member", STAFF, {"memberships": [SECRET]}),
    ("a state type of one's own", "org.example.note", "", {"body": SECRET}),
    ("a state key of one's own", "org.hearth.lifecycle", SECRET, {"state": "open", "at": 1}),
    ("a lifecycle in the timeline", "org.hearth.lifecycle", None, {"state": "open", "at": 1}),
    ("a lifecycle with a note", "org.hearth.lifecycle", "", {"state": "open", "at": 1, "note": SECRET}),
    ("a lifecycle that speaks", "org.hearth.lifecycle", "", {"state": SECRET, "at": 1}),
    ("a lifecycle with half an instant", "org.hearth.lifecycle", "", {"state": "open", "at": 1.5}),
    ("a lifecycle that is true", "org.hearth.lifecycle", "", {"state": "open", "at": True}),
    ("a profile in a request", "org.hearth.profile", STAFF, {"display_name": SECRET}),
    ("history for the world", "m.room.history_visibility", "", {"history_visibility": "world_readable"}),
    ("history with a note", "m.room.history_visibility", "", {"history_visibility": "shared", "note": SECRET}),
    ("an open door", "m.room.join_rules", "", {"join_rule": "public"}),
    ("a door on a restricted list", "m.room.join_rules", "", {"join_rule": "restricted", "allow": [{"room_id": SECRET}]}),
    ("guests", "m.room.guest_access", "", {"guest_access": "can_join"}),
    ("another encryption", "m.room.encryption", "", {"algorithm": "m.none"}),
    ("no encryption", "m.room.encryption", "", {}),
    ("encryption with a note", "m.room.encryption", "", {"algorithm": "m.megolm.v1.aes-sha2", "note": SECRET}),
    ("retention with a note", "m.room.retention", "", {"max_lifetime": 86_400_000, "note": SECRET}),
    ("no retention", "m.room.retention", "", {}),
    ("retention for ever", "m.room.retention", "", {"max_lifetime": 2**52}),
    ("retention that is true", "m.room.retention", "", {"max_lifetime": True}),
    ("type names in power levels", "m.room.power_levels", "", {**power_levels(), "events": {**power_levels()["events"], SECRET: 0}}),
    ("people's names in power levels", "m.room.power_levels", "", power_levels({f"@{SECRET}:hearth.test": 50})),
    ("a note in power levels", "m.room.power_levels", "", {**power_levels(), "note": SECRET}),
    ("an odd power", "m.room.power_levels", "", power_levels({ADMIN: 51})),
    ("a power that is true", "m.room.power_levels", "", {**power_levels(), "users_default": False}),
    ("everyone may invite", "m.room.power_levels", "", {**power_levels(), "invite": 0}),
    ("half of the power levels", "m.room.power_levels", "", but(power_levels(), events=None)),
    ("power levels in the timeline", "m.room.power_levels", None, power_levels()),
    ("a second create event", "m.room.create", "", {"type": SECRET}),
    ("a create event with a note", "m.room.create", "", {**samples.creation_content("org.hearth.request"), "room_version": "12", "note": SECRET}),
    ("a create event with a key of one's own", "m.room.create", SECRET, {}),
    ("a create event in the timeline", "m.room.create", None, {"note": SECRET}),
    ("a tie of loose ends that speaks", "org.matrix.dummy_event", None, {"body": SECRET}),
]

CODES = {PLAINTEXT_REFUSED, BAD_SHAPE, NOT_YOURS, "ORG.HEARTH.BAD_TEMPLATE"}


class Leaks(unittest.TestCase):
    def test_every_leak_is_refused_in_every_sensitive_room_as_everybody(self) -> None:
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
