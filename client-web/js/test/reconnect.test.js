// When a client connects again, and its other parts that need no server.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { aim, ship } from "../src/emberdrift.js";
import { ChatInbox } from "../src/engine/chat.js";
import { socketUrl } from "../src/engine/link.js";
import { CLOSE, Reconnect } from "../src/engine/reconnect.js";

const PROTOCOL = readFileSync(new URL("../../../shared/PROTOCOL.md", import.meta.url), "utf8");

test("close codes are those of the protocol, and retries follow its advice", () => {
  const table = PROTOCOL.split("## 11 Close codes")[1].split("\n## ")[0];
  const rows = [...table.matchAll(/^\| (\d{4}) \| \w+ \| .* \| (.*) \|$/gm)];
  assert.deepEqual(
    rows.map(([, code]) => Number(code)).sort(),
    Object.values(CLOSE).filter((code) => code !== CLOSE.LEFT && code !== CLOSE.MAY_RETURN).sort(),
  );
  for (const [, code, advice] of rows) {
    const retries = new Reconnect().onLost(Number(code), 0) !== undefined;
    assert.equal(retries, advice.includes("reconnect after a pause"), `${code}: ${advice}`);
  }
  assert.notEqual(new Reconnect().onLost(1006, 0), undefined, "a broken connection");
});

test("pauses are a tenth of the time that the connection is gone, within limits", () => {
  const reconnect = new Reconnect(() => 0);
  const pauses = [0, 500, 10_000, 30_000, 500_000].map((now) => reconnect.onLost(1006, now));
  assert.deepEqual(pauses, [500, 500, 1000, 3000, 10_000]);
  reconnect.onWorking();
  assert.equal(reconnect.onLost(1006, 600_000), 500);
});

test("pauses are shortened at random, after a restart more", () => {
  const reconnect = new Reconnect(() => 1);
  assert.equal(reconnect.onLost(1006, 0), 350);
  assert.ok(Math.abs(reconnect.onLost(CLOSE.RESTARTING, 0) - 60) < 1e-9);
  assert.equal(new Reconnect(() => 0).onLost(CLOSE.RESTARTING, 0), 300);
});

test("addresses have the path of the server's address, and the arena", () => {
  const urls = [
    ["http://127.0.0.1:8080", undefined, "ws://127.0.0.1:8080/ws"],
    ["https://play.example/game/", "duel", "wss://play.example/game/ws/duel"],
    ["ws://play.example#ticket=a", "two words", "ws://play.example/ws/two%20words"],
  ];
  for (const [server, arena, url] of urls) assert.equal(socketUrl(server, "ws", arena), url);
});

test("lines of chat that the history repeats are taken once, also after a restart of the server", () => {
  const inbox = new ChatInbox();
  const line = (number, time_ms) => ({ number, time_ms });
  assert.deepEqual(inbox.take([line(1, 10), line(2, 10)]), [line(1, 10), line(2, 10)]);
  assert.deepEqual(inbox.take([line(1, 10), line(2, 10), line(3, 11)]), [line(3, 11)]);
  assert.deepEqual(inbox.take([line(1, 20), line(2, 20)]), [line(1, 20), line(2, 20)]);
});

test("look and aim are read as the protocol says", () => {
  const rules = { hulls: [0, 1, 2, 3, 4, 5, 6].map((size) => ({ size })) };
  const { hull, ...bits } = ship({ status: 0b101_0101, health: 255 }, rules);
  assert.equal(hull.size, 5);
  assert.deepEqual(bits, { health: 1, boosting: false, shielded: true, rapidFire: false, magnet: true });
  assert.deepEqual([aim(0), aim(Math.PI / 2), aim(-Math.PI / 2), aim(2 * Math.PI)], [0, 16384, 49152, 0]);
});
