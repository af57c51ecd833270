/**
 * One cell as the server described it, to the bit: PROTOCOL.md, section 5.
 *
 * Invariant: with every update applied, the cell's checksum is the server's.
 */

/** @import { CellChange, Parts, PlacedItem } from "../../types/engine/messages.js" */
/** @import { Game } from "./game.js" */

import { Checksum, low32 } from "./checksum.js";

/**
 * A body in a cell. Positions are in steps from the cell's lower left corner, velocities in steps per frame.
 *
 * @template {Parts} G
 * @typedef {object} CellBody
 * @property {number} id the player's id
 * @property {number} x
 * @property {number} y
 * @property {number} vx
 * @property {number} vy
 * @property {number} heading in 1/256 turn
 * @property {G["Look"]} look
 * @property {number} since the tick in which it entered this cell, or was sent in full again
 */

/** The cell is not what the server believes: a change cannot be applied, or the checksum differs. */
export class OutOfSync extends Error {
  name = "OutOfSync";
}

/** @template {Parts} G */
export class Cell {
  /** Sorted by id. @type {CellBody<G>[]} */
  bodies = [];
  /** By lattice point. @type {Map<number, PlacedItem<G>>} */
  items = new Map();

  /** Moves every body on along its straight line for one frame. */
  advance() {
    for (const body of this.bodies) shift(body, body.vx, body.vy);
  }

  /**
   * Applies one change.
   *
   * @param {CellChange<G>} change
   * @param {number} tick of the frame that has it
   * @param {Game<G>} game
   * @throws {OutOfSync} and the rest of the change is skipped
   */
  apply(change, tick, game) {
    if (change === "Reset") {
      this.bodies = [];
      this.items.clear();
    } else if ("Left" in change) {
      const indices = [...bySkips(change.Left, (skip) => skip)].map(([index]) => index);
      indices.forEach((index) => this.#body(index));
      this.bodies = without(this.bodies, indices);
    } else if ("Entered" in change) {
      let id = 0;
      for (const { gap, state } of change.Entered) {
        id += gap;
        const index = this.#indexOf(id);
        this.bodies.splice(index, this.bodies[index]?.id === id ? 1 : 0, { ...state, id, since: tick });
      }
    } else if ("Moved" in change) {
      const { which, moves } = change.Moved;
      let next = 0;
      for (const index of setBits(which)) {
        const body = this.#body(index);
        const move = moves[next++];
        if (!move) throw new OutOfSync("more bits than moves");
        bend(body, move.dx, move.dy, move.dx, move.dy);
        body.heading = move.heading ?? body.heading;
      }
    } else if ("CatchUp" in change) {
      for (const [index, { dx, dy, dvx, dvy, heading }] of bySkips(change.CatchUp, ({ skip }) => skip)) {
        const body = this.#body(index);
        bend(body, dx, dy, dvx, dvy);
        body.heading = heading;
      }
    } else if ("Looks" in change) {
      for (const [index, { look }] of bySkips(change.Looks, ({ skip }) => skip)) this.#body(index).look = look;
    } else if ("ItemsAdded" in change) {
      for (const item of change.ItemsAdded) this.items.set(point(item), item);
    } else if ("ItemsTaken" in change) {
      for (const taken of change.ItemsTaken) {
        if (!this.items.delete(point(taken))) throw new OutOfSync(`no item at (${taken.x}, ${taken.y})`);
      }
    } else if ("Checksum" in change && change.Checksum !== this.checksum(game)) {
      throw new OutOfSync("the checksum differs");
    }
  }

  /**
   * A hash of the whole cell, the same as the server's.
   *
   * @param {Game<G>} game
   */
  checksum({ lookBytes, itemBytes }) {
    const sum = new Checksum();
    for (const { id, x, y, vx, vy, heading, look } of this.bodies) {
      sum.word(pair(id, heading));
      sum.word(pair(x, y));
      sum.word(pair(vx, vy));
      sum.bytes(lookBytes(look));
    }
    // A sum, because items have no order.
    let items = 0;
    for (const { x, y, item } of this.items.values()) {
      const hash = new Checksum();
      hash.word(x | (y << 8));
      hash.bytes(itemBytes(item));
      items = (items + low32(hash.finish())) >>> 0;
    }
    sum.word(items);
    const hash = sum.finish();
    return low32(hash ^ (hash >> 32n));
  }

  /** @param {number} index */
  #body(index) {
    const body = this.bodies[index];
    if (!body) throw new OutOfSync(`no body at index ${index}`);
    return body;
  }

  /**
   * The index of the body with this id, or that at which it belongs.
   *
   * @param {number} id
   */
  #indexOf(id) {
    let low = 0;
    let high = this.bodies.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (/** @type {CellBody<G>} */ (this.bodies[middle]).id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** @param {{ x: number, y: number }} place */
const point = ({ x, y }) => x | (y << 8);

/**
 * Two 16-bit values in one unsigned word, the first in the lower half.
 *
 * @param {number} low
 * @param {number} high
 */
const pair = (low, high) => ((low & 0xffff) | (high << 16)) >>> 0;

/**
 * A sum as it is in 16 bits.
 *
 * @param {number} value
 */
const int16 = (value) => (value << 16) >> 16;

/**
 * @param {CellBody<any>} body
 * @param {number} dx
 * @param {number} dy
 */
function shift(body, dx, dy) {
  body.x = int16(body.x + dx);
  body.y = int16(body.y + dy);
}

/**
 * @param {CellBody<any>} body
 * @param {number} dx
 * @param {number} dy
 * @param {number} dvx
 * @param {number} dvy
 */
function bend(body, dx, dy, dvx, dvy) {
  shift(body, dx, dy);
  body.vx = int16(body.vx + dvx);
  body.vy = int16(body.vy + dvy);
}

/**
 * The entries with the indices that their skips stand for.
 *
 * @template T
 * @param {Iterable<T>} entries
 * @param {(entry: T) => number} skipOf
 * @returns {Generator<[number, T]>}
 */
function* bySkips(entries, skipOf) {
  let index = -1;
  for (const entry of entries) {
    index += 1 + skipOf(entry);
    yield [index, entry];
  }
}

/**
 * The indices whose bits are set.
 *
 * @param {number[]} bytes
 */
function* setBits(bytes) {
  for (const [at, byte] of bytes.entries()) {
    for (let bit = 0; bit < 8; bit++) if ((byte >> bit) & 1) yield 8 * at + bit;
  }
}

/**
 * A list without the elements at these indices.
 *
 * @template T
 * @param {T[]} list
 * @param {number[]} indices
 */
function without(list, indices) {
  const gone = new Set(indices);
  return list.filter((_, index) => !gone.has(index));
}
