// Fills a server of `server.mjs` with players and measures what they receive.
//
//   node load.mjs --url http://127.0.0.1:PORT --players N --seconds S [--ramp 100] [--json FILE]
//
// It measures only when all have joined, and says itself whether it was quick enough to be believed.

import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { Histogram, mean, percentile, round } from "./histogram.mjs";
import { Player } from "./player.mjs";

/** Inputs each player sends a second. */
const INPUT_RATE = 20;
/** Players that decode what they receive. */
const VERIFIERS = 4;
/** Between the last join and the measurement, in ms: the views are chosen once a second. */
const SETTLE_MS = 2500;
const VERIFY_EVERY_MS = 500;
/** What still counts as the load's own clock: an input this late at p99 is too late, in ms. */
const LATE_MS = 50;
/** The part of a core from which on the load may be the slower end. */
const BUSY = 0.9;

const { values: flags } = parseArgs({
  options: {
    url: { type: "string" },
    players: { type: "string", default: "50" },
    seconds: { type: "string", default: "10" },
    ramp: { type: "string", default: "100" },
    json: { type: "string" },
  },
});

/** Code 2 is for a wrong flag. */
function fail(why, code = 2) {
  console.error(`load.mjs: ${why}`);
  process.exit(code);
}

function number(name, least, most) {
  const value = Number(flags[name]);
  if (!(value >= least && value <= most)) fail(`--${name} is ${flags[name]}, but must be ${least} to ${most}`);
  return value;
}

if (!flags.url) fail("--url http://127.0.0.1:PORT is missing");
const playersWanted = Math.floor(number("players", 1, 20_000));
const secondsWanted = number("seconds", 0.1, 3600);
const ramp = number("ramp", 0.1, 10_000);

const gaps = new Histogram();
const lateness = new Histogram();
let measuring = false;
let bytesReceived = 0;

const record = {
  message(bytes) {
    if (measuring) bytesReceived += bytes;
  },
  frame(player) {
    const now = performance.now();
    if (measuring) {
      player.frames += 1;
      if (player.lastFrameMs !== undefined) gaps.add(now - player.lastFrameMs);
    }
    player.lastFrameMs = now;
  },
};

/** Joins all, `ramp` a second, and returns those that came in. */
async function joinAll() {
  // The verifiers are spread over all, and so over the rooms.
  const verifierEvery = Math.max(1, Math.floor(playersWanted / VERIFIERS));
  const joins = [];
  const start = performance.now();
  for (let index = 0; index < playersWanted; index += 1) {
    const wait = start + (index * 1000) / ramp - performance.now();
    if (wait > 0) await sleep(wait);
    const verifies = index % verifierEvery === 0 && index / verifierEvery < VERIFIERS;
    const player = new Player(index, verifies, record);
    joins.push(player.join(flags.url).then(() => player));
  }
  const ends = await Promise.allSettled(joins);
  const refused = ends.filter((end) => end.status === "rejected");
  if (refused.length) console.error(`${refused.length} did not join; the first: ${refused[0].reason.message}`);
  return ends.filter((end) => end.status === "fulfilled").map((end) => end.value);
}

/**
 * Lets all steer at the input rate, evenly one after another, until `done.now`. However late it is, each sends at most one
 * input before the sockets are read again; what is a second late is not sent.
 */
function steerAll(players, done) {
  let start = performance.now();
  const stepMs = 1000 / INPUT_RATE / players.length;
  let inputs = 0;
  const wake = () => {
    if (done.now) return;
    const now = performance.now();
    for (let count = 0; count < players.length; count += 1) {
      const late = now - (start + inputs * stepMs);
      if (late < 0) break;
      if (measuring) lateness.add(late);
      const player = players[inputs % players.length];
      if (player.connected) player.steer();
      inputs += 1;
    }
    if (now - (start + inputs * stepMs) > 1000) start = now - inputs * stepMs;
    setTimeout(wake, 1);
  };
  wake();
}

/** Looks at what the verifiers have decoded until `done.now`: how many ships, and how many of them have moved since. */
async function verify(players, done) {
  const ships = [];
  const moving = [];
  const before = new Map();
  const verifiers = players.filter((player) => player.serializer);
  while (!done.now) {
    for (const player of verifiers) {
      const now = player.ships();
      ships.push(now.size);
      const known = [...now].filter(([key]) => before.get(player)?.has(key));
      const moved = known.filter(([key, [x, y]]) => {
        const [oldX, oldY] = before.get(player).get(key);
        return x !== oldX || y !== oldY;
      });
      if (known.length) moving.push(moved.length / known.length);
      before.set(player, now);
    }
    await sleep(VERIFY_EVERY_MS);
  }
  return { ships: mean(ships), moving: mean(moving) };
}

