"""The table of what Hearth's own rooms take beside what Matrix itself needs: types whose content the server may read.

It is made from the protocol's catalogue and lies beside this file as ``org_rooms.json``. What decides whether plaintext
may be written is not left to a generated file: it can name only types of Hearth's own, only rooms that are not
sensitive, only the bot or people about themselves as writers, and nothing without a limit. Anything else, and Synapse
does not start.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import rooms

#: The names that the file has for kinds of rooms. No sensitive one can be named.
_ROOMS = {"org": rooms.ORG, "admin": rooms.ADMIN, "onboarding": rooms.ONBOARDING}
_PLACES = ("timeline", "own state", "any state")
_WRITERS = ("bot", "self")
#: Synapse itself takes no event above 64 kB.
_MOST_BYTES = 64 * 1024
_OURS = "org.hearth."

_FILE = Path(__file__).with_name("org_rooms.json")


class BadTable(Exception):
    """The table can't be gone by. Its sentence is what the operator reads."""


@dataclass(frozen=True)
class Row:
    type: str
    place: str
    writer: str
    limit: int


def load(file: Path = _FILE) -> Mapping[str, Sequence[Row]]:
    """Read the table, by the types of rooms. Raises BadTable."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadTable(f"hearth_policy can't read {file.name}, and does not start without it: {error}") from error
    return parse(found)


def parse(found: Any) -> Mapping[str, Sequence[Row]]:
    """Check the table that was read. Raises BadTable for a single row that is not as it must be."""
    if not isinstance(found, dict) or set(found) != set(_ROOMS):
        raise BadTable(f"org_rooms.json must have exactly the rooms {', '.join(_ROOMS)}")
    return {_ROOMS[name]: _rows(name, rows) for name, rows in found.items()}


def _rows(name: str, rows: Any) -> Sequence[Row]:
    if not isinstance(rows, list):
        raise BadTable(f'org_rooms.json must have a list of rows for "{name}"')
    parsed = [_row(row) for row in rows]
    if len({row.type for row in parsed}) != len(parsed):
        raise BadTable(f'org_rooms.json names a type twice for "{name}"')
    return parsed


def _row(row: Any) -> Row:
    if not isinstance(row, dict) or set(row) != {"type", "place", "writer", "limit"}:
        raise BadTable(f"a row of org_rooms.json must have a type, a place, a writer and a limit: {row}")
    kind, place, writer, limit = row["type"], row["place"], row["writer"], row["limit"]
    if not isinstance(kind, str) or not kind.startswith(_OURS) or kind in rooms.ALL or kind == _OURS:
        raise BadTable(f"org_rooms.json may name only types below {_OURS}: {kind}")
    if place not in _PLACES:
        raise BadTable(f"{kind} has no place that a row of org_rooms.json can have: {place}")
    if writer not in _WRITERS or (writer == "self" and place == "any state"):
        raise BadTable(f"{kind} may be written by the bot, or by people about themselves: {writer}, {place}")
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 < limit < _MOST_BYTES:
        raise BadTable(f"{kind} must have a limit of bytes above 0 and below {_MOST_BYTES}: {limit}")
    return Row(kind, place, writer, limit)
