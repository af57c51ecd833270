/** A client for games on Emberdrift's engine. It knows no game: `emberdrift-client/emberdrift` is one. */

export { Cell, OutOfSync } from "./engine/cell.js";
export { Checksum } from "./engine/checksum.js";
export { Client } from "./engine/client.js";
export { Feed } from "./engine/feed.js";
export { CELL_SIZE, LATTICE_STEP, STEPS_PER_UNIT } from "./engine/game.js";
export { CLOSE } from "./engine/reconnect.js";
export { Replica } from "./engine/replica.js";
