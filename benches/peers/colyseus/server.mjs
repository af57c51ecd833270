// A Colyseus server of ships that fly about, with the settings its documentation names as fastest (see README.md).
//
//   node server.mjs --mode rooms|world [--port 0] [--room-size 50] [--tick-rate 20] [--arena-side 6800] [--loop exact|interval]
//
// Prints `listening 127.0.0.1:PORT` when it lets players in, and ends on SIGTERM.

process.env.NODE_ENV ??= "production"; // before Colyseus and its HTTP side are loaded, which read it once

import { parseArgs } from "node:util";

const { Server } = await import("@colyseus/core");
const { Encoder } = await import("@colyseus/schema");
const { WebSocketTransport } = await import("@colyseus/ws-transport");
const { makeRoom } = await import("./room.mjs");

const { values: flags } = parseArgs({
  options: {
    mode: { type: "string", default: "rooms" },
    port: { type: "string", default: "0" },
    "room-size": { type: "string", default: "50" },
    "tick-rate": { type: "string", default: "20" },
    "arena-side": { type: "string", default: "6800" },
    loop: { type: "string", default: "exact" },
  },
});

/** A whole number within its range, or one line that says what is wrong, and exit code 2. */
function whole(name, least, most) {
  const number = Number(flags[name]);
  if (!Number.isInteger(number) || number < least || number > most) {
    fail(`--${name} is ${flags[name]}, but must be a whole number from ${least} to ${most}`);
  }
  return number;
}

function fail(why) {
  console.error(`server.mjs: ${why}`);
  process.exit(2);
}

if (!["rooms", "world"].includes(flags.mode)) fail(`--mode is ${flags.mode}, but must be rooms or world`);
if (!["exact", "interval"].includes(flags.loop)) fail(`--loop is ${flags.loop}, but must be exact or interval`);
const world = flags.mode === "world";
const port = whole("port", 0, 65535);

// A room's frames of one tick are encoded behind one another into one buffer: in the world, those of all players.
// What does not fit is encoded again into a larger buffer.
Encoder.BUFFER_SIZE = world ? 4 * 1024 * 1024 : 64 * 1024;

// The pings are those of the documentation's example: the defaults (every 3 s, 2 may miss) throw everybody out of a
// server that stalls for 6 s, on whichever side the stall is.
const transport = new WebSocketTransport({ perMessageDeflate: false, pingInterval: 6000, pingMaxRetries: 4 });
// Presence and driver are the local ones, in this process, by default.
const server = new Server({ transport, greet: false });
server.define(
  "ships",
  makeRoom({
    world,
    playersMax: world ? Infinity : whole("room-size", 1, 1000),
    tickRate: whole("tick-rate", 1, 128),
    arenaSide: whole("arena-side", 500, 100000),
    exactLoop: flags.loop === "exact",
  }),
);
await server.listen(port, "127.0.0.1");
console.log(`listening 127.0.0.1:${transport.server.address().port}`);
