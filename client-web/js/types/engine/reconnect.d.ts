/** Whether and when to connect again after a connection ended: PROTOCOL.md, section 11. It waits for nothing itself. */
/** The codes with which the server, or a client that leaves, closes a connection. */
export const CLOSE: Readonly<{
    LEFT: 1000;
    SHUTTING_DOWN: 1001;
    PROTOCOL_ERROR: 1002;
    UNSUPPORTED_DATA: 1003;
    INVALID_PAYLOAD: 1007;
    RATE_LIMITED: 1008;
    MESSAGE_TOO_BIG: 1009;
    RESTARTING: 1012;
    FULL: 1013;
    VERSION_MISMATCH: 4001;
    IDLE_TIMEOUT: 4002;
    SLOW_READER: 4003;
    REPLACED: 4004;
    TOO_MANY_FROM_NETWORK: 4005;
    TICKET_REJECTED: 4006;
    OTHER_GAME: 4007;
    REMOVED: 4008;
    ROOM_LOCKED: 4009;
    IDENTITY_REJECTED: 4010;
    /** The text is the address of the WebSocket at which the client goes on. */
    MOVED: 4011;
    /** Of a client whose player may come back. */
    MAY_RETURN: 4100;
}>;
/** Decides about the attempts to connect again. */
export class Reconnect {
    /** @param {() => number} random from 0 to 1 */
    constructor(random?: () => number);
    /**
     * A connection ended, or could not be made.
     *
     * @param {number} code of the close frame; 1006 if there was none
     * @param {number} nowMs
     * @returns {number | undefined} the pause before the next attempt, in milliseconds; undefined if there is to be none
     */
    onLost(code: number, nowMs: number): number | undefined;
    /** The connection works: the next loss begins with the shortest pause. */
    onWorking(): void;
    #private;
}
