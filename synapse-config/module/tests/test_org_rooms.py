"""The table made from the protocol's catalogue: what it may say, and that nothing starts without it."""

import copy
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

from hearth_policy import org_rooms, rooms

ROW = {"type": "org.hearth.example", "place": "any state", "writer": "bot", "limit": 1024}
GOOD: dict[str, Any] = {"org": [ROW], "admin": [], "onboarding": []}


def spoiled(**changes: Any) -> dict[str, Any]:
    table = copy.deepcopy(GOOD)
    table["org"][0].update(changes)
    return table


class TheTable(unittest.TestCase):
    def test_the_committed_one_is_good(self) -> None:
        table = org_rooms.load()
        self.assertEqual(set(table), {rooms.ORG, rooms.ADMIN, rooms.ONBOARDING})
        self.assertFalse(set(table) & set(rooms.SENSITIVE))
        self.assertIn("org.hearth.policy", {row.type for row in table[rooms.ORG]})

    def test_a_good_one_is_read(self) -> None:
        self.assertEqual(org_rooms.parse(GOOD)[rooms.ORG], [org_rooms.Row("org.hearth.example", "any state", "bot", 1024)])

    def test_P2_a_row_that_says_too_much_is_refused(self) -> None:
        without = {key: value for key, value in ROW.items() if key != "limit"}
        bad = [
            spoiled(type="m.room.message"),
            spoiled(type="m.room.encrypted"),
            spoiled(type="org.hearth."),
            spoiled(type="org.hearth.request"),
            spoiled(type=None),
            spoiled(place="state of any room"),
            spoiled(writer="anybody"),
            spoiled(writer="template"),
            spoiled(writer="self", place="any state"),
            spoiled(limit=None),
            spoiled(limit=0),
            spoiled(limit=True),
            spoiled(limit=64 * 1024),
            spoiled(more=1),
            {**GOOD, "org": [without]},
            {**GOOD, "org": [ROW, ROW]},
            {**GOOD, "org": {}},
            {**GOOD, "request": []},
            {**GOOD, "org.hearth.request": [ROW]},
            {"org": []},
            [],
            None,
        ]
        for table in bad:
            with self.subTest(table=table), self.assertRaises(org_rooms.BadTable):
                org_rooms.parse(table)

    def test_one_that_is_missing_or_no_json_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "org_rooms.json"
            with self.assertRaisesRegex(org_rooms.BadTable, "does not start without it"):
                org_rooms.load(file)
            file.write_text("{", "utf-8")
            with self.assertRaises(org_rooms.BadTable):
                org_rooms.load(file)

    def test_the_module_does_not_start_without_it_nor_with_a_bad_one(self) -> None:
        source = Path(org_rooms.__file__).parent
        for text in (None, json.dumps(spoiled(type="m.room.message"))):
            with self.subTest(text=text), tempfile.TemporaryDirectory() as folder:
                package = Path(folder) / "hearth_policy"
                package.mkdir()
                for file in source.glob("*.py"):
                    (package / file.name).write_bytes(file.read_bytes())
                if text is not None:
                    (package / "org_rooms.json").write_text(text, "utf-8")
                done = subprocess.run(
                    [sys.executable, "-c", "import hearth_policy"], cwd=folder, capture_output=True, text=True, check=False
                )
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("BadTable", done.stderr)


if __name__ == "__main__":
    unittest.main()
