"""Small exact checks of JSON values, and ways to put them together.

A check takes any JSON value and says whether it is what it should be. All of them are strict about types:
in Python ``True == 1`` and ``0 == False``, and a policy that compares with ``==`` lets one pass for the other.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]

#: The largest integer that Matrix's canonical JSON knows.
MAX_INTEGER = 2**53 - 1


def is_object(value: Any) -> bool:
    """Whether a value is a JSON object. Synapse hands out contents as mappings that are no ``dict``."""
    return isinstance(value, Mapping)


def is_array(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal, types included."""
    if is_object(left) and is_object(right):
        return set(left) == set(right) and all(same(left[key], right[key]) for key in left)
    if is_array(left) and is_array(right):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right))
    return type(left) is type(right) and left == right


def literal(expected: Any) -> Check:
    """Exactly this value."""
    return lambda value: same(value, expected)


def one_of(*expected: str) -> Check:
    """One of these strings."""
    return lambda value: isinstance(value, str) and value in expected


def matching(pattern: str) -> Check:
    """A string that the whole pattern matches, from its first character to its last."""
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def text(longest: int) -> Check:
    """A string of at most ``longest`` characters."""
    return lambda value: isinstance(value, str) and len(value) <= longest


def integer(lowest: int, highest: int) -> Check:
    """A whole number between the two, both included. Neither a float nor a boolean is one."""
    return lambda value: is_integer(value) and lowest <= value <= highest


def exactly(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with all of ``required``, any of ``optional`` and no other key, each value checked."""
    optional = optional or {}

    def check(value: Any) -> bool:
        if not is_object(value):
            return False
        for key in value:
            of_key = required.get(key) or optional.get(key)
            if of_key is None or not of_key(value[key]):
                return False
        return all(key in value for key in required)

    return check


def size_of(content: Any) -> int:
    """How many bytes a JSON value takes in Matrix's canonical form."""
    return len(json.dumps(_plain(content), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))


def _plain(value: Any) -> Any:
    if is_object(value):
        return {key: _plain(inner) for key, inner in value.items()}
    if is_array(value):
        return [_plain(inner) for inner in value]
    return value
