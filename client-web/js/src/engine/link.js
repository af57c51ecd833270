/** A WebSocket that is opened again after it broke: what the game's connection and the feed have in common. */

import { CLOSE, Reconnect } from "./reconnect.js";
import { Route } from "./route.js";

/** A connection is given up after this time without a message: the network is gone, and nothing has noticed. */
const SILENCE_MS_MAX = 5000;
/** And while it is being opened, after this time. */
const OPENING_MS_MAX = 10_000;

/** The reasons of a connection that ended without a text of the server. */
const BROKEN = "the connection broke";
const REFUSED = "the server cannot be reached, or refused the handshake; the browser's console says which";

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
  #route;
  #protocols;
  #handlers;
  #WebSocket;
  #reconnect = new Reconnect();
  /** @type {WebSocket | undefined} */
  #socket;
  /** Of the next attempt, or of the end of the silence. @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isOpen = false;
  #ended = false;

  /**
   * Opens the first connection.
   *
   * @param {string} url
   * @param {string[]} protocols
   * @param {LinkHandlers} handlers
   * @param {WebSocketClass} [WebSocketClass]
   * @param {string[]} [others] the addresses of the same WebSocket at the other nodes of a cluster
   */
  constructor(url, protocols, handlers, WebSocketClass = globalThis.WebSocket, others = []) {
    if (!WebSocketClass) {
      throw new Error("there is no WebSocket here: start node 20 with --experimental-websocket, or pass the option WebSocket");
    }
    this.#route = new Route(url, others);
    this.#protocols = protocols;
    this.#handlers = handlers;
    this.#WebSocket = WebSocketClass;
    this.#open();
  }

  /**
   * Sends a message, if the connection is open. It keeps none for the next connection, which begins with a message of its own.
   *
   * @param {unknown} message
   * @returns {boolean} whether it was sent
   */
  send(message) {
    if (this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Closes the connection for good, with the code of a client that does not come back. */
  end() {
    if (this.#ended) return;
    this.#ended = true;
    this.#drop(CLOSE.LEFT);
  }

  /** What arrived shows that the connection works: the next loss begins with the shortest pause. */
  onWorking() {
    this.#route.onWorking();
    this.#reconnect.onWorking();
  }

  #open() {
    const address = this.#route.next();
    const socket = new this.#WebSocket(address, this.#protocols);
    this.#socket = socket;
    this.#isOpen = false;
    this.#expectWithin(OPENING_MS_MAX);
    socket.addEventListener("open", () => {
      if (socket !== this.#socket) return;
      this.#isOpen = true;
      this.#handlers.onOpen(address);
    });
    socket.addEventListener("message", ({ data }) => {
      if (socket !== this.#socket) return;
      this.#expectWithin(SILENCE_MS_MAX);
      this.#handlers.onMessage(JSON.parse(data));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (socket === this.#socket) this.#onLost(code, reason);
    });
    // A close follows and says more; but not in node 20 if the socket never opened (undici fires `error` only).
    socket.addEventListener("error", () => {
      setTimeout(() => socket === this.#socket && this.#onLost(1006, ""));
    });
  }

  /** @param {number} ms */
  #expectWithin(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#drop(CLOSE.MAY_RETURN);
      this.#onLost(1006, `nothing arrived for ${ms / 1000} seconds`);
    }, ms);
  }

  /**
   * Closes the socket and ignores its further events: without a network its close event may come a minute later.
   *
   * @param {number} code
   */
  #drop(code) {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(code);
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #onLost(code, reason) {
    clearTimeout(this.#timer);
    this.#socket = undefined;
    if (code === CLOSE.MOVED) this.#route.onMoved(reason);
    const pauseMs = this.#reconnect.onLost(code, performance.now());
    if (pauseMs === undefined) this.#ended = true;
    else this.#timer = setTimeout(() => this.#open(), pauseMs);
    this.#handlers.onLost({ code, reason: reason || (this.#isOpen ? BROKEN : REFUSED), pauseMs });
  }
}

/**
 * The address of a WebSocket.
 *
 * @param {string | URL} server `http://HOST:PORT`, `https://HOST/PATH`, or the same with `ws` and `wss`
 * @param {string} path such as `ws`
 * @param {string | undefined} arena the slug of one of several arenas
 */
export function socketUrl(server, path, arena) {
  const url = new URL(server);
  url.protocol = url.protocol.replace("http", "ws");
  const names = [...url.pathname.split("/"), path, arena ?? ""].filter((name) => name !== "");
  url.pathname = `/${names.join("/")}`;
  url.hash = "";
  return url.href;
}

/**
 * The server whose WebSocket this is: what {@link socketUrl} was given.
 *
 * @param {string} address
 */
export function serverOf(address) {
  const url = new URL(address);
  url.protocol = url.protocol.replace("ws", "http");
  url.pathname = url.pathname.replace(/\/ws(\/.*)?$/, "/");
  url.search = "";
  return url.href;
}
