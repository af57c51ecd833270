/** The feed of an arena: one document per second, for dashboards and overlays. */

/** @import { Lost, WebSocketClass } from "./link.js" */

import { Link, socketUrl } from "./link.js";
import { Listeners } from "./listeners.js";

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
export class Feed {
  #link;
  /** @type {Listeners<{ document: Document, lost: Lost }>} */
  #listeners = new Listeners();

  /**
   * Subscribes, and subscribes again until {@link close}.
   *
   * @param {string | URL} server `http://HOST:PORT` or `https://HOST/PATH`
   * @param {FeedOptions} [options]
   */
  constructor(server, { arena, topics, WebSocket } = {}) {
    const url = new URL(socketUrl(server, "feed", arena));
    if (topics) url.searchParams.set("topics", topics.join(","));
    const handlers = {
      onOpen: () => {},
      onMessage: (/** @type {Document} */ document) => {
        this.#link.onWorking();
        this.#listeners.call("document", document);
      },
      onLost: (/** @type {Lost} */ lost) => this.#listeners.call("lost", lost),
    };
    this.#link = new Link(url.href, [], handlers, WebSocket);
  }

  /**
   * Calls a listener for each document, or when a connection ended.
   *
   * @template {"document" | "lost"} Name
   * @param {Name} name
   * @param {(detail: { document: Document, lost: Lost }[Name]) => void} listener
   * @returns {() => void} removes the listener
   */
  on(name, listener) {
    return this.#listeners.add(name, listener);
  }

  /** Ends the subscription. */
  close() {
    this.#link.end();
  }
}
