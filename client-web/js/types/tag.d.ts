/**
 * An input that runs this way.
 *
 * @param {number} radians counter-clockwise from +x
 * @param {number} speed from 0 to 1, of the runner's full speed
 */
export function stick(radians: number, speed?: number): {
    x: number;
    y: number;
};
/**
 * The own runner, unrounded; undefined for a spectator.
 *
 * @param {ViewerState<Tag> | undefined} viewer
 * @returns {Runner | undefined}
 */
export function ownRunner(viewer: ViewerState<Tag> | undefined): Runner | undefined;
/** Tag, the second game of this repository: what the client must know of it. */
/** @import { Runner, Tag } from "../types/tag/messages.js" */
/** @import { ViewerState } from "../types/engine/messages.js" */
/** @import { Game } from "./engine/game.js" */
/** The game. @type {Game<Tag>} */
export const tag: Game<Tag>;
import type { Tag } from "../types/tag/messages.js";
import type { ViewerState } from "../types/engine/messages.js";
import type { Runner } from "../types/tag/messages.js";
import type { Game } from "./engine/game.js";
