// The TypeScript types: up to date, the same for every game, and fit for the protocol's vectors.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { readSchemas, typesOf } from "../scripts/schema_types.js";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const SHARED = join(PACKAGE, "../../shared");
const TAG = join(PACKAGE, "../../server/examples/tag");

function temporaryFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), "emberdrift-client-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function run(...command) {
  const { status, stdout } = spawnSync(process.execPath, command, { encoding: "utf8" });
  assert.equal(status, 0, stdout);
}

/** All files of a folder, with their texts. */
const filesOf = (folder) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [join(entry.parentPath ?? entry.path, entry.name).slice(folder.length), readFileSync(join(entry.parentPath ?? entry.path, entry.name), "utf8")])
      .sort(),
  );

/** Type-checks files beside an installed copy of the package. */
function compile(t, files) {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(PACKAGE, join(folder, "node_modules/emberdrift-client"));
  const compilerOptions = { strict: true, noEmit: true, module: "nodenext", target: "es2022", lib: ["es2022", "dom"], types: [] };
  const all = { "package.json": '{ "type": "module" }', "tsconfig.json": JSON.stringify({ compilerOptions, include: ["*.ts"] }), ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
  run(join(PACKAGE, "node_modules/typescript/bin/tsc"), "--project", folder);
}

test("types are those of the schemas and sources", (t) => {
  const folder = temporaryFolder(t);
  run(join(PACKAGE, "scripts/types.js"), folder);
  assert.deepEqual(filesOf(folder), filesOf(join(PACKAGE, "types")), "types/ is out of date: npm run types");
});

test("engine's types are the same for every game", () => {
  const emberdrift = typesOf(readSchemas(join(SHARED, "schema")), "Emberdrift");
  const tag = typesOf(readSchemas(join(TAG, "schema")), "Tag");
  assert.equal(tag.engine, emberdrift.engine);
  assert.match(tag.game, /import type \{[^}]*\bTick\b[^}]*\} from "emberdrift-client\/messages"/);
  assert.match(tag.game, /Input: Stick;\n/);
  assert.doesNotMatch(tag.engine, /ship|\bember|shot|drone/i);
  assert.doesNotMatch(tag.game, /ShipLook|OwnShip/);
});

test("engine's sources speak of nothing in the game", () => {
  for (const [path, text] of Object.entries(filesOf(join(PACKAGE, "src/engine")))) {
    assert.doesNotMatch(text, /\b(ships?|embers?|shots?|drones?)\b/i, path);
  }
});

test("messages of the test vectors have the types, and the README's code compiles", (t) => {
  const vectors = (game, name) => {
    const read = JSON.parse(readFileSync(join(game, `vectors/${name}.json`), "utf8"));
    return JSON.stringify(read.map(({ json }) => json), undefined, 1);
  };
  const readme = readFileSync(join(PACKAGE, "README.md"), "utf8");
  const [, another] = /```ts\n(.*?)```/s.exec(readme);
  compile(t, {
    "tag.d.ts": typesOf(readSchemas(join(TAG, "schema")), "Tag").game,
    "another.ts": another,
    "vectors.ts": `
      import type { ClientMessage, ServerMessage } from "emberdrift-client/messages";
      import type { Emberdrift } from "emberdrift-client/emberdrift/messages";
      import type { Tag } from "emberdrift-client/tag/messages";
      export const client: ClientMessage<Emberdrift>[] = ${vectors(SHARED, "client")};
      export const server: ServerMessage<Emberdrift>[] = ${vectors(SHARED, "server")};
      export const clientOfTag: ClientMessage<Tag>[] = ${vectors(TAG, "client")};
      export const serverOfTag: ServerMessage<Tag>[] = ${vectors(TAG, "server")};`,
    "use.ts": `
      import { Client, Feed } from "emberdrift-client";
      import { emberdrift, ownShip } from "emberdrift-client/emberdrift";
      import type { FeedDocument } from "emberdrift-client/emberdrift/messages";
      const client = new Client("http://127.0.0.1:8080", emberdrift);
      export const embers: number | undefined = ownShip(client.viewer)?.embers;
      client.on("event", ({ event }) => "Shot" in event && event.Shot.direction.toFixed());
      client.input({ buttons: 1, aim: 0 });
      // @ts-expect-error
      client.input({ buttons: 1 });
      // @ts-expect-error
      client.on("frames", () => {});
      // @ts-expect-error
      client.on("event", ({ event }) => event.Shots);
      new Feed<FeedDocument>(location.href).on("document", ({ scores }) => scores?.bodies.toFixed());`,
  });
});
