/**
 * What a game is to this client: the parts of the messages that the game defines, and the few things that the engine must know of them.
 */

/** @import { Parts } from "../../types/engine/messages.js" */

/**
 * A game. `G` has its parts, as `emberdrift-types` writes them from the game's JSON Schemas.
 *
 * @template {Parts} G
 * @typedef {object} Game
 * @property {string} name its name, as the server knows it: a server of another game refuses the client
 * @property {(arena: G["Arena"]) => readonly [number, number]} size width and height of an arena, in units
 * @property {(look: G["Look"]) => Iterable<number>} lookBytes a look in the binary encoding, which cells' checksums are made of
 * @property {(item: G["Item"]) => Iterable<number>} itemBytes the same of an item
 */

/** Side of a cell, in units. */
export const CELL_SIZE = 512;
/** Steps in a unit: a body's position and velocity in a cell are in steps. */
export const STEPS_PER_UNIT = 16;
/** Distance between two points of the lattice on which a cell's items lie, in units. */
export const LATTICE_STEP = CELL_SIZE / 256;
