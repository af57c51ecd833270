/**
 * The cells in view, as the server described them. It detects when a cell differs from the server's, and says which cells to ask for
 * in full.
 */

/** @import { CellChunk, CellIndex, CellWindow, Frame, Parts } from "../../types/engine/messages.js" */
/** @import { CellBody } from "./cell.js" */
/** @import { Game } from "./game.js" */

import { Cell, OutOfSync } from "./cell.js";
import { CELL_SIZE, LATTICE_STEP, STEPS_PER_UNIT } from "./game.js";

/** After this time without the full cell that it asked for, a client asks again. */
const RESYNC_SECONDS = 2;

/**
 * A body in view.
 *
 * @template {Parts} G
 * @typedef {object} Body
 * @property {number} id the player's id
 * @property {number} x centre, in units
 * @property {number} y
 * @property {number} vx in units/s
 * @property {number} vy
 * @property {number} heading in radians, counter-clockwise from +x
 * @property {G["Look"]} look
 */

/**
 * An item in view.
 *
 * @template {Parts} G
 * @typedef {object} Item
 * @property {number} x in units
 * @property {number} y
 * @property {G["Item"]} item
 */

/**
 * An event, and the lower left corner of the cell in which it happened, in units.
 *
 * @template {Parts} G
 * @typedef {object} PlacedEvent
 * @property {number} x
 * @property {number} y
 * @property {G["Event"]} event
 */

/** @template {Parts} G */
export class Replica {
  /** Cells whose state differed from the server's. With a correct client it stays 0. */
  mismatches = 0;
  /** Checksums that were compared. */
  compared = 0;

  #game;
  #columns;
  #rows;
  #tickRate;
  /** Those in view. @type {Map<CellIndex, Cell<G>>} */
  #cells = new Map();
  /** The tick in which a cell was asked for in full. @type {Map<CellIndex, number>} */
  #asked = new Map();

  /**
   * @param {Game<G>} game
   * @param {G["Arena"]} arena
   * @param {number} tickRate ticks per second
   */
  constructor(game, arena, tickRate) {
    const [columns, rows] = game.size(arena).map((side) => Math.max(1, Math.ceil(side / CELL_SIZE)));
    this.#game = game;
    this.#columns = /** @type {number} */ (columns);
    this.#rows = /** @type {number} */ (rows);
    this.#tickRate = tickRate;
  }

  /**
   * Applies a frame.
   *
   * @param {Frame<G>} frame
   * @returns {{ events: PlacedEvent<G>[], resync: CellIndex[] }} what happened in view, and the cells to ask for
   */
  apply({ head: { tick, view }, cells }) {
    if (view) this.#show(view.window, view.reset);
    for (const cell of this.#cells.values()) cell.advance();
    /** @type {PlacedEvent<G>[]} */
    const events = [];
    /** @type {CellIndex[]} */
    const resync = [];
    for (const chunk of cells) {
      const cell = this.#cells.get(chunk.cell);
      if (!cell) continue;
      if (!this.#applyChunk(cell, chunk, tick, events)) {
        this.#asked.set(chunk.cell, tick);
        resync.push(chunk.cell);
      }
    }
    return { events, resync };
  }

  /** Forgets all cells: for a page that goes to the background. The next full view brings them back. */
  forget() {
    this.#cells.clear();
    this.#asked.clear();
  }

  /** The cells in view, by index. @returns {ReadonlyMap<CellIndex, Cell<G>>} */
  get cells() {
    return this.#cells;
  }

  /**
   * The bodies in view, each once: as a far cell is updated less often, a body that crosses a border can be in two cells for a moment,
   * and the one that it entered last counts.
   *
   * @returns {Map<number, Body<G>>} by id
   */
  bodies() {
    /** @type {Map<number, [CellIndex, CellBody<G>]>} */
    const latest = new Map();
    for (const [index, cell] of this.#cells) {
      for (const body of cell.bodies) {
        const known = latest.get(body.id);
        if (!known || known[1].since < body.since) latest.set(body.id, [index, body]);
      }
    }
    return new Map([...latest].map(([id, [index, body]]) => [id, this.#inUnits(index, body)]));
  }

  /** The items in view. @returns {Item<G>[]} */
  items() {
    return [...this.#cells].flatMap(([index, cell]) => {
      const [left, bottom] = this.origin(index);
      return [...cell.items.values()].map(({ x, y, item }) => ({
        x: left + (x + 0.5) * LATTICE_STEP,
        y: bottom + (y + 0.5) * LATTICE_STEP,
        item,
      }));
    });
  }

  /**
   * The lower left corner of a cell, in units.
   *
   * @param {CellIndex} cell
   * @returns {[number, number]}
   */
  origin(cell) {
    const column = cell % this.#columns;
    return [column * CELL_SIZE, ((cell - column) / this.#columns) * CELL_SIZE];
  }

  /**
   * @param {CellIndex} index
   * @param {CellBody<G>} body
   * @returns {Body<G>}
   */
  #inUnits(index, { id, x, y, vx, vy, heading, look }) {
    const [left, bottom] = this.origin(index);
    return {
      id,
      x: left + x / STEPS_PER_UNIT,
      y: bottom + y / STEPS_PER_UNIT,
      vx: (vx * this.#tickRate) / STEPS_PER_UNIT,
      vy: (vy * this.#tickRate) / STEPS_PER_UNIT,
      heading: (heading * 2 * Math.PI) / 256,
      look,
    };
  }

  /**
   * Forgets the cells that are no longer in view, or all, and adds the new ones.
   *
   * @param {CellWindow} window
   * @param {boolean} reset
   */
  #show({ left, bottom, right, top }, reset) {
    const known = reset ? new Map() : this.#cells;
    this.#cells = new Map();
    for (let row = bottom; row <= Math.min(top, this.#rows - 1); row++) {
      for (let column = left; column <= Math.min(right, this.#columns - 1); column++) {
        const index = row * this.#columns + column;
        this.#cells.set(index, known.get(index) ?? new Cell());
      }
    }
    for (const index of this.#asked.keys()) if (reset || !this.#cells.has(index)) this.#asked.delete(index);
  }

  /**
   * Applies one cell's update and collects its events.
   *
   * @param {Cell<G>} cell
   * @param {CellChunk<G>} chunk
   * @param {number} tick
   * @param {PlacedEvent<G>[]} events
   * @returns {boolean} whether the cell need not be asked for
   */
  #applyChunk(cell, { cell: index, changes }, tick, events) {
    let inSync = true;
    for (const change of changes) {
      if (change === "Reset") {
        this.#asked.delete(index);
      } else if ("Events" in change) {
        const [x, y] = this.origin(index);
        events.push(...change.Events.map((event) => ({ x, y, event })));
      } else if ("Checksum" in change) {
        this.compared += 1;
      }
      try {
        cell.apply(change, tick, this.#game);
      } catch (error) {
        if (!(error instanceof OutOfSync)) throw error;
        inSync = false;
      }
    }
    if (inSync) return true;
    const asked = this.#asked.get(index);
    if (asked === undefined) this.mismatches += 1;
    return asked !== undefined && tick - asked <= RESYNC_SECONDS * this.#tickRate;
  }
}
