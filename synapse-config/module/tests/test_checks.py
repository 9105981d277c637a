"""The small checks, where Python's own comparisons would be too kind."""

import unittest
from types import MappingProxyType

from hearth_policy import checks, shapes

from . import samples


class Checks(unittest.TestCase):
    def test_equal_is_equal_in_type_too(self) -> None:
        for left, right in ((0, False), (1, True), (1, 1.0), ("1", 1), (None, False), ([], {}), ([1], [True])):
            with self.subTest(left=left, right=right):
                self.assertFalse(checks.same(left, right))
                self.assertFalse(checks.same({"a": left}, {"a": right}))
        self.assertTrue(checks.same({"a": [1, {"b": None}]}, MappingProxyType({"a": (1, {"b": None})})))
        self.assertFalse(checks.same({"a": 1}, {"a": 1, "b": 2}))

    def test_a_pattern_means_the_whole_text(self) -> None:
        letters = checks.matching("[a-z]+")
        self.assertTrue(letters("abc"))
        for value in ("abc\n", "", "a1", 1, None, ["abc"]):
            self.assertFalse(letters(value))

    def test_an_integer_is_no_boolean_and_no_float(self) -> None:
        small = checks.integer(0, 10)
        self.assertTrue(small(0) and small(10))
        for value in (True, False, 1.0, "1", None, -1, 11):
            self.assertFalse(small(value))

    def test_sizes_are_bytes_of_canonical_json(self) -> None:
        self.assertEqual(checks.size_of({}), 2)
        self.assertEqual(checks.size_of({"a": "é"}), len('{"a":"é"}'.encode()))
        self.assertEqual(checks.size_of(MappingProxyType({"a": ({"b": 1},)})), len('{"a":[{"b":1}]}'))
        self.assertGreater(checks.size_of({"a": "\ud800"}), 0)


class MegolmMessages(unittest.TestCase):
    def test_a_cut_message_is_none(self) -> None:
        whole = samples.megolm()
        self.assertTrue(shapes.megolm_message(whole))
        for length in range(len(whole)):
            self.assertFalse(shapes.megolm_message(whole[:length]), length)

    def test_another_frame_is_none(self) -> None:
        body = b"\x08\x00\x12\x10" + b"c" * 16 + b"m" * 8 + b"s" * 64
        self.assertTrue(shapes.megolm_message(samples.unpadded(b"\x03" + body)))
        for data in (
            b"\x04" + body,
            b"\x03" + body.replace(b"\x08", b"\x10", 1),
            b"\x03" + body.replace(b"\x12", b"\x1a", 1),
            b"\x03" + body.replace(b"\x10", b"\x11", 1),
            b"\x03" + body.replace(b"\x10", b"\x00", 1),
            b"\x03\x08" + b"\xff" * 6 + body,
            b"\x03" + body + b"!",
        ):
            self.assertFalse(shapes.megolm_message(samples.unpadded(data)))

    def test_only_standard_base64_without_padding_is_read(self) -> None:
        whole = samples.megolm()
        for value in (whole + "=", whole + "\n", " " + whole, whole[:-1] + "-", whole[:-1] + "é", whole.encode(), None, 3):
            self.assertFalse(shapes.megolm_message(value))


if __name__ == "__main__":
    unittest.main()