const players = await joinAll();
if (players.length === 0) fail("no player joined", 1);
const done = { now: false };
steerAll(players, done);
await sleep(SETTLE_MS);

const verified = verify(players, done);
const cpuBefore = process.cpuUsage();
const start = performance.now();
measuring = true;
// Another program may watch the server during the measured time.
console.error("measuring");
await sleep(secondsWanted * 1000);
measuring = false;
console.error("measured");
const end = performance.now();
const cpu = process.cpuUsage(cpuBefore);
done.now = true;

const seconds = (end - start) / 1000;
const cpuSeconds = (cpu.user + cpu.system) / 1e6;
// Who waits for a frame at the end has waited at least as long as until now.
for (const player of players) {
  const waited = end - Math.max(player.lastFrameMs ?? start, start);
  if (waited > 2 * (1000 / INPUT_RATE)) gaps.add(waited);
}
const { ships, moving } = await verified;
const lost = players.filter((player) => !player.connected);
if (lost.length) console.error(`${lost.length} were lost; the first: ${lost[0].closed}`);
const rates = players.map((player) => player.frames / seconds);

const invalidBecause = [];
if (lateness.percentile(0.99) > LATE_MS) {
  invalidBecause.push(`its inputs were up to ${lateness.percentile(0.99)} ms late at p99, more than ${LATE_MS}`);
}
if (cpuSeconds > BUSY * seconds) {
  invalidBecause.push(`it took ${round((100 * cpuSeconds) / seconds, 0)} % of a core, more than ${100 * BUSY}`);
}

// The names are those of the report of Emberdrift's own bots, where they mean the same.
const report = {
  players_requested: playersWanted,
  players_joined: players.length,
  players_at_end: players.filter((player) => player.connected).length,
  frames_received: players.reduce((sum, player) => sum + player.frames, 0),
  frames_per_player_second: { p1: round(percentile(rates, 0.01), 2), p50: round(percentile(rates, 0.5), 2) },
  frame_gap_ms: { p50: gaps.percentile(0.5), p99: gaps.percentile(0.99), max: round(gaps.max, 1) },
  bytes_per_player_second: { mean: round(bytesReceived / seconds / players.length, 1) },
  visible_bodies: { mean: round(ships, 2) },
  verified_moving_share: round(moving, 4),
  bots: {
    lateness_ms: { p50: lateness.percentile(0.5), p99: lateness.percentile(0.99), max: round(lateness.max, 1) },
    cpu_seconds: round(cpuSeconds, 3),
  },
  seconds: round(seconds, 3),
  valid: invalidBecause.length === 0,
  invalid_because: invalidBecause,
};

const rows = [
  ["players", `${report.players_requested} requested  ${report.players_joined} joined  ${report.players_at_end} at the end`],
  ["frames received", report.frames_received],
  ["frames per player-second", `p1 ${report.frames_per_player_second.p1}  p50 ${report.frames_per_player_second.p50}`],
  ["frame gap, ms", `p50 ${report.frame_gap_ms.p50}  p99 ${report.frame_gap_ms.p99}  max ${report.frame_gap_ms.max}`],
  ["kB per player-second", `mean ${round(report.bytes_per_player_second.mean / 1000, 1)}`],
  ["ships, decoded", `mean ${report.visible_bodies.mean}  moving ${round(100 * report.verified_moving_share, 1)} %`],
  ["inputs late, ms", `p50 ${report.bots.lateness_ms.p50}  p99 ${report.bots.lateness_ms.p99}  max ${report.bots.lateness_ms.max}`],
  ["CPU of the load", `${report.bots.cpu_seconds} s in ${report.seconds} s`],
  ["valid", report.valid ? "yes" : `no: ${invalidBecause.join("; ")}`],
];
for (const [name, value] of rows) console.log(`${name.padEnd(26)} ${value}`);
if (flags.json) writeFileSync(flags.json, `${JSON.stringify(report, null, 2)}\n`);

for (const player of players) player.socket.terminate();
process.exit(0);
