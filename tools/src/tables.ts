import { readFile, writeFile } from "node:fs/promises";
import { RETIRED } from "@hearth/protocol/catalogue.ts";
import { moduleTable, withTables } from "@hearth/protocol/tables.ts";

/** Writes what is made from the catalogue: the tables in SPEC.md, and the module's table for org rooms. */
const SPEC = new URL("../../protocol/SPEC.md", import.meta.url);
const MODULE = new URL("../../synapse-config/module/hearth_policy/org_rooms.json", import.meta.url);

await writeFile(SPEC, withTables(await readFile(SPEC, "utf8"), RETIRED));
await writeFile(MODULE, `${JSON.stringify(moduleTable(), null, 2)}\n`);
