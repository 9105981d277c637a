"""The rim, with Synapse's own exceptions and a stand-in for its ModuleApi."""

import asyncio
import unittest
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from synapse.module_api.errors import Codes, ConfigError, SynapseError

from hearth_policy import HearthPolicy

from . import samples
from .samples import ADMIN, BOT, CREATOR, OTHER, STAFF


class StandInApi:
    """Stands in for ``synapse.module_api.ModuleApi``: notes what is registered, knows a few accounts."""

    def __init__(self) -> None:
        self.registered: dict[str, Any] = {}
        self.accounts: dict[str, str | None] = {STAFF: "Sam Staff", ADMIN: None, CREATOR: "Kim", BOT: "Hearth"}

    def register_third_party_rules_callbacks(self, **callbacks: Any) -> None:
        self.registered.update(callbacks)

    def register_spam_checker_callbacks(self, **callbacks: Any) -> None:
        self.registered.update(callbacks)

    async def check_user_exists(self, user_id: str) -> str | None:
        return next((known for known in self.accounts if known.lower() == user_id.lower()), None)

    async def get_profile_for_user(self, localpart: str) -> Any:
        return SimpleNamespace(display_name=self.accounts.get(f"@{localpart}:{samples.SERVER}"), avatar_url=None)


def stored(kind: str, content: Any, sender: str, key: str | None, device: str | None = samples.DEVICE) -> Any:
    """An event as Synapse hands it over; metadata that was never set is missing there, too."""
    metadata = SimpleNamespace() if device is None or sender == BOT else SimpleNamespace(device_id=device)
    return SimpleNamespace(
        type=kind,
        content=content,
        sender=sender,
        event_id=f"${kind}",
        get_state_key=lambda: key,
        internal_metadata=metadata,
    )


def room_state(kind: str, *, settled: bool = True, members: Sequence[str] = ()) -> dict[tuple[str, str], Any]:
    creator = samples.maker(kind)
    state = {("m.room.create", ""): stored("m.room.create", samples.creation_content(kind), creator, "")}
    if settled:
        levels = samples.power_levels({ADMIN: 50})
        state[("m.room.power_levels", "")] = stored("m.room.power_levels", levels, creator, "")
    for member in members:
        state[("m.room.member", member)] = stored("m.room.member", {"membership": "join"}, member, member)
    return state


class Rim(unittest.TestCase):
    def setUp(self) -> None:
        self.api = StandInApi()
        self.policy = HearthPolicy(HearthPolicy.parse_config({"bot_user_id": BOT}), self.api)  # type: ignore[arg-type]

    def send(self, kind: str, content: Any, *, sender: str = STAFF, key: str | None = None, **how: Any) -> None:
        state = room_state(how.pop("room", "org.hearth.request"), **how)
        answer = asyncio.run(self.api.registered["check_event_allowed"](stored(kind, content, sender, key), state))
        self.assertEqual(answer, (True, None))

    def refused(self, *args: Any, **how: Any) -> SynapseError:
        with self.assertRaises(SynapseError) as caught:
            self.send(*args, **how)
        self.assertEqual(caught.exception.code, 403)
        self.assertTrue(str(caught.exception.errcode).startswith("ORG.HEARTH."))
        return caught.exception

    def test_refusals_carry_a_code_and_a_sentence(self) -> None:
        error = self.refused("m.room.message", {"msgtype": "m.text", "body": "x"})
        self.assertEqual(error.errcode, "ORG.HEARTH.PLAINTEXT_REFUSED")
        self.assertIn("only takes encrypted messages", error.msg)

    def test_an_encrypted_event_passes_from_the_tokens_device_only(self) -> None:
        self.send("m.room.encrypted", samples.encrypted())
        self.refused("m.room.encrypted", {**samples.encrypted(), "device_id": "OTHERDEVIC"})

    def test_power_levels_in_the_state_end_the_creation(self) -> None:
        levels = samples.power_levels()
        self.send("m.room.power_levels", levels, sender=CREATOR, key="", settled=False)
        self.refused("m.room.power_levels", levels, sender=CREATOR, key="")
        self.send("m.room.power_levels", levels, sender=BOT, key="")

    def test_powers_are_read_from_the_state(self) -> None:
        self.send("m.room.member", {"membership": "leave"}, sender=ADMIN, key=STAFF)
        self.refused("m.room.member", {"membership": "leave"}, sender=CREATOR, key=STAFF)

    def test_state_events_cannot_be_redacted(self) -> None:
        self.refused("m.room.redaction", {"redacts": "$m.room.power_levels"}, sender=CREATOR)

    def test_a_member_is_an_account_under_its_own_name(self) -> None:
        self.send("m.room.member", {"membership": "invite", "displayname": "Sam Staff"}, sender=CREATOR, key=STAFF)
        self.send("m.room.member", {"membership": "join", "displayname": "Sam Staff"}, key=STAFF)
        self.send("m.room.member", {"membership": "join"}, key=STAFF)
        self.refused("m.room.member", {"membership": "join", "displayname": "The yellow house"}, key=STAFF)
        self.refused("m.room.member", {"membership": "join", "displayname": "Sam Staff"}, sender=ADMIN, key=ADMIN)
        nobody = f"@the-yellow-house:{samples.SERVER}"
        for membership in ("invite", "leave", "ban"):
            for sender in (ADMIN, BOT):
                self.refused("m.room.member", {"membership": membership}, sender=sender, key=nobody)

    def test_a_member_whose_account_is_gone_can_still_be_removed(self) -> None:
        self.send("m.room.member", {"membership": "leave"}, sender=BOT, key=OTHER, members=[OTHER])

    def test_rooms_are_made_from_templates(self) -> None:
        create = self.api.registered["on_create_room"]
        requester = SimpleNamespace(user=SimpleNamespace(to_string=lambda: CREATOR))
        asyncio.run(create(requester, samples.create_request("org.hearth.request"), False))
        for is_admin in (False, True):
            with self.assertRaises(SynapseError) as caught:
                asyncio.run(create(requester, {"preset": "private_chat"}, is_admin))
            self.assertEqual(caught.exception.errcode, "ORG.HEARTH.BAD_TEMPLATE")

    def test_no_listing_no_alias_no_invite_by_address(self) -> None:
        registered = self.api.registered
        self.assertIs(asyncio.run(registered["check_visibility_can_be_modified"]("!r", {}, "public")), False)
        self.assertIs(asyncio.run(registered["check_visibility_can_be_modified"]("!r", {}, "private")), True)
        self.assertIs(asyncio.run(registered["check_threepid_can_be_invited"]("email", "a@b", {})), False)
        self.assertEqual(asyncio.run(registered["user_may_create_room_alias"](STAFF, "#a:b")), Codes.FORBIDDEN)
        self.assertEqual(asyncio.run(registered["user_may_publish_room"](STAFF, "!r")), Codes.FORBIDDEN)

    def test_a_wrong_configuration_stops_the_start(self) -> None:
        for config in (None, {}, {"bot_user_id": "hearth-bot"}, {"bot_user_id": BOT, "more": 1}, {"bot_user_id": None}):
            with self.subTest(config=config), self.assertRaises(ConfigError):
                HearthPolicy.parse_config(config)


if __name__ == "__main__":
    unittest.main()
