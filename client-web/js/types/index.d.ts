export * from "./engine/cell.js";
export * from "./engine/client.js";
export * from "./engine/feed.js";
export * from "./engine/game.js";
export * from "./engine/identity.js";
export * from "./engine/replica.js";
export * from "./engine/rooms.js";
export { Checksum } from "./engine/checksum.js";
export { CLOSE } from "./engine/reconnect.js";
