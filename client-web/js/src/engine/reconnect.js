/** Whether and when to connect again after a connection ended: PROTOCOL.md, section 11. It waits for nothing itself. */

/** The codes with which the server, or a client that leaves, closes a connection. */
export const CLOSE = Object.freeze({
  LEFT: 1000,
  SHUTTING_DOWN: 1001,
  PROTOCOL_ERROR: 1002,
  UNSUPPORTED_DATA: 1003,
  INVALID_PAYLOAD: 1007,
  RATE_LIMITED: 1008,
  MESSAGE_TOO_BIG: 1009,
  RESTARTING: 1012,
  FULL: 1013,
  VERSION_MISMATCH: 4001,
  IDLE_TIMEOUT: 4002,
  SLOW_READER: 4003,
  REPLACED: 4004,
  TOO_MANY_FROM_NETWORK: 4005,
  TICKET_REJECTED: 4006,
  OTHER_GAME: 4007,
  REMOVED: 4008,
  ROOM_LOCKED: 4009,
  IDENTITY_REJECTED: 4010,
  /** The text is the address of the WebSocket at which the client goes on. */
  MOVED: 4011,
  /** Of a client whose player may come back. */
  MAY_RETURN: 4100,
});

/** After these the next attempt would end the same way. @type {ReadonlySet<number>} */
const FINAL = new Set([
  CLOSE.LEFT,
  CLOSE.PROTOCOL_ERROR,
  CLOSE.UNSUPPORTED_DATA,
  CLOSE.INVALID_PAYLOAD,
  CLOSE.MESSAGE_TOO_BIG,
  CLOSE.VERSION_MISMATCH,
  CLOSE.REPLACED,
  CLOSE.TICKET_REJECTED,
  CLOSE.OTHER_GAME,
  CLOSE.REMOVED,
  CLOSE.ROOM_LOCKED,
]);

/** A pause is this share of the time that the connection has been gone, within these limits, and shortened by up to a random share. */
const SHARE = 0.1;
const PAUSE_MS_MIN = 500;
const PAUSE_MS_MAX = 10_000;
const JITTER = 0.3;
/** The longest pause after the server said that it restarts. All clients of a server begin it at once, so it is spread more widely. */
const RESTART_PAUSE_MS_MAX = 300;
const RESTART_JITTER = 0.8;
/** A client that is sent on this often without a frame takes longer pauses. */
const MOVES_MAX = 3;

/** Decides about the attempts to connect again. */
export class Reconnect {
  /** When the connection was lost. @type {number | undefined} */
  #lostMs;
  /** How often it was sent to another node since the last frame. */
  #moves = 0;
  #random;

  /** @param {() => number} random from 0 to 1 */
  constructor(random = Math.random) {
    this.#random = random;
  }

  /**
   * A connection ended, or could not be made.
   *
   * @param {number} code of the close frame; 1006 if there was none
   * @param {number} nowMs
   * @returns {number | undefined} the pause before the next attempt, in milliseconds; undefined if there is to be none
   */
  onLost(code, nowMs) {
    if (FINAL.has(code)) return undefined;
    this.#lostMs ??= nowMs;
    const isSentOn = code === CLOSE.MOVED && this.#moves++ < MOVES_MAX;
    if (code === CLOSE.RESTARTING || isSentOn) return this.#shortened(RESTART_PAUSE_MS_MAX, RESTART_JITTER);
    const share = (nowMs - this.#lostMs) * SHARE;
    return this.#shortened(Math.min(Math.max(share, PAUSE_MS_MIN), PAUSE_MS_MAX), JITTER);
  }

  /** The connection works: the next loss begins with the shortest pause. */
  onWorking() {
    this.#lostMs = undefined;
    this.#moves = 0;
  }

  /**
   * @param {number} pauseMs
   * @param {number} jitter
   */
  #shortened(pauseMs, jitter) {
    return pauseMs * (1 - jitter * this.#random());
  }
}
