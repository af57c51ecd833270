// The client against a real server.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BUTTON, aim, emberdrift, ownShip } from "../src/emberdrift.js";
import { CLOSE, Client, Feed } from "../src/index.js";
import { freePort, next, sleep, startCutter, startServer, until } from "./support.js";

/** A client that leaves when the test has ended. */
function connect(test, server, options, game = emberdrift) {
  const client = new Client(server, game, options);
  test.after(() => client.leave());
  return client;
}

/** A player that circles, fires and boosts, so that it sends every input there is. */
function fly(client) {
  const ways = [BUTTON.RIGHT, BUTTON.UP, BUTTON.LEFT, BUTTON.DOWN];
  client.on("frame", ({ head: { tick } }) => {
    const buttons = ways[(tick >> 4) % 4] | ((tick >> 3) & 1 ? BUTTON.FIRE : 0) | ((tick >> 6) & 1 ? BUTTON.BOOST : 0);
    client.input({ buttons, aim: aim(tick / 20) });
  });
}

/** Waits until a client has compared this many more checksums, and asserts that none differed, but for those known. */
async function followed(client, checksums, known = 0) {
  const { replica } = client;
  const { compared } = replica;
  await until("checksums", () => replica.compared >= compared + checksums);
  assert.equal(replica.mismatches, known);
}

test("player flies, and its replica equals the server's cells", async (t) => {
  const client = connect(t, await startServer(t, "--drones", "12"), { name: "Ada", colour: 3 });
  fly(client);
  const welcome = await next(client, "welcome");
  assert.equal(welcome.is_resumed, false);
  const start = await until("a ship", () => ownShip(client.viewer)?.motion.position);
  await followed(client, 100);

  const own = await until("a ship", () => ownShip(client.viewer));
  assert.notDeepEqual(own.motion.position, start);
  assert.ok(client.lead > -128, "no input arrived");
  assert.deepEqual(client.players.get(client.player), { id: client.player, name: "Ada", kind: "Human", colour: 3 });
  assert.ok(client.players.size > 1 && client.players.size <= 12, "a busy server has fewer drones");
  assert.ok(client.replica.items().length > 0);
  // Others see the own ship where it is, in steps of 1/16 unit and up to two steps off.
  const seen = await until("the own ship in view", () => ownShip(client.viewer) && client.replica.bodies().get(client.player));
  const [x, y] = ownShip(client.viewer).motion.position;
  assert.ok(Math.hypot(seen.x - x, seen.y - y) < 0.25, `${seen.x}, ${seen.y} is not ${x}, ${y}`);
});

test("spectator follows a ship and stays connected without inputs", async (t) => {
  const client = connect(t, await startServer(t, "--drones", "12"), { role: "Spectator" });
  let events = 0;
  client.on("event", () => events++);
  await next(client, "welcome");
  assert.equal(client.player, undefined);
  await followed(client, 40);
  const target = await until("a ship to follow", () => client.viewer.Spectator.target ?? undefined);
  await until("the ship that it follows", () => client.replica.bodies().has(target));
  await until("a shot", () => events > 0);
  // A busy server has fewer.
  const { bodies, top } = client.leaderboard;
  assert.ok(bodies > 0 && bodies <= 12 && top.length > 0, `${bodies} ships`);
  // For longer than the server sends frames without an acknowledgement: two seconds.
  const { tick } = client;
  await until("four more seconds", () => client.tick > tick + 120);
});

test("cell that differs is sent in full again", async (t) => {
  // A ship at rest, whose view does not move on.
  const client = connect(t, await startServer(t, "--drones", "0"), { name: "Ada" });
  await until("a ship", () => ownShip(client.viewer) && client.replica.bodies().has(client.player));
  const [index, cell] = [...client.replica.cells].find(([, { bodies }]) => bodies.length > 0);
  let wasSent = false;
  client.on("frame", ({ cells }) => {
    wasSent ||= cells.some((chunk) => chunk.cell === index && chunk.changes[0] === "Reset");
  });
  // As if it had missed an update.
  cell.items.set(0, { x: 0, y: 0, item: 1 });
  cell.bodies.forEach((body) => (body.x += 8));
  await until("the cell", () => wasSent);
  assert.equal(client.replica.cells.get(index), cell, "it left the view, so it is sent in full anyway");
  assert.equal(client.replica.mismatches, 1);
  await followed(client, 10, 1);
});

test("player resumes its session after the connection was cut", async (t) => {
  const { url, cut } = await startCutter(t, await startServer(t, "--drones", "0"));
  const client = connect(t, url, { name: "Ada" });
  fly(client);
  const { player, resume } = await next(client, "welcome");
  await until("a ship", () => ownShip(client.viewer));
  for (let loss = 0; loss < 2; loss++) {
    const lost = next(client, "lost");
    const resumed = next(client, "welcome");
    cut();
    const { code, pauseMs } = await lost;
    assert.equal(code, 1006);
    assert.ok(pauseMs >= 350 && pauseMs <= 500, `a pause of ${pauseMs} ms`);
    assert.equal(client.input({ buttons: 0, aim: 0 }), false, "there is no connection to send on");
    const welcome = await resumed;
    assert.equal(welcome.is_resumed, true);
    assert.equal(welcome.player, player);
    assert.notEqual(client.resumeToken, resume);
    await until("a ship", () => ownShip(client.viewer));
    await followed(client, 3);
  }
});

