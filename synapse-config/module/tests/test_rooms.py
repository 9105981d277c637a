"""What each kind of room does take, and from whom."""

import unittest
from typing import Any

from hearth_policy import rooms
from hearth_policy.refusal import NOT_HERE, NOT_YOURS, TOO_LARGE
from hearth_policy.rules import decide

from . import samples
from .samples import ADMIN, BOT, CREATOR, EVENT_ID, OTHER, SENDERS, SENSITIVE, STAFF, STATE_EVENT_ID, encrypted

TEMPLATE_STATE: list[tuple[str, Any]] = [
    ("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}),
    ("m.room.guest_access", {"guest_access": "forbidden"}),
    ("m.room.history_visibility", {"history_visibility": "shared"}),
    ("m.room.join_rules", {"join_rule": "invite"}),
    ("m.room.retention", {"max_lifetime": 86_400_000}),
    ("m.room.power_levels", samples.power_levels()),
]

BOT_STATE = ["policy", "role", "member", "attributes", "tags", "request_types", "invite", "wipe", "wipe_wish"]


class Rows(unittest.TestCase):
    """Helpers to say what is taken and what is refused with which code."""

    def taken(self, room: str, kind: str, content: Any, sender: str, key: str | None = None, **how: Any) -> None:
        with self.subTest(room=room, kind=kind, sender=sender, key=key):
            seen = samples.event(kind, content, sender=sender, state_key=key)
            self.assertIsNone(decide(seen, samples.situation(room, **how)))

    def refused(
        self, code: str, room: str, kind: str, content: Any, sender: str, key: str | None = None, **how: Any
    ) -> None:
        with self.subTest(room=room, kind=kind, sender=sender, key=key):
            refusal = decide(
                samples.event(kind, content, sender=sender, state_key=key), samples.situation(room, **how)
            )
            self.assertIsNotNone(refusal)
            assert refusal is not None
            self.assertEqual(refusal.errcode, code)


class SensitiveRooms(Rows):
    def test_encrypted_events_redactions_and_the_lifecycle_are_taken(self) -> None:
        relations = [
            {"rel_type": "m.reference", "event_id": EVENT_ID},
            {"rel_type": "m.replace", "event_id": EVENT_ID},
            {"m.in_reply_to": {"event_id": EVENT_ID}},
            samples.thread_relation(),
        ]
        for room in SENSITIVE:
            for sender in SENDERS.values():
                self.taken(room, "m.room.encrypted", encrypted(), sender)
                for relation in relations:
                    self.taken(room, "m.room.encrypted", {**encrypted(), "m.relates_to": relation}, sender)
                self.taken(room, "m.room.redaction", {"redacts": EVENT_ID}, sender)
                self.taken(room, "org.hearth.lifecycle", {"state": "closed", "at": 1_767_225_600_000}, sender, "")
                self.taken(room, "org.matrix.dummy_event", {}, sender)

    def test_megolm_messages_of_any_length_and_index_are_taken(self) -> None:
        for index in (b"\x00", b"\x7f", b"\x80\x01", b"\xff\xff\xff\xff\x0f"):
            for blocks in (1, 2, 7):
                content = {**encrypted(), "ciphertext": samples.megolm(blocks, index)}
                self.taken("org.hearth.request", "m.room.encrypted", content, STAFF)

    def test_the_creator_writes_the_template_while_the_room_is_made_and_only_the_bot_afterwards(self) -> None:
        for room in SENSITIVE:
            for kind, content in TEMPLATE_STATE:
                self.taken(room, kind, content, samples.maker(room), "", settled=False)
                self.taken(room, kind, content, BOT, "")
                for sender in (STAFF, ADMIN, CREATOR):
                    self.refused(NOT_YOURS, room, kind, content, sender, "")
                self.refused(NOT_YOURS, room, kind, content, OTHER, "", settled=False)

    def test_only_the_bot_lists_people_in_power_levels(self) -> None:
        listed = samples.power_levels({ADMIN: 50, STAFF: 25})
        self.taken("org.hearth.request", "m.room.power_levels", listed, BOT, "")
        self.taken("org.hearth.request", "m.room.power_levels", {**listed, "historical": 100}, BOT, "")
        seen = samples.event("m.room.power_levels", listed, sender=CREATOR, state_key="")
        self.assertIsNotNone(decide(seen, samples.situation("org.hearth.request", settled=False)))

    def test_only_the_bot_redacts_what_makes_up_the_room(self) -> None:
        for room in SENSITIVE:
            self.taken(room, "m.room.redaction", {"redacts": STATE_EVENT_ID}, BOT)
            for sender in (STAFF, ADMIN, CREATOR):
                self.refused(NOT_YOURS, room, "m.room.redaction", {"redacts": STATE_EVENT_ID}, sender)


class Members(Rows):
    def test_people_join_and_leave_by_themselves_in_every_room(self) -> None:
        for room in sorted(rooms.ALL):
            for sender in (STAFF, ADMIN, CREATOR, BOT):
                self.taken(room, "m.room.member", {"membership": "join", "displayname": "Sam"}, sender, sender)
                self.taken(room, "m.room.member", {"membership": "join"}, sender, sender, settled=False)
                self.taken(room, "m.room.member", {"membership": "leave"}, sender, sender)

    def test_only_an_admin_or_the_bot_removes_people_and_a_creator_is_neither(self) -> None:
        for room in sorted(rooms.ALL):
            for membership in ("leave", "ban"):
                for sender in (ADMIN, BOT):
                    self.taken(room, "m.room.member", {"membership": membership}, sender, OTHER)
                for sender in (STAFF, OTHER, CREATOR):
                    self.refused(NOT_YOURS, room, "m.room.member", {"membership": membership}, sender, f"@x{sender[1:]}")

    def test_a_power_that_is_not_a_number_makes_nobody_an_admin(self) -> None:
        for power in (True, "50", None, 49, 49.9, [50]):
            room = samples.situation("org.hearth.request")
            room = type(room)(bot=room.bot, room_type=room.room_type, creator=room.creator, powers={STAFF: power})
            seen = samples.event("m.room.member", {"membership": "leave"}, state_key=OTHER)
            with self.subTest(power=power):
                self.assertIsNotNone(decide(seen, room))

    def test_members_invite_to_the_rooms_that_members_make(self) -> None:
        for room in ("org.hearth.request", "org.hearth.channel", "org.hearth.direct"):
            self.taken(room, "m.room.member", {"membership": "invite", "displayname": "Sam"}, STAFF, OTHER)

    def test_only_the_bot_invites_to_the_rooms_that_it_keeps(self) -> None:
        for room in sorted(rooms.MADE_BY_BOT):
            self.taken(room, "m.room.member", {"membership": "invite"}, BOT, OTHER)
            for sender in (STAFF, ADMIN):
                self.refused(NOT_YOURS, room, "m.room.member", {"membership": "invite"}, sender, OTHER)

    def test_a_newcomer_invites_nobody_but_the_bot(self) -> None:
        self.taken("org.hearth.onboarding", "m.room.member", {"membership": "invite"}, CREATOR, BOT)
        self.refused(NOT_YOURS, "org.hearth.onboarding", "m.room.member", {"membership": "invite"}, CREATOR, OTHER)


class OrgRoom(Rows):
    room = "org.hearth.org"

    def test_members_send_commands_and_write_their_own_profile_and_duty(self) -> None:
        for sender in (STAFF, ADMIN):
            self.taken(self.room, "org.hearth.command", {"name": "role grant", "args": {}}, sender)
            for kind in ("org.hearth.profile", "org.hearth.duty"):
                self.taken(self.room, kind, {"v": 1}, sender, sender)
                for key in ("", OTHER, sender[1:], "x"):
                    self.refused(NOT_YOURS, self.room, kind, {"v": 1}, sender, key)
                self.refused(NOT_HERE, self.room, kind, {"v": 1}, sender)

    def test_profile_and_duty_fit_4_kB_and_a_command_16(self) -> None:
        for kind, key, limit in (
            ("org.hearth.profile", STAFF, 4096),
            ("org.hearth.duty", STAFF, 4096),
            ("org.hearth.command", None, 16384),
        ):
            frame = len('{"bio":""}')
            self.taken(self.room, kind, {"bio": "x" * (limit - frame)}, STAFF, key)
            self.refused(TOO_LARGE, self.room, kind, {"bio": "x" * (limit - frame + 1)}, STAFF, key)
            # Sizes are bytes, not characters.
            self.refused(TOO_LARGE, self.room, kind, {"bio": "é" * ((limit - frame) // 2 + 1)}, STAFF, key)

    def test_only_the_bot_writes_the_orgs_state_results_and_audit(self) -> None:
        for name in BOT_STATE:
            for key in ("", "staff:hearth.test", "dispatcher"):
                self.taken(self.room, f"org.hearth.{name}", {"v": 1}, BOT, key)
                for sender in (STAFF, ADMIN):
                    self.refused(NOT_YOURS, self.room, f"org.hearth.{name}", {"v": 1}, sender, key)
        for name in ("result", "audit"):
            self.taken(self.room, f"org.hearth.{name}", {"v": 1}, BOT)
            for sender in (STAFF, ADMIN):
                self.refused(NOT_YOURS, self.room, f"org.hearth.{name}", {"v": 1}, sender)

    def test_the_record_of_commands_stays(self) -> None:
        self.taken(self.room, "m.room.redaction", {"redacts": EVENT_ID}, BOT)
        for sender in (STAFF, ADMIN):
            self.refused(NOT_YOURS, self.room, "m.room.redaction", {"redacts": EVENT_ID}, sender)

    def test_nothing_else_is_taken(self) -> None:
        for kind, key in (
            ("m.room.message", None),
            ("m.reaction", None),
            ("m.room.name", ""),
            ("m.room.topic", ""),
            ("m.room.canonical_alias", ""),
            ("m.room.aliases", "hearth.test"),
            ("m.room.tombstone", ""),
            ("m.room.encryption", ""),
            ("m.room.encrypted", None),
            ("m.room.third_party_invite", "t"),
            ("m.room.server_acl", ""),
            ("m.space.child", "!a"),
            ("org.example.note", STAFF),
            ("org.hearth.lifecycle", ""),
        ):
            for sender in (STAFF, ADMIN, BOT):
                self.refused(NOT_HERE, self.room, kind, {"body": "x"}, sender, key)


class AdminRoom(Rows):
    room = "org.hearth.admin"

    def test_admins_type_text_and_commands_and_the_bot_answers(self) -> None:
        self.taken(self.room, "m.room.message", {"msgtype": "m.text", "body": "!hearth help"}, ADMIN)
        self.taken(self.room, "m.room.message", {"msgtype": "m.text", "body": "hi", "m.mentions": {}}, ADMIN)
        self.taken(self.room, "org.hearth.command", {"name": "help"}, ADMIN)
        self.taken(self.room, "org.hearth.result", {"ok": True}, BOT)
        self.taken(self.room, "m.room.message", {"msgtype": "m.notice", "body": "done", "format": "f"}, BOT)

    def test_other_messages_are_refused(self) -> None:
        for content in (
            {"msgtype": "m.notice", "body": "x"},
            {"msgtype": "m.image", "body": "x", "url": "mxc://a/b"},
            {"msgtype": "m.text", "body": "x", "formatted_body": "<b>x</b>"},
            {"msgtype": "m.text", "body": "x" * 16_001},
            {"msgtype": "m.text"},
        ):
            self.refused("ORG.HEARTH.BAD_SHAPE", self.room, "m.room.message", content, ADMIN)
        self.refused("ORG.HEARTH.BAD_SHAPE", self.room, "m.room.message", {"msgtype": "m.text", "body": "x"}, BOT)
        self.refused(NOT_YOURS, self.room, "org.hearth.result", {"ok": True}, ADMIN)
        self.refused(NOT_HERE, self.room, "org.hearth.policy", {}, BOT, "")


class OnboardingRoom(Rows):
    room = "org.hearth.onboarding"

    def test_the_newcomer_asks_and_the_bot_answers_and_nothing_else_is_said(self) -> None:
        self.taken(self.room, "org.hearth.command", {"name": "invite accept"}, CREATOR)
        self.taken(self.room, "org.hearth.result", {"ok": True}, BOT)
        self.refused(NOT_YOURS, self.room, "org.hearth.result", {"ok": True}, CREATOR)
        for kind, key in (
            ("m.room.message", None),
            ("m.room.encrypted", None),
            ("m.room.redaction", None),
            ("m.room.name", ""),
            ("m.room.encryption", ""),
            ("m.room.retention", ""),
            ("org.hearth.profile", CREATOR),
        ):
            for sender in (CREATOR, BOT):
                self.refused(NOT_HERE, self.room, kind, {"body": "x"}, sender, key)


if __name__ == "__main__":
    unittest.main()
