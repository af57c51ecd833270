/**
 * What a look says of another player's ship.
 *
 * @param {ShipLook} look
 * @param {Rules} rules of the welcome's arena
 */
export function ship({ status, health }: ShipLook, rules: Rules): {
    hull: Hull;
    /** From 0 to 1. */
    health: number;
    boosting: boolean;
    shielded: boolean;
    rapidFire: boolean;
    magnet: boolean;
};
/**
 * The own ship, unrounded; undefined between two ships, and for a spectator.
 *
 * @param {ViewerState<Emberdrift> | undefined} viewer
 * @returns {OwnShip | undefined}
 */
export function ownShip(viewer: ViewerState<Emberdrift> | undefined): OwnShip | undefined;
/** Emberdrift as the client sees it: its parts of the messages, and how to read them. */
/** @import { Emberdrift, Hull, OwnShip, Rules, ShipLook } from "../types/emberdrift/messages.js" */
/** @import { ViewerState } from "../types/engine/messages.js" */
/** @import { Game } from "./engine/game.js" */
/** The game. @type {Game<Emberdrift>} */
export const emberdrift: Game<Emberdrift>;
/** The bits of an input's `buttons`. */
export const BUTTON: Readonly<{
    UP: 1;
    DOWN: 2;
    LEFT: 4;
    RIGHT: 8;
    FIRE: 16;
    BOOST: 32;
}>;
/** Items that are pickups. All others are embers, and the number is what they are worth. */
export const PICKUP: Readonly<{
    SHIELD: 253;
    RAPID_FIRE: 254;
    MAGNET: 255;
}>;
export function aim(radians: number): number;
import type { ShipLook } from "../types/emberdrift/messages.js";
import type { Rules } from "../types/emberdrift/messages.js";
import type { Hull } from "../types/emberdrift/messages.js";
import type { Emberdrift } from "../types/emberdrift/messages.js";
import type { ViewerState } from "../types/engine/messages.js";
import type { OwnShip } from "../types/emberdrift/messages.js";
import type { Game } from "./engine/game.js";
