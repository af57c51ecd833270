/**
 * Who a player is on every visit, at a server that keeps records: a secret that the client keeps, and proofs of it. PROTOCOL.md,
 * section 7.12.
 */

const SECRET_BYTES = 16;
const CONSONANTS = "bdfghjklmnprstvz";
const VOWELS = "aiou";
/** The letters of a word, with the shift of each. @type {[number, string][]} */
const LETTERS = [[12, CONSONANTS], [10, VOWELS], [6, CONSONANTS], [4, VOWELS], [0, CONSONANTS]];
/** An Ed25519 key in PKCS #8 before its seed: RFC 8410, section 7. */
const PKCS8 = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
const SIGNED = "emberdrift challenge v1";
const OF_SECRET = "emberdrift identity v1";

/** A player's identity. Everyone who has its secret, or its words, is the player. */
export class Identity {
  #secret;
  /** The signing key, and the public key as text; undefined where the platform cannot sign. @type {Promise<{ key: CryptoKey, name: string } | undefined> | undefined} */
  #keys;

  /** @param {Uint8Array} secret 16 bytes */
  constructor(secret) {
    if (secret.length !== SECRET_BYTES) throw new RangeError(`a secret has ${SECRET_BYTES} bytes, not ${secret.length}`);
    this.#secret = secret.slice();
  }

  /** A new player. */
  static create() {
    return new Identity(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
  }

  /**
   * The player of {@link text} or {@link words}.
   *
   * @param {string} text
   * @returns {Identity | undefined} undefined if it is neither
   */
  static from(text) {
    const word = text.trim().toLowerCase().split(/\s+/);
    if (word.length > 1) return fromWords(word);
    const bytes = fromBase64(text.trim());
    return bytes?.length === SECRET_BYTES ? new Identity(bytes) : undefined;
  }

  /** The secret, to be kept. */
  get text() {
    return toBase64(this.#secret);
  }

  /** The secret as nine words, to be written down and typed on another device. */
  get words() {
    const view = new DataView(this.#secret.buffer);
    const numbers = Array.from({ length: SECRET_BYTES / 2 }, (_, at) => view.getUint16(2 * at));
    return [...numbers, crc16(this.#secret)].map(toWord).join(" ");
  }

  /**
   * Proves it to a server, once.
   *
   * @param {string | URL} server
   * @returns {Promise<string | undefined>} for `Hello.identity`, or behind `Identity ` in the header `Authorization`; undefined if the
   *     server keeps no records
   */
  async prove(server) {
    const answer = await fetch(under(server, "me/challenge"), { cache: "no-store" });
    if (!answer.ok) return undefined;
    const { challenge } = await answer.json();
    const keys = await (this.#keys ??= keysOf(this.#secret));
    if (!keys) return this.text;
    const signature = await crypto.subtle.sign("Ed25519", keys.key, new TextEncoder().encode(SIGNED + challenge));
    return `${keys.name}.${challenge}.${toBase64(new Uint8Array(signature))}`;
  }

  /**
   * Asks the server for, or to delete, what it keeps of this player.
   *
   * @param {string | URL} server
   * @param {{ method?: "GET" | "DELETE", arena?: string }} [options] `arena`: the slug of the arena of the standings
   * @returns {Promise<Response | undefined>} undefined if the server keeps no records
   */
  async me(server, { method = "GET", arena } = {}) {
    const proof = await this.prove(server);
    const url = under(server, "me");
    if (arena) url.searchParams.set("arena", arena);
    return proof === undefined ? undefined : fetch(url, { method, headers: { authorization: `Identity ${proof}` } });
  }
}

/** @param {string | URL} server @param {string} path */
function under(server, path) {
  const url = new URL(server);
  url.pathname = [...url.pathname.split("/"), ...path.split("/")].filter((name) => name !== "").join("/");
  url.search = url.hash = "";
  return url;
}

/** Without TLS a page has no `crypto.subtle`, and older platforms have no Ed25519. @param {Uint8Array} secret */
async function keysOf(secret) {
  try {
    const seed = await crypto.subtle.digest("SHA-256", new Uint8Array([...new TextEncoder().encode(OF_SECRET), ...secret]));
    const pkcs8 = new Uint8Array([...PKCS8, ...new Uint8Array(seed)]);
    const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
    const { x } = await crypto.subtle.exportKey("jwk", key);
    return x === undefined ? undefined : { key, name: x };
  } catch {
    return undefined;
  }
}

/** @param {string[]} words */
function fromWords(words) {
  const numbers = words.map(fromWord);
  const bytes = new Uint8Array(numbers.slice(0, -1).flatMap((number) => [number >> 8, number & 255]));
  const isWhole = !numbers.includes(-1) && bytes.length === SECRET_BYTES && crc16(bytes) === numbers.at(-1);
  return isWhole ? new Identity(bytes) : undefined;
}

/** @param {number} number of 16 bits */
const toWord = (number) => LETTERS.map(([shift, letters]) => letters[(number >> shift) & (letters.length - 1)]).join("");

/** @param {string} word @returns {number} -1 if it is none */
function fromWord(word) {
  const places = LETTERS.map(([, letters], at) => letters.indexOf(word[at] ?? " "));
  if (word.length !== LETTERS.length || places.includes(-1)) return -1;
  return LETTERS.reduce((number, [shift], at) => number | ((places[at] ?? 0) << shift), 0);
}

/** CRC-16 with polynomial 0x1021, from 0xffff on. @param {Uint8Array} bytes */
function crc16(bytes) {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
  }
  return crc;
}

/** Base64 for addresses, without padding. @param {Uint8Array} bytes */
const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** @param {string} text */
function fromBase64(text) {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}
