// `npm run types` writes the folder `types/`: the types of the messages from the JSON Schemas, and the declarations of `src/`, which
// the compiler checks on the way. With the name of another folder it writes there, for the test that `types/` is up to date.

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { readSchemas, typesOf } from "./schema_types.js";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const SCHEMAS = join(PACKAGE, "../../shared/schema");

const folder = process.argv[2] ?? join(PACKAGE, "types");
const { engine, game } = typesOf(readSchemas(SCHEMAS), "Emberdrift", "../engine/messages.js");
for (const [part, text] of Object.entries({ engine, emberdrift: game })) {
  mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, part, "messages.d.ts"), text);
}
// The sources name the messages' types by their place in `types/`.
const compiler = join(PACKAGE, "node_modules/typescript/bin/tsc");
process.exitCode = spawnSync(process.execPath, [compiler, "--project", PACKAGE, "--outDir", folder], { stdio: "inherit" }).status ?? 1;
