/** FNV-1a over 32-bit words, mixed at the end by the finaliser of MurmurHash3. */
export class Checksum {
    /**
     * Adds a word.
     *
     * @param {number} word unsigned, 32 bits
     */
    word(word: number): void;
    /**
     * Adds each byte as a word.
     *
     * @param {Iterable<number>} bytes
     */
    bytes(bytes: Iterable<number>): void;
    /** The hash of everything added: 64 bits. */
    finish(): bigint;
    #private;
}
export function low32(hash: bigint): number;
