// Private rooms against a real server: friends meet in one, and its creator rules it.

import assert from "node:assert/strict";
import test from "node:test";

import { emberdrift } from "../src/emberdrift.js";
import { CLOSE, Client, changeRoom, createRoom, room, roomArena } from "../src/index.js";
import { startServer, until } from "./support.js";

function join(test, server, code, name) {
  const client = new Client(server, emberdrift, { name, arena: roomArena(code) });
  test.after(() => client.leave());
  return client;
}

const next = (client, name) => new Promise((resolve) => client.on(name, resolve));

test("friends meet in a room, and its creator locks it, removes a player and hands it over", async (t) => {
  const server = await startServer(t, "--drones", "0");
  const { code, key } = await createRoom(server, { bots: 0, players: 3 });
  const [ada, bo] = [join(t, server, code, "Ada"), join(t, server, code, "Bo")];
  await until("both in the roster", () => ada.players.size === 2 && bo.player !== undefined);
  await until("both in the room's entry", async () => (await room(server, code)).players === 2);

  const handed = next(ada, "roomKey");
  await changeRoom(server, code, key, { hand_over: ada.player });
  const adasKey = await handed;
  assert.equal((await changeRoom(server, code, adasKey, { locked: true })).is_locked, true);
  await assert.rejects(changeRoom(server, code, key, {}), /only the room's creator/);

  const late = join(t, server, code, "Late");
  assert.equal((await next(late, "lost")).code, CLOSE.ROOM_LOCKED);
  const lost = next(bo, "lost");
  await changeRoom(server, code, adasKey, { remove: bo.player });
  const { code: closed, pauseMs } = await lost;
  assert.deepEqual([closed, pauseMs], [CLOSE.REMOVED, undefined]);
  await until("only one in the roster", () => ada.players.size === 1);
});

test("refusal of a room says why", async (t) => {
  const server = await startServer(t, "--drones", "0");
  await assert.rejects(createRoom(server, { players: 65 }), /from 1 to 64/);
  await assert.rejects(room(server, "ABCDEF"), /no such room/);
});
