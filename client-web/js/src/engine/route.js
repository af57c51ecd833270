/** Where to connect next: PROTOCOL.md, section 11. It connects to nothing itself. */

/** Longest address that is taken from a server: more than a close frame holds. */
const ADDRESS_MAX = 200;

export class Route {
  /** Of the WebSocket, without a ticket. */
  #address;
  /** For the next attempt. @type {string | undefined} */
  #ticket;
  /** The same WebSocket at other nodes. */
  #others;
  /** Attempts in a row that brought no message. */
  #failures = 0;

  /**
   * @param {string} address
   * @param {string[]} others
   */
  constructor(address, others) {
    this.#address = address;
    this.#others = others;
  }

  /** The address for the next attempt. Every second one after a failure is at another node. */
  next() {
    const failures = this.#failures++;
    const others = this.#others.filter((other) => other !== this.#address);
    const other = others[((failures - 1) / 2) % others.length];
    if (failures % 2 === 1 && other !== undefined) return other;
    const ticket = this.#ticket;
    this.#ticket = undefined;
    return ticket === undefined ? this.#address : `${this.#address}?${ticket}`;
  }

  /**
   * The server has closed the connection with this text, because the room is elsewhere.
   *
   * @param {string} text
   * @returns {boolean} whether it is an address
   */
  onMoved(text) {
    if (text.length > ADDRESS_MAX || !/^wss?:\/\/[\x21-\x7e]+$/.test(text)) return false;
    const [address = text, ticket] = text.split("?", 2);
    const path = address.slice(address.indexOf("/ws/"));
    this.#others = this.#others.map((other) => other.replace(/\/ws(\/.*)?$/, path));
    this.#address = address;
    this.#ticket = ticket;
    this.#failures = 0;
    return true;
  }

  /** A message has come. */
  onWorking() {
    this.#failures = 0;
  }
}
