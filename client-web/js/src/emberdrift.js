/** Emberdrift as the client sees it: its parts of the messages, and how to read them. */

/** @import { Emberdrift, Hull, OwnShip, Rules, ShipLook } from "../types/emberdrift/messages.js" */
/** @import { ViewerState } from "../types/engine/messages.js" */
/** @import { Game } from "./engine/game.js" */

/** The game. @type {Game<Emberdrift>} */
export const emberdrift = {
  name: "emberdrift",
  size: (arena) => arena.size,
  lookBytes: ({ status, health }) => [status, health],
  itemBytes: (item) => [item],
};

/** The bits of an input's `buttons`. */
export const BUTTON = Object.freeze({ UP: 1, DOWN: 2, LEFT: 4, RIGHT: 8, FIRE: 16, BOOST: 32 });

/** Items that are pickups. All others are embers, and the number is what they are worth. */
export const PICKUP = Object.freeze({ SHIELD: 253, RAPID_FIRE: 254, MAGNET: 255 });

/**
 * An input's `aim`: a direction in 1/65536 turn.
 *
 * @param {number} radians counter-clockwise from +x
 */
export const aim = (radians) => Math.round((radians / (2 * Math.PI)) * 65536) & 0xffff;

/**
 * What a look says of another player's ship.
 *
 * @param {ShipLook} look
 * @param {Rules} rules of the welcome's arena
 */
export function ship({ status, health }, rules) {
  return {
    hull: /** @type {Hull} */ (rules.hulls[status & 7]),
    /** From 0 to 1. */
    health: health / 255,
    boosting: (status & 8) !== 0,
    shielded: (status & 16) !== 0,
    rapidFire: (status & 32) !== 0,
    magnet: (status & 64) !== 0,
  };
}

/**
 * The own ship, unrounded; undefined between two ships, and for a spectator.
 *
 * @param {ViewerState<Emberdrift> | undefined} viewer
 * @returns {OwnShip | undefined}
 */
export function ownShip(viewer) {
  const own = viewer && "Player" in viewer ? viewer.Player.own : undefined;
  return own && "Alive" in own ? own.Alive : undefined;
}
