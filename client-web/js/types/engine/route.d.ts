export class Route {
    /**
     * @param {string} address
     * @param {string[]} others
     */
    constructor(address: string, others: string[]);
    /** The address for the next attempt. Every second one after a failure is at another node. */
    next(): string;
    /**
     * The server has closed the connection with this text, because the room is elsewhere.
     *
     * @param {string} text
     * @returns {boolean} whether it is an address
     */
    onMoved(text: string): boolean;
    /** A message has come. */
    onWorking(): void;
    #private;
}
