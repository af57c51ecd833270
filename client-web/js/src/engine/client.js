/**
 * A client of a game: it joins as a player or spectator, keeps a replica of what is in view, acknowledges frames, asks for cells that
 * differ, and resumes its session after the connection broke.
 *
 * Everything happens in the handlers of its WebSocket: it needs no loop and no timer of the caller.
 */

/** @import { ChatLine, ChatRejection, ClientLag, ClientMessage, Frame, Hello, Leaderboard, Notice, Parts, PartyMember, Player, ServerLag, ServerMessage, Tick, UnlockedAchievement, ViewerState, Welcome, Whisper } from "../../types/engine/messages.js" */
/** @import { Game } from "./game.js" */
/** @import { Identity } from "./identity.js" */
/** @import { Lost, WebSocketClass } from "./link.js" */
/** @import { PlacedEvent } from "./replica.js" */

import { ChatInbox } from "./chat.js";
import { Link, serverOf, socketUrl } from "./link.js";
import { Listeners } from "./listeners.js";
import { Replica } from "./replica.js";

const SUBPROTOCOL = "emberdrift.json";
/** A client that sends no inputs acknowledges frames this often. */
const ACK_MS = 250;

/**
 * Options of a client.
 *
 * @typedef {object} ClientOptions
 * @property {string} [name] the player's name; without one the server chooses
 * @property {"Player" | "Spectator"} [role] a player, if left out
 * @property {number} [colour] 0 to 7
 * @property {string} [arena] the slug of one of the server's arenas, or {@link roomArena} of a room; without it the first
 * @property {string} [ticket] a join ticket, for servers that ask for one
 * @property {Identity} [identity] who the player is on every visit, at a server that keeps records
 * @property {string} [party] what all members of a party have in common: up to 16 letters and digits
 * @property {string} [resume] the token of a session that another client began, such as this page before it was loaded again
 * @property {(string | URL)[]} [nodes] the nodes of the server's cluster, each the `url` of an entry of `GET /arenas`: asked while the server
 *     does not answer
 * @property {WebSocketClass} [WebSocket] a class of WebSockets, where the platform has none
 */

/**
 * What the listeners of each event get.
 *
 * @template {Parts} G
 * @typedef {object} ClientEvents
 * @property {Welcome<G>} welcome the client joined, or resumed its session
 * @property {Frame<G>} frame one tick, after the replica has it
 * @property {PlacedEvent<G>} event something happened in view; before the `frame` that has it
 * @property {ChatLine} chat a line for everyone, each once
 * @property {Whisper} whisper
 * @property {ChatRejection} rejected an own line was not passed on
 * @property {string} roomKey this player is the creator of its room now: the key for {@link changeRoom}
 * @property {PartyMember[]} party the others of the player's party, once per second
 * @property {UnlockedAchievement} unlocked this player has unlocked an achievement
 * @property {G["Notice"]} notice what this game announces
 * @property {Leaderboard} leaderboard
 * @property {ServerLag} lag
 * @property {Lost} lost the connection ended, but not by {@link Client.leave}; without a `pauseMs` for good
 */

/** @template {Parts} G */
export class Client {
  /** Of the last connection. @type {Welcome<G> | undefined} */
  welcome;
  /** What is in view, from the first welcome on. @type {Replica<G> | undefined} */
  replica;
  /** Everyone in the arena, by id. @type {Map<number, Player>} */
  players = new Map();
  /** The signs that players wear beside their names, by id. @type {Map<number, string>} */
  badges = new Map();
  /** @type {Leaderboard | undefined} */
  leaderboard;
  /** The client's own state in the last frame. @type {ViewerState<G> | undefined} */
  viewer;
  /** The tick of the last frame. @type {Tick} */
  tick = 0;
  /** How many ticks the newest input was early in the last frame; -128 without one. */
  lead = -128;

  #game;
  #options;
  #link;
  /** How many connections have opened. */
  #opened = 0;
  /** @type {Listeners<ClientEvents<G>>} */
  #listeners = new Listeners();
  #inbox = new ChatInbox();
  /** @type {string | null} */
  #resume;
  /** Whether this connection has had its welcome: before it nothing may be sent. */
  #isJoined = false;
  #isHidden = false;
  #ackedMs = -Infinity;

  /**
   * Connects, and connects again until {@link leave} or an end that a further attempt cannot change.
   *
   * @param {string | URL} server `http://HOST:PORT` or `https://HOST/PATH`
   * @param {Game<G>} game
   * @param {ClientOptions} [options]
   */
  constructor(server, game, options = {}) {
    this.#game = game;
    this.#options = options;
    this.#resume = options.resume ?? null;
    const handlers = {
      onOpen: (/** @type {string} */ address) => void this.#greet(address),
      onMessage: (/** @type {ServerMessage<G>} */ message) => this.#onMessage(message),
      onLost: (/** @type {Lost} */ lost) => {
        this.#isJoined = false;
        this.#listeners.call("lost", lost);
      },
    };
    const url = (/** @type {string | URL} */ node) => socketUrl(node, "ws", options.arena);
    const others = (options.nodes ?? []).map(url);
    this.#link = new Link(url(server), [SUBPROTOCOL], handlers, options.WebSocket, others);
  }

  /**
   * Calls a listener whenever something happens.
   *
   * @template {keyof ClientEvents<G>} Name
   * @param {Name} name
   * @param {(detail: ClientEvents<G>[Name]) => void} listener
   * @returns {() => void} removes the listener
   */
  on(name, listener) {
    return this.#listeners.add(name, listener);
  }

  /** The own player's id; undefined for a spectator, and before the first welcome. */
  get player() {
    return this.welcome?.player ?? undefined;
  }

  /** What resumes this session on another connection. Keep it secret: it is all that is needed to take over the player. */
  get resumeToken() {
    return this.#resume;
  }

