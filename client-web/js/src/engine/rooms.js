/** Private rooms: makes one, changes it as its creator, and names it to a {@link Client} or a {@link Feed}. PROTOCOL.md, section 2.2. */

/**
 * What a room is to be like. What is left out has the server's default.
 *
 * @typedef {object} RoomRequest
 * @property {string} [arena] the slug of one of the server's arenas
 * @property {string} [file] the text of an arena file, instead of an arena of the server
 * @property {number} [bots] bots fill the room up to this many bodies, 0 to 64
 * @property {number} [players] seats, 1 to 64
 * @property {boolean} [public] whether everyone finds it in the list of arenas
 * @property {boolean} [chat] whether players may chat
 */

/**
 * What a room's creator changes. What is left out stays.
 *
 * @typedef {object} RoomChange
 * @property {number} [remove] the number of the player to remove
 * @property {number} [hand_over] the number of the player that becomes the creator
 * @property {string} [arena] the slug of the arena in which the game goes on
 * @property {string} [file] the text of an arena file, instead of an arena of the server
 * @property {number} [bots] bots fill the room up to this many bodies, 0 to 64
 * @property {boolean} [chat] whether players may chat
 * @property {boolean} [locked] whether only players that reconnect get in
 * @property {boolean} [public] whether everyone finds it in the list of arenas
 */

/**
 * A room, to those who know its code.
 *
 * @typedef {object} RoomEntry
 * @property {string} code
 * @property {string} name of its arena
 * @property {number} players in it, without disconnected ones
 * @property {number} max_players
 * @property {number} free seats
 * @property {[number, number]} size
 * @property {boolean} is_public
 * @property {boolean} is_asleep it has no players; the next one wakes it
 * @property {boolean} is_locked
 * @property {boolean} has_chat
 */

/**
 * What the option `arena` of a client or a feed is for a room.
 *
 * @param {string} code six letters and digits
 */
export const roomArena = (code) => `room/${code}`;

/**
 * Makes a room.
 *
 * @param {string | URL} server
 * @param {RoomRequest} [request]
 * @returns {Promise<{ code: string, key: string }>} `key` is for {@link changeRoom}; keep it secret
 * @throws {Error} with the server's text, which says what to do
 */
export const createRoom = (server, request = {}) => ask(server, "rooms", "POST", request);

/**
 * Describes a room.
 *
 * @param {string | URL} server
 * @param {string} code
 * @returns {Promise<RoomEntry>}
 */
export const room = (server, code) => ask(server, `rooms/${code}`, "GET");

/**
 * Changes a room, as its creator.
 *
 * @param {string | URL} server
 * @param {string} code
 * @param {string} key of {@link createRoom}, or of the event `roomKey`
 * @param {RoomChange} change
 * @returns {Promise<RoomEntry>} as it is then
 */
export const changeRoom = (server, code, key, change) => ask(server, `rooms/${code}`, "PATCH", change, key);

/**
 * @param {string | URL} server
 * @param {string} path
 * @param {string} method
 * @param {object} [body]
 * @param {string} [key]
 */
async function ask(server, path, method, body, key) {
  const url = new URL(server);
  url.pathname = [...url.pathname.split("/"), path].filter((name) => name !== "").join("/");
  const headers = { ...(body && { "content-type": "application/json" }), ...(key && { authorization: `Bearer ${key}` }) };
  const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}
