// One player of the load: it takes a seat over HTTP, opens the WebSocket, answers the handshake, steers, and counts what
// comes. It speaks Colyseus's wire protocol itself and reads no state, so that thousands fit into one process;
// a few also decode the state as the official SDK does, which shows that there is one.

import { decode } from "@colyseus/schema";
import { Protocol, SchemaSerializer } from "@colyseus/sdk";
import WebSocket from "ws";

/** The message type that `room.mjs` listens for. */
const INPUT = 0;
/** The combinations of the direction buttons (up 1, down 2, left 4, right 8) that thrust, one for each of 8 directions. */
const BUTTONS = [1, 2, 4, 8, 5, 6, 9, 10];
/** What a message may be at most, in bytes. */
const MESSAGE_MAX = 16 * 1024 * 1024;

export class Player {
  /** `decodes`: whether it decodes the state. `record`: `frame(player, bytes)` and `message(bytes)` are told what comes. */
  constructor(number, decodes, record) {
    this.record = record;
    this.serializer = decodes ? new SchemaSerializer() : undefined;
    this.joined = false;
    this.closed = undefined; // why, once it is
    this.frames = 0; // those that `record` counted
    this.lastFrameMs = undefined; // when the last one came, counted or not
    this.random = (number * 2654435761 + 12345) >>> 0;
    this.aim = this.random & 0xffff;
    this.inputsUntilTurn = 0;
    this.input = Buffer.from([Protocol.ROOM_DATA_BYTES, INPUT, 0, 0, 0]);
  }

  /** Resolves when the player is in the game, its first state received. */
  async join(url) {
    const answer = await fetch(new URL("/matchmake/joinOrCreate/ships", url), {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: "{}",
      signal: AbortSignal.timeout(30_000),
    });
    if (!answer.ok) throw new Error(`no seat: HTTP ${answer.status} ${await answer.text()}`);
    const seat = await answer.json();
    const address = new URL(`/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}`, url);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    // The library sets TCP_NODELAY on every socket, as does Node's HTTP server at the other end.
    this.socket = new WebSocket(address, { perMessageDeflate: false, maxPayload: MESSAGE_MAX, handshakeTimeout: 30_000 });
    await new Promise((resolve, reject) => {
      this.entered = resolve;
      const closed = (why) => {
        this.closed ??= why;
        reject(new Error(why));
      };
      this.socket.on("message", (bytes) => this.receive(bytes));
      this.socket.on("error", (error) => closed(error.message));
      this.socket.on("close", (code, reason) => closed(`closed: ${code} ${reason}`));
    });
  }

  receive(bytes) {
    this.record.message(bytes.length);
    switch (bytes[0]) {
      case Protocol.ROOM_STATE_PATCH:
        this.record.frame(this);
        this.serializer?.patch(bytes, { offset: 1 });
        break;
      case Protocol.JOIN_ROOM:
        this.readHandshake(bytes);
        this.socket.send(Buffer.from([Protocol.JOIN_ROOM]));
        break;
      case Protocol.ROOM_STATE:
        this.serializer?.setState(bytes, { offset: 1 });
        this.joined = true;
        this.entered();
        break;
      case Protocol.ERROR:
        this.closed ??= "the server sent an error";
        this.socket.terminate();
        break;
    }
  }

  /** `JOIN_ROOM`: two short strings, then the length and the bytes of the description of the state. */
  readHandshake(bytes) {
    if (!this.serializer) return;
    const at = { offset: 1 };
    at.offset += 1 + bytes[at.offset]; // the token to come back with
    at.offset += 1 + bytes[at.offset]; // the serializer's name
    const length = decode.number(bytes, at);
    this.serializer.handshake(bytes.subarray(0, at.offset + length), at);
  }

  get connected() {
    return this.joined && this.socket.readyState === WebSocket.OPEN;
  }

  /** Sends one input: it flies one way for half a second to a second and a half, and turns all the time. */
  steer() {
    if (this.inputsUntilTurn === 0) {
      this.random = (Math.imul(this.random, 1664525) + 1013904223) >>> 0;
      this.input[2] = BUTTONS[this.random >>> 29];
      this.inputsUntilTurn = 10 + ((this.random >>> 16) % 20);
      this.turn = this.random & 0x100 ? 700 : -700;
    }
    this.inputsUntilTurn -= 1;
    this.aim = (this.aim + this.turn) & 0xffff;
    this.input.writeUInt16LE(this.aim, 3);
    this.socket.send(this.input);
  }

  /** The ships of the decoded state: a map from key to `[x, y]`. */
  ships() {
    const ships = new Map();
    this.serializer.getState().ships?.forEach((ship, key) => ships.set(key, [ship.x, ship.y]));
    return ships;
  }
}
