// The client in the second game, against its real server.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Client } from "../src/index.js";
import { ownRunner, stick, tag } from "../src/tag.js";
import { startTag, until } from "./support.js";

/** A runner that goes round in circles, so that it meets the bots. */
function join(test, server, name) {
  const client = new Client(server, tag, { name });
  test.after(() => client.leave());
  client.on("frame", ({ head }) => client.input(stick(head.tick / 20)));
  return client;
}

test("runner moves, its replica equals the server's cells, and everyone sees who is it", async (t) => {
  const client = join(t, await startTag(t, "--bots", "6"), "Ada");
  let announced;
  client.on("notice", (notice) => (announced = notice));
  const start = await until("a runner", () => ownRunner(client.viewer)?.motion.position);
  await until("the runner to move", () => {
    const [x, y] = ownRunner(client.viewer).motion.position;
    return Math.hypot(x - start[0], y - start[1]) > 50;
  });
  await until("checksums", () => client.replica.compared >= 40);
  assert.equal(client.replica.mismatches, 0);
  const it = await until("who is it in view", () => [...client.replica.bodies().values()].find(({ look }) => look.is_it));
  assert.ok(client.players.has(it.id));
  const { by } = await until("a touch", () => announced);
  assert.notEqual(by, announced.it);
});

test("stick is a way in whole steps, at most full", () => {
  assert.deepEqual(stick(0), { x: 127, y: 0 });
  assert.deepEqual(stick(Math.PI / 2, 0.5), { x: 0, y: 64 });
  assert.deepEqual(stick(Math.PI, 7), { x: -127, y: 0 });
});
