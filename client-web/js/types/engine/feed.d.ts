/**
 * Options of a feed.
 *
 * @typedef {object} FeedOptions
 * @property {string} [arena] the slug of one of the server's arenas; without it the first
 * @property {("scores" | "events" | "health" | "today" | "totals")[]} [topics] all by default
 * @property {WebSocketClass} [WebSocket] a class of WebSockets, where the platform has none
 */
/**
 * `Document` is the type of the game's documents.
 *
 * @template Document
 */
export class Feed<Document> {
    /**
     * Subscribes, and subscribes again until {@link close}.
     *
     * @param {string | URL} server `http://HOST:PORT` or `https://HOST/PATH`
     * @param {FeedOptions} [options]
     */
    constructor(server: string | URL, { arena, topics, WebSocket }?: FeedOptions);
    /**
     * Calls a listener for each document, or when a connection ended.
     *
     * @template {"document" | "lost"} Name
     * @param {Name} name
     * @param {(detail: { document: Document, lost: Lost }[Name]) => void} listener
     * @returns {() => void} removes the listener
     */
    on<Name extends "document" | "lost">(name: Name, listener: (detail: {
        document: Document;
        lost: Lost;
    }[Name]) => void): () => void;
    /** Ends the subscription. */
    close(): void;
    #private;
}
/**
 * Options of a feed.
 */
export type FeedOptions = {
    /**
     * the slug of one of the server's arenas; without it the first
     */
    arena?: string | undefined;
    /**
     * all by default
     */
    topics?: ("health" | "events" | "scores" | "today" | "totals")[] | undefined;
    /**
     * a class of WebSockets, where the platform has none
     */
    WebSocket?: WebSocketClass | undefined;
};
import type { Lost } from "./link.js";
import type { WebSocketClass } from "./link.js";
