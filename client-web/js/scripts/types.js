// `npm run types` writes the folder `types/`: the types of the messages from the JSON Schemas, and the declarations of `src/`, which
// the compiler checks on the way. With the name of another folder it writes there, for the test that `types/` is up to date.

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { readSchemas, typesOf } from "./schema_types.js";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
/** The games of this repository: the name of each, of its interface of parts, and the folder of its schemas. */
const GAMES = [
  ["emberdrift", "Emberdrift", "../../shared/schema"],
  ["tag", "Tag", "../../server/examples/tag/schema"],
];

const folder = process.argv[2] ?? join(PACKAGE, "types");
function write(part, text) {
  mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, part, "messages.d.ts"), text);
}
for (const [name, parts, schemas] of GAMES) {
  const { engine, game } = typesOf(readSchemas(join(PACKAGE, schemas)), parts, "../engine/messages.js");
  write(name, game);
  // The same for every game, as a test makes sure.
  write("engine", engine);
}
// The sources name the messages' types by their place in `types/`.
const compiler = join(PACKAGE, "node_modules/typescript/bin/tsc");
process.exitCode = spawnSync(process.execPath, [compiler, "--project", PACKAGE, "--outDir", folder], { stdio: "inherit" }).status ?? 1;