  /**
   * Sends what the player does. A simple client does so once in each frame and leaves the tick out.
   *
   * @param {G["Input"]} input
   * @param {{ tick?: Tick, rewind?: number }} [timing] the tick it is for, the next by default; and how far behind that tick the player
   *     saw the others, in 1/16 tick
   * @returns {boolean} whether it was sent: it is not while there is no connection
   */
  input(input, { tick = 0, rewind = 0 } = {}) {
    return this.#sendWithAck({ Input: { tick, input, rewind, ack: this.tick & 255 } });
  }

  /**
   * Sends a line to everyone, or, as in `/w Ada hello`, to one player.
   *
   * @param {string} text
   * @returns {boolean} whether it was sent
   */
  chat(text) {
    return this.#send({ Chat: text });
  }

  /**
   * Tells the server that the page is hidden, or shown again. While it is hidden, the player is out of the arena and nothing is in view.
   *
   * @param {boolean} isHidden
   */
  setHidden(isHidden) {
    if (isHidden === this.#isHidden) return;
    this.#isHidden = isHidden;
    if (isHidden) this.replica?.forget();
    this.#send({ Hidden: isHidden });
  }

  /**
   * Reports the client's parts of the lag, for the server's statistics; about every five seconds.
   *
   * @param {ClientLag} lag
   * @returns {boolean} whether it was sent
   */
  reportLag(lag) {
    return this.#send({ Lag: lag });
  }

  /**
   * Wears the badge of an achievement beside the name, once the server knows that the player has unlocked it.
   *
   * @param {number} number its place in `GET /achievements`, from 1; 0 for no badge
   * @returns {boolean} whether it was sent
   */
  wearBadge(number) {
    return this.#send({ Badge: number });
  }

  /** Leaves the game for good: the player is removed. */
  leave() {
    this.#link.end();
  }

  /** @param {string} address of the WebSocket: a proof is good at the server that has it */
  async #greet(address) {
    const opened = ++this.#opened;
    const { name = "", role = "Player", colour = null, ticket = null, party = null, identity } = this.#options;
    const proof = (await identity?.prove(serverOf(address)).catch(() => undefined)) ?? null;
    // Another connection may have taken this one's place meanwhile.
    if (opened !== this.#opened) return;
    /** @type {Hello} */
    const hello = { game: this.#game.name, name, role, colour, ticket, identity: proof, party, resume: this.#resume };
    this.#link.send({ Hello: hello });
  }

  /** @param {ClientMessage<G>} message */
  #send(message) {
    return this.#isJoined && this.#link.send(message);
  }

  /** @param {ClientMessage<G>} message that acknowledges the last frame */
  #sendWithAck(message) {
    this.#ackedMs = performance.now();
    return this.#send(message);
  }

  /** @param {ServerMessage<G>} message */
  #onMessage(message) {
    if ("Welcome" in message) this.#onWelcome(message.Welcome);
    else this.#onFrame(message.Frame);
  }

  /** @param {Welcome<G>} welcome */
  #onWelcome(welcome) {
    this.#isJoined = true;
    this.welcome = welcome;
    this.tick = welcome.tick;
    this.#resume = welcome.resume;
    this.#ackedMs = -Infinity;
    this.replica = new Replica(this.#game, welcome.arena, welcome.tick_rate);
    if (this.#isHidden) this.#send({ Hidden: true });
    this.#listeners.call("welcome", welcome);
  }

  /** @param {Frame<G>} frame */
  #onFrame(frame) {
    const { head, notices } = frame;
    this.#link.onWorking();
    this.tick = head.tick;
    this.lead = head.lead;
    this.viewer = head.viewer;
    for (const notice of notices) this.#onNotice(notice);
    // Frames that were on their way when the page went to the background are of no use any more.
    if (this.replica && !this.#isHidden) {
      const { events, resync } = this.replica.apply(frame);
      for (const cell of resync) this.#send({ ResyncCell: cell });
      for (const event of events) this.#listeners.call("event", event);
    }
    this.#listeners.call("frame", frame);
    if (performance.now() - this.#ackedMs >= ACK_MS) this.#sendWithAck({ Ack: head.tick & 255 });
  }

  /** @param {Notice<G>} notice */
  #onNotice(notice) {
    if ("Roster" in notice) this.players = new Map(notice.Roster.map((player) => [player.id, player]));
    else if ("Badges" in notice) for (const { player, sign } of notice.Badges) this.badges.set(player, sign);
    else if ("Joined" in notice) this.players.set(notice.Joined.id, notice.Joined);
    else if ("Left" in notice) {
      this.players.delete(notice.Left);
      this.badges.delete(notice.Left);
    } else if ("Leaderboard" in notice) this.#listeners.call("leaderboard", (this.leaderboard = notice.Leaderboard));
    else if ("Chat" in notice) this.#onLines([notice.Chat]);
    else if ("ChatHistory" in notice) this.#onLines(notice.ChatHistory);
    else if ("Whisper" in notice) this.#listeners.call("whisper", notice.Whisper);
    else if ("ChatRejected" in notice) this.#listeners.call("rejected", notice.ChatRejected);
    else if ("Lag" in notice) this.#listeners.call("lag", notice.Lag);
    else if ("RoomKey" in notice) this.#listeners.call("roomKey", notice.RoomKey);
    else if ("Party" in notice) this.#listeners.call("party", notice.Party);
    else if ("Unlocked" in notice) this.#listeners.call("unlocked", notice.Unlocked);
    else this.#listeners.call("notice", notice.Game);
  }

  /** @param {ChatLine[]} lines */
  #onLines(lines) {
    for (const line of this.#inbox.take(lines)) this.#listeners.call("chat", line);
  }
}
