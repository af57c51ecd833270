// A player's identity: its words and its proofs, and a run that a real server keeps and deletes.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";

import { emberdrift, ownShip } from "../src/emberdrift.js";
import { Client, Identity } from "../src/index.js";
import { startServer, until } from "./support.js";

test("words and text name the same player", () => {
  const identity = new Identity(Uint8Array.from({ length: 16 }, (_, at) => 17 * at));
  // 0x0011 is 0000 00 0000 01 0001, and so on: checked by hand.
  assert.equal(identity.words.split(" ")[0], "babid");
  assert.equal(identity.words.split(" ").length, 9);
  for (const text of [identity.words, identity.words.toUpperCase().replaceAll(" ", "  "), identity.text]) {
    assert.equal(Identity.from(text)?.text, identity.text);
  }
});

test("words with a mistake are none", () => {
  const { words } = Identity.create();
  const list = words.split(" ");
  const swapped = [list[1], list[0], ...list.slice(2)].join(" ");
  const changed = words.replace(/^./, (letter) => (letter === "b" ? "d" : "b"));
  for (const text of [swapped, changed, list.slice(1).join(" "), `${words} babab`, "", "hello", "a b"]) {
    assert.equal(Identity.from(text), undefined, text);
  }
});

test("a run is kept of the player that proves who it is, until it is deleted", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "records-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const server = await startServer(t, "--drones", "0", "--data", directory);
  const identity = Identity.create();
  const client = new Client(server, emberdrift, { name: "Ada", identity });
  await until("an ember aboard", () => (ownShip(client.viewer)?.embers ?? 0) > 0);
  client.leave();
  const best = async (of) => (await (await of.me(server)).json()).standings.find(({ period }) => period === "all");
  const { rank, score } = await until("the run", () => best(identity));
  assert.equal(rank, 1);
  assert.ok(score > 0);
  // Its words are the same player on another device; others have no run.
  assert.equal((await best(Identity.from(identity.words))).score, score);
  assert.equal(await best(Identity.create()), undefined);
  assert.equal((await identity.me(server, { method: "DELETE" })).status, 204);
  assert.equal(await best(identity), undefined);
});

test("a server without records asks for no proof", async (t) => {
  const server = await startServer(t, "--drones", "0");
  const identity = Identity.create();
  assert.equal(await identity.prove(server), undefined);
  assert.equal(await identity.me(server), undefined);
  const client = new Client(server, emberdrift, { identity });
  await until("a welcome", () => client.welcome);
  client.leave();
});
