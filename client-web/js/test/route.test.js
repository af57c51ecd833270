/** Where a client connects next. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { serverOf, socketUrl } from "../src/engine/link.js";
import { Route } from "../src/engine/route.js";

const A = "ws://a.example/ws/room/K7Q2MX";
const B = "wss://b.example/game/ws/room/K7Q2MX";

test("a room that has moved is followed, and its ticket is used once", () => {
  const route = new Route(A, []);
  assert.equal(route.next(), A);
  assert.ok(route.onMoved(`${B}?seat=abc`));
  assert.deepEqual([route.next(), route.next()], [`${B}?seat=abc`, B]);
});

test("other nodes are asked in turn while one does not answer", () => {
  const route = new Route(A, [A, "ws://c.example/ws/room/K7Q2MX", B]);
  const next = [1, 2, 3, 4, 5].map(() => route.next());
  assert.deepEqual(next, [A, "ws://c.example/ws/room/K7Q2MX", A, B, A]);
  route.onWorking();
  assert.equal(route.next(), A);
});

test("an arena that goes on as a room is looked for as that room", () => {
  const route = new Route("ws://a.example/ws", ["ws://c.example/ws"]);
  route.onMoved(B);
  assert.deepEqual([route.next(), route.next()], [B, "ws://c.example/ws/room/K7Q2MX"]);
});

test("a text that is no address is not followed", () => {
  const route = new Route(A, []);
  for (const text of ["", "http://b.example/", "javascript:alert(1)", "ws://b example", `ws://${"x".repeat(200)}`]) {
    assert.equal(route.onMoved(text), false, text);
  }
  assert.equal(route.next(), A);
});

test("the server of a WebSocket is the one that it was made of", () => {
  for (const server of ["http://a.example:8080/", "https://b.example/game/", "https://b.example/ws-games/"]) {
    for (const arena of [undefined, "drift", "room/K7Q2MX"]) {
      assert.equal(serverOf(`${socketUrl(server, "ws", arena)}?seat=abc`), server);
    }
  }
});
