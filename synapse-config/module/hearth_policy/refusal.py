"""What the policy answers when it says no: a code for programs and a sentence for people."""

from dataclasses import dataclass

#: Something other than an encrypted message (and the few clear events next to it) in a sensitive room.
PLAINTEXT_REFUSED = "ORG.HEARTH.PLAINTEXT_REFUSED"
#: An event of a type that this room takes, in a shape that it does not take.
BAD_SHAPE = "ORG.HEARTH.BAD_SHAPE"
#: A room that is not made from one of the templates.
BAD_TEMPLATE = "ORG.HEARTH.BAD_TEMPLATE"
#: An event that somebody else writes: the bot, an admin, or the person it is about.
NOT_YOURS = "ORG.HEARTH.NOT_YOURS"
#: An event of a type that this unencrypted room does not take from anybody.
NOT_HERE = "ORG.HEARTH.NOT_HERE"
#: An event of the right type and shape, but bigger than the room takes.
TOO_LARGE = "ORG.HEARTH.TOO_LARGE"


@dataclass(frozen=True)
class Refusal:
    """A refusal. ``errcode`` is one of the constants above; ``sentence`` is for logs and other clients: ours has its own."""

    errcode: str
    sentence: str
