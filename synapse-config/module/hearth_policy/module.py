"""The rim: what Synapse calls, and what the pure rules are told of a room and an event.

Everything here fails closed. An exception inside a callback makes Synapse refuse the event or the room.
"""

from collections.abc import Mapping
from typing import Any

from synapse.module_api import ModuleApi
from synapse.module_api.errors import Codes, ConfigError, SynapseError

from . import rooms, rules, shapes, templates
from .checks import is_object
from .refusal import BAD_SHAPE, Refusal

_NOT_THE_PROFILES_NAME = Refusal(
    BAD_SHAPE, "A name in a room has to be the one in your profile. Change it on your profile page."
)
_NOBODY = Refusal(BAD_SHAPE, "There is nobody with this user name. Check how it is written.")


def _refuse(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise SynapseError(403, refusal.sentence, refusal.errcode)


def _situation(bot: str, state: Mapping[tuple[str, str], Any]) -> rules.Situation:
    """Read what the rules need from a room's state before the event.

    While a room is being made, Synapse passes only what it has stored so far: the create event and the
    creator's join, later also power levels and the rest at once. So the presence of power levels says that
    creation is over.
    """
    create = state.get(("m.room.create", ""))
    levels = state.get(("m.room.power_levels", ""))
    powers = levels.content.get("users") if levels is not None else None
    return rules.Situation(
        bot=bot,
        room_type=rooms.room_type(create.content) if create is not None else None,
        creator=create.sender if create is not None else None,
        powers=powers if is_object(powers) else {},
        settled=levels is not None,
        state_event_ids=frozenset(event.event_id for event in state.values()),
    )


class HearthPolicy:
    """Synapse module. Configuration: ``bot_user_id``, the full user id of the Hearth bot.

    With workers it must be loaded by every process: each of them makes events.
    """

    def __init__(self, config: Mapping[str, Any], api: ModuleApi) -> None:
        self._bot: str = config["bot_user_id"]
        self._api = api
        api.register_third_party_rules_callbacks(
            check_event_allowed=self.check_event_allowed,
            on_create_room=self.on_create_room,
            check_threepid_can_be_invited=self.check_threepid_can_be_invited,
            check_visibility_can_be_modified=self.check_visibility_can_be_modified,
        )
        api.register_spam_checker_callbacks(
            user_may_create_room_alias=self.user_may_create_room_alias,
            user_may_publish_room=self.user_may_publish_room,
        )

    @staticmethod
    def parse_config(config: Any) -> Mapping[str, Any]:
        """Check the module's configuration. Raises ConfigError, which stops Synapse with its sentence."""
        if not is_object(config) or set(config) != {"bot_user_id"} or not shapes.user_id(config["bot_user_id"]):
            raise ConfigError("hearth_policy takes exactly one setting: bot_user_id, like @hearth-bot:example.org")
        return config

    async def check_event_allowed(
        self, event: Any, state: Mapping[tuple[str, str], Any]
    ) -> tuple[bool, dict[str, Any] | None]:
        """Every event, before it is signed and stored. Raises SynapseError (403), or allows it unchanged."""
        seen = rules.Event(
            type=event.type,
            sender=event.sender,
            content=event.content,
            state_key=event.get_state_key(),
            sender_device=getattr(event.internal_metadata, "device_id", None),
        )
        _refuse(rules.decide(seen, _situation(self._bot, state)))
        if seen.type == "m.room.member" and seen.state_key is not None:
            known = ("m.room.member", seen.state_key) in state
            _refuse(await self._strange_member(seen.state_key, seen.content, known))
        return True, None

    async def on_create_room(self, requester: Any, request: dict[str, Any], _is_admin: bool) -> None:
        """The body of ``/createRoom``. Raises SynapseError (403) unless it is exactly a template."""
        _refuse(templates.check_create_request(request, requester.user.to_string(), self._bot))

    async def check_threepid_can_be_invited(self, _medium: str, _address: str, _state: Any) -> bool:
        """Nobody is invited by e-mail address or telephone number: it would stand in the room's state."""
        return False

    async def check_visibility_can_be_modified(self, _room_id: str, _state: Any, visibility: str) -> bool:
        """No room is ever listed."""
        return visibility == "private"

    async def user_may_create_room_alias(self, _user_id: str, _alias: Any) -> Codes:
        """An alias is a text that anybody may choose and the server keeps in the clear."""
        return Codes.FORBIDDEN

    async def user_may_publish_room(self, _user_id: str, _room_id: str) -> Codes:
        return Codes.FORBIDDEN

    async def _strange_member(self, user_id: str, content: Mapping[str, Any], known: bool) -> Refusal | None:
        """Names in member events are free text, so they must be ones that exist already.

        The user id must be an account's, or an invite, and a ban of somebody who was never there, could carry a
        sentence as its state key. The display name must be the account's, or a join could.
        """
        if not known and await self._api.check_user_exists(user_id) != user_id:
            return _NOBODY
        if "displayname" in content:
            profile = await self._api.get_profile_for_user(user_id[1:].split(":", 1)[0])
            if profile.display_name != content["displayname"]:
                return _NOT_THE_PROFILES_NAME
        return None
