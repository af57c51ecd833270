/**
 * The address of a WebSocket.
 *
 * @param {string | URL} server `http://HOST:PORT`, `https://HOST/PATH`, or the same with `ws` and `wss`
 * @param {string} path such as `ws`
 * @param {string | undefined} arena the slug of one of several arenas
 */
export function socketUrl(server: string | URL, path: string, arena: string | undefined): string;
/**
 * The server whose WebSocket this is: what {@link socketUrl} was given.
 *
 * @param {string} address
 */
export function serverOf(address: string): string;
/**
 * How a connection ended.
 *
 * @typedef {object} Lost
 * @property {number} code of the close frame; 1006 if there was none
 * @property {string} reason the server's text, which says what to do
 * @property {number | undefined} pauseMs milliseconds until the next attempt; undefined if there is none
 */
/**
 * What a link calls.
 *
 * @typedef {object} LinkHandlers
 * @property {(address: string) => void} onOpen with the address of the WebSocket
 * @property {(message: any) => void} onMessage with the parsed JSON
 * @property {(lost: Lost) => void} onLost
 */
/** The class of the platform's WebSockets, or of another library's. @typedef {new (url: string, protocols?: string[]) => WebSocket} WebSocketClass */
export class Link {
    /**
     * Opens the first connection.
     *
     * @param {string} url
     * @param {string[]} protocols
     * @param {LinkHandlers} handlers
     * @param {WebSocketClass} [WebSocketClass]
     * @param {string[]} [others] the addresses of the same WebSocket at the other nodes of a cluster
     */
    constructor(url: string, protocols: string[], handlers: LinkHandlers, WebSocketClass?: WebSocketClass, others?: string[]);
    /**
     * Sends a message, if the connection is open. It keeps none for the next connection, which begins with a message of its own.
     *
     * @param {unknown} message
     * @returns {boolean} whether it was sent
     */
    send(message: unknown): boolean;
    /** Closes the connection for good, with the code of a client that does not come back. */
    end(): void;
    /** What arrived shows that the connection works: the next loss begins with the shortest pause. */
    onWorking(): void;
    #private;
}
/**
 * How a connection ended.
 */
export type Lost = {
    /**
     * of the close frame; 1006 if there was none
     */
    code: number;
    /**
     * the server's text, which says what to do
     */
    reason: string;
    /**
     * milliseconds until the next attempt; undefined if there is none
     */
    pauseMs: number | undefined;
};
/**
 * What a link calls.
 */
export type LinkHandlers = {
    /**
     * with the address of the WebSocket
     */
    onOpen: (address: string) => void;
    /**
     * with the parsed JSON
     */
    onMessage: (message: any) => void;
    onLost: (lost: Lost) => void;
};
/**
 * The class of the platform's WebSockets, or of another library's.
 */
export type WebSocketClass = new (url: string, protocols?: string[]) => WebSocket;
