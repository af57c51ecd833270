export { Checksum } from "./engine/checksum.js";
export { Client } from "./engine/client.js";
export { Feed } from "./engine/feed.js";
export { CLOSE } from "./engine/reconnect.js";
export { Replica } from "./engine/replica.js";
export { Cell, OutOfSync } from "./engine/cell.js";
export { CELL_SIZE, LATTICE_STEP, STEPS_PER_UNIT } from "./engine/game.js";
