/** A player's identity. Everyone who has its secret, or its words, is the player. */
export class Identity {
    /** A new player. */
    static create(): Identity;
    /**
     * The player of {@link text} or {@link words}.
     *
     * @param {string} text
     * @returns {Identity | undefined} undefined if it is neither
     */
    static from(text: string): Identity | undefined;
    /** @param {Uint8Array} secret 16 bytes */
    constructor(secret: Uint8Array);
    /** The secret, to be kept. */
    get text(): string;
    /** The secret as nine words, to be written down and typed on another device. */
    get words(): string;
    /**
     * Proves it to a server, once.
     *
     * @param {string | URL} server
     * @returns {Promise<string | undefined>} for `Hello.identity`, or behind `Identity ` in the header `Authorization`; undefined if the
     *     server keeps no records
     */
    prove(server: string | URL): Promise<string | undefined>;
    /**
     * Asks the server for, or to delete, what it keeps of this player.
     *
     * @param {string | URL} server
     * @param {{ method?: "GET" | "DELETE", arena?: string }} [options] `arena`: the slug of the arena of the standings
     * @returns {Promise<Response | undefined>} undefined if the server keeps no records
     */
    me(server: string | URL, { method, arena }?: {
        method?: "GET" | "DELETE";
        arena?: string;
    }): Promise<Response | undefined>;
    #private;
}
