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
export class Replica<G extends Parts> {
    /**
     * @param {Game<G>} game
     * @param {G["Arena"]} arena
     * @param {number} tickRate ticks per second
     */
    constructor(game: Game<G>, arena: G["Arena"], tickRate: number);
    /** Cells whose state differed from the server's. With a correct client it stays 0. */
    mismatches: number;
    /** Checksums that were compared. */
    compared: number;
    /**
     * Applies a frame.
     *
     * @param {Frame<G>} frame
     * @returns {{ events: PlacedEvent<G>[], resync: CellIndex[] }} what happened in view, and the cells to ask for
     */
    apply({ head: { tick, view }, cells }: Frame<G>): {
        events: PlacedEvent<G>[];
        resync: CellIndex[];
    };
    /** Forgets all cells: for a page that goes to the background. The next full view brings them back. */
    forget(): void;
    /** The cells in view, by index. @returns {ReadonlyMap<CellIndex, Cell<G>>} */
    get cells(): ReadonlyMap<CellIndex, Cell<G>>;
    /**
     * The bodies in view, each once: as a far cell is updated less often, a body that crosses a border can be in two cells for a moment,
     * and the one that it entered last counts.
     *
     * @returns {Map<number, Body<G>>} by id
     */
    bodies(): Map<number, Body<G>>;
    /** The items in view. @returns {Item<G>[]} */
    items(): Item<G>[];
    /**
     * The lower left corner of a cell, in units.
     *
     * @param {CellIndex} cell
     * @returns {[number, number]}
     */
    origin(cell: CellIndex): [number, number];
    #private;
}
/**
 * A body in view.
 */
export type Body<G extends Parts> = {
    /**
     * the player's id
     */
    id: number;
    /**
     * centre, in units
     */
    x: number;
    y: number;
    /**
     * in units/s
     */
    vx: number;
    vy: number;
    /**
     * in radians, counter-clockwise from +x
     */
    heading: number;
    look: G["Look"];
};
/**
 * An item in view.
 */
export type Item<G extends Parts> = {
    /**
     * in units
     */
    x: number;
    y: number;
    item: G["Item"];
};
/**
 * An event, and the lower left corner of the cell in which it happened, in units.
 */
export type PlacedEvent<G extends Parts> = {
    x: number;
    y: number;
    event: G["Event"];
};
import type { Parts } from "../../types/engine/messages.js";
import type { Frame } from "../../types/engine/messages.js";
import type { CellIndex } from "../../types/engine/messages.js";
import { Cell } from "./cell.js";
import type { Game } from "./game.js";