test("another client resumes the session, and the first one gives up", async (t) => {
  const server = await startServer(t, "--drones", "0");
  const first = connect(t, server, { name: "Ada" });
  fly(first);
  const { player } = await next(first, "welcome");
  const replaced = next(first, "lost");
  const second = connect(t, server, { resume: first.resumeToken });
  fly(second);
  assert.equal((await next(second, "welcome")).player, player);
  const { code, pauseMs } = await replaced;
  assert.deepEqual([code, pauseMs], [CLOSE.REPLACED, undefined]);
});

test("server that cannot be reached is tried until it is there", async (t) => {
  const server = await startServer(t, "--drones", "0");
  const port = await freePort();
  const client = connect(t, `http://127.0.0.1:${port}`, { name: "Ada" });
  for (let attempt = 0; attempt < 2; attempt++) {
    const { code, reason, pauseMs } = await next(client, "lost");
    assert.equal(code, 1006);
    assert.match(reason, /cannot be reached/);
    assert.ok(pauseMs <= 500);
  }
  await startCutter(t, server, port);
  assert.equal((await next(client, "welcome")).is_resumed, false);
});

test("silent connection is given up", async (t) => {
  const { url, freeze, thaw } = await startCutter(t, await startServer(t, "--drones", "0"));
  const client = connect(t, url, {});
  await next(client, "welcome");
  const lost = next(client, "lost");
  freeze();
  const { code, reason, pauseMs } = await lost;
  assert.deepEqual([code, reason], [1006, "nothing arrived for 5 seconds"]);
  assert.ok(pauseMs > 0);
  thaw();
  assert.equal((await next(client, "welcome")).is_resumed, true);
});

test("hidden player is out of the arena, also after the connection was cut, and comes back", async (t) => {
  const { url, cut } = await startCutter(t, await startServer(t, "--drones", "0"));
  const client = connect(t, url, { name: "Ada" });
  fly(client);
  await next(client, "welcome");
  await until("a ship", () => ownShip(client.viewer));
  client.setHidden(true);
  assert.equal(client.replica.cells.size, 0);
  await until("the ship is out of the arena", () => "Idle" in client.viewer.Player.own);
  const resumed = next(client, "welcome");
  cut();
  const { tick } = await resumed;
  await until("three seconds", () => client.tick > tick + 90);
  assert.ok("Idle" in client.viewer.Player.own);
  assert.equal(client.replica.cells.size, 0);
  client.setHidden(false);
  await until("the ship is back", () => ownShip(client.viewer) && client.replica.bodies().has(client.player));
  await followed(client, 3);
});

test("players chat, whisper, and learn why a line was rejected", async (t) => {
  const server = await startServer(t, "--drones", "0");
  const [ada, bo] = [connect(t, server, { name: "Ada" }), connect(t, server, { name: "Bo" })];
  assert.equal(ada.chat("too early"), false);
  await Promise.all([next(ada, "frame"), next(bo, "frame")]);
  const lines = [next(ada, "chat"), next(bo, "chat")];
  assert.equal(ada.chat("hello"), true);
  for (const { name, text } of await Promise.all(lines)) assert.deepEqual([name, text], ["Ada", "hello"]);
  const whisper = next(bo, "whisper");
  ada.chat("/w Bo psst");
  assert.equal((await whisper).text, "psst");
  const rejected = next(ada, "rejected");
  ada.chat("/nonsense");
  assert.equal(await rejected, "UnknownCommand");
  // A player that joins later gets the history.
  const late = connect(t, server, { name: "Cy" });
  assert.equal((await next(late, "chat")).text, "hello");
});

test("player that leaves is removed at once", async (t) => {
  const server = await startServer(t, "--drones", "0");
  const [ada, bo] = [connect(t, server, { name: "Ada" }), connect(t, server, { name: "Bo" })];
  const player = await until("a player", () => bo.player);
  await until("both in the roster", () => ada.players.has(player));
  bo.leave();
  await until("only one in the roster", () => !ada.players.has(player));
});

test("client of another game is refused with the reason, and does not try again", async (t) => {
  const server = await startServer(t, "--drones", "0");
  const client = connect(t, server, { name: "Ada" }, { ...emberdrift, name: "tag" });
  const { code, reason, pauseMs } = await next(client, "lost");
  assert.equal(code, CLOSE.OTHER_GAME);
  assert.match(reason, /emberdrift/);
  assert.equal(pauseMs, undefined);
  await sleep(1000);
  assert.equal(client.welcome, undefined);
});

test("client joins the arena that it names", async (t) => {
  const server = await startServer(t, "--arena", "drift:0,duel:2");
  const client = connect(t, server, { arena: "duel" });
  assert.equal((await next(client, "welcome")).arena.name, "Duel");
});

test("feed brings the topics that were asked for, also after the connection was cut", async (t) => {
  const { url, cut } = await startCutter(t, await startServer(t, "--drones", "0"));
  const feed = new Feed(url, { topics: ["scores", "health"] });
  t.after(() => feed.close());
  for (let loss = 0; loss < 2; loss++) {
    const document = await next(feed, "document");
    assert.equal(document.arena, "Drift");
    assert.equal(document.scores.spectators, 0);
    assert.equal(document.health.tick_rate, 30);
    assert.ok(!("events" in document));
    cut();
    assert.equal((await next(feed, "lost")).code, 1006);
  }
});
