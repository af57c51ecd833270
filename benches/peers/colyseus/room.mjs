// The room: its state, its fixed step, and its players. Of the game it has only what is compared: ships that
// fly by the rules of the arena Drift (`shared/src/game/movement.rs`), without rocks, shots or embers.

import { Room } from "@colyseus/core";
import { schema, StateView, t } from "@colyseus/schema";

import { refreshViews } from "./views.mjs";

const THRUST = 980; // units/s²
const TOP_SPEED = 400; // units/s
const DRAG = 1.1; // part of the speed lost in a second
const BOUNCE = 0.45; // part of the speed kept at a wall
const RADIUS = 18; // units
/** The one type of message a player sends; a number takes one byte where a name takes several. */
const INPUT = 0;

/** The unit vector of each combination of the four direction buttons: up 1, down 2, left 4, right 8. */
const DIRECTIONS = Array.from({ length: 16 }, (_, buttons) => {
  const x = ((buttons >> 3) & 1) - ((buttons >> 2) & 1);
  const y = ((buttons >> 1) & 1) - (buttons & 1);
  const length = Math.hypot(x, y) || 1;
  return { x: x / length, y: y / length };
});

/** A ship's exact motion, which is the server's own business, and beside it the part of the state that others see. */
class Pilot {
  constructor(ship, arenaSide) {
    this.ship = ship;
    this.x = RADIUS + Math.random() * (arenaSide - 2 * RADIUS);
    this.y = RADIUS + Math.random() * (arenaSide - 2 * RADIUS);
    this.velocityX = 0;
    this.velocityY = 0;
    this.buttons = 0;
    this.aim = 0; // 65536 to the turn
    this.gone = false;
    /** In the world: what this player sees, and the pilots of the ships in it. */
    this.view = undefined;
    this.seen = new Set();
  }

  step(dt, arenaSide) {
    const direction = DIRECTIONS[this.buttons & 15];
    const kept = 1 - Math.min(DRAG * dt, 1);
    this.velocityX = this.velocityX * kept + direction.x * THRUST * dt;
    this.velocityY = this.velocityY * kept + direction.y * THRUST * dt;
    const speed = Math.sqrt(this.velocityX * this.velocityX + this.velocityY * this.velocityY);
    if (speed > TOP_SPEED) {
      this.velocityX *= TOP_SPEED / speed;
      this.velocityY *= TOP_SPEED / speed;
    }
    this.x += this.velocityX * dt;
    this.y += this.velocityY * dt;
    const far = arenaSide - RADIUS;
    if (this.x < RADIUS || this.x > far) {
      this.x = this.x < RADIUS ? RADIUS : far;
      this.velocityX *= -BOUNCE;
    }
    if (this.y < RADIUS || this.y > far) {
      this.y = this.y < RADIUS ? RADIUS : far;
      this.velocityY *= -BOUNCE;
    }
    this.ship.x = this.x;
    this.ship.y = this.y;
    this.ship.angle = this.aim >> 8;
  }
}

/**
 * The room's class for these settings.
 *
 * `world`: one room for all, each player with a view of its own; else all see all.
 * `playersMax`: players a room holds. `tickRate`: steps, and patches, a second. `arenaSide`: units.
 * `exactLoop`: patches at once after each step, on deadlines that do not drift; else Colyseus's two own timers.
 */
export function makeRoom({ world, playersMax, tickRate, arenaSide, exactLoop }) {
  // Two bytes each for x and y, as "Optimizing State" advises for bounded floats; one for the angle.
  const Ship = schema(
    {
      x: t.quantized({ min: 0, max: arenaSide, bits: 16 }),
      y: t.quantized({ min: 0, max: arenaSide, bits: 16 }),
      angle: t.uint8(),
    },
    "Ship",
  );
  // One view tag anywhere makes Colyseus encode for each client, so rooms where all see all have none.
  const State = schema({ ships: world ? t.map(Ship).view() : t.map(Ship) }, "State");

  return class ShipRoom extends Room {
    maxClients = playersMax;
    patchRate = exactLoop ? null : 1000 / tickRate;
    state = new State();
    pilots = [];
    tick = 0;
    over = false;

    onCreate() {
      this.onMessageBytes(INPUT, (client, bytes) => {
        if (bytes.length !== 3) return;
        const pilot = client.userData;
        pilot.buttons = bytes[0];
        pilot.aim = bytes[1] | (bytes[2] << 8);
      });
      if (exactLoop) {
        this.runLoop();
      } else {
        this.setFixedTimestep(({ dt }) => this.step(dt), tickRate);
      }
    }

    /**
     * Steps at `start + n / rate`. A deadline missed by more than five ticks is let go. The work is done in an immediate:
     * Node runs timers that are due one after another, and sockets would not be read while rooms are late.
     */
    runLoop() {
      const tickMs = 1000 / tickRate;
      let deadline = performance.now() + tickMs;
      const work = () => {
        if (this.over) return;
        this.step(1 / tickRate);
        this.broadcastPatch();
        const now = performance.now();
        deadline += tickMs;
        if (deadline < now - 5 * tickMs) deadline = now;
        if (deadline > now) setTimeout(setImmediate, deadline - now, work);
        else setImmediate(work);
      };
      setTimeout(setImmediate, tickMs, work);
    }

    step(dt) {
      for (const pilot of this.pilots) pilot.step(dt, arenaSide);
      // Each tick its share of the views, so that each is looked at once a second.
      if (world) refreshViews(this.pilots, arenaSide, this.tick % tickRate, tickRate);
      this.tick += 1;
    }

    onJoin(client) {
      const ship = new Ship();
      const pilot = new Pilot(ship, arenaSide);
      ship.assign({ x: pilot.x, y: pilot.y, angle: 0 });
      this.state.ships.set(client.sessionId, ship);
      client.userData = pilot;
      this.pilots.push(pilot);
      if (world) {
        client.view = pilot.view = new StateView();
        pilot.view.add(ship);
        pilot.seen.add(pilot);
      }
    }

    onLeave(client) {
      const pilot = client.userData;
      if (!pilot) return;
      pilot.gone = true;
      const last = this.pilots.pop();
      if (last !== pilot) this.pilots[this.pilots.indexOf(pilot)] = last;
      this.state.ships.delete(client.sessionId);
      pilot.view?.dispose();
    }

    onDispose() {
      this.over = true;
    }
  };
}
