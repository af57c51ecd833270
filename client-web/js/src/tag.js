/** Tag, the second game of this repository: what the client must know of it. */

/** @import { Runner, Tag } from "../types/tag/messages.js" */
/** @import { ViewerState } from "../types/engine/messages.js" */
/** @import { Game } from "./engine/game.js" */

/** The game. @type {Game<Tag>} */
export const tag = {
  name: "tag",
  size: (arena) => arena.size,
  lookBytes: ({ is_it, waits }) => [Number(is_it), Number(waits)],
  itemBytes: () => [],
};

/**
 * An input that runs this way.
 *
 * @param {number} radians counter-clockwise from +x
 * @param {number} speed from 0 to 1, of the runner's full speed
 */
export function stick(radians, speed = 1) {
  const steps = Math.min(Math.max(speed, 0), 1) * 127;
  return { x: Math.round(steps * Math.cos(radians)), y: Math.round(steps * Math.sin(radians)) };
}

/**
 * The own runner, unrounded; undefined for a spectator.
 *
 * @param {ViewerState<Tag> | undefined} viewer
 * @returns {Runner | undefined}
 */
export function ownRunner(viewer) {
  return viewer && "Player" in viewer ? (viewer.Player.own ?? undefined) : undefined;
}
