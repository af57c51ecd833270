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
}
/** @template {Parts} G */
export class Cell<G extends Parts> {
    /** Sorted by id. @type {CellBody<G>[]} */
    bodies: CellBody<G>[];
    /** By lattice point. @type {Map<number, PlacedItem<G>>} */
    items: Map<number, PlacedItem<G>>;
    /** Moves every body on along its straight line for one frame. */
    advance(): void;
    /**
     * Applies one change.
     *
     * @param {CellChange<G>} change
     * @param {number} tick of the frame that has it
     * @param {Game<G>} game
     * @throws {OutOfSync} and the rest of the change is skipped
     */
    apply(change: CellChange<G>, tick: number, game: Game<G>): void;
    /**
     * A hash of the whole cell, the same as the server's.
     *
     * @param {Game<G>} game
     */
    checksum({ lookBytes, itemBytes }: Game<G>): number;
    #private;
}
/**
 * A body in a cell. Positions are in steps from the cell's lower left corner, velocities in steps per frame.
 */
export type CellBody<G extends Parts> = {
    /**
     * the player's id
     */
    id: number;
    x: number;
    y: number;
    vx: number;
    vy: number;
    /**
     * in 1/256 turn
     */
    heading: number;
    look: G["Look"];
    /**
     * the tick in which it entered this cell, or was sent in full again
     */
    since: number;
};
import type { Parts } from "../../types/engine/messages.js";
import type { PlacedItem } from "../../types/engine/messages.js";
import type { CellChange } from "../../types/engine/messages.js";
import type { Game } from "./game.js";
