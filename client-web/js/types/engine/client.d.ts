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
export class Client<G extends Parts> {
    /**
     * Connects, and connects again until {@link leave} or an end that a further attempt cannot change.
     *
     * @param {string | URL} server `http://HOST:PORT` or `https://HOST/PATH`
     * @param {Game<G>} game
     * @param {ClientOptions} [options]
     */
    constructor(server: string | URL, game: Game<G>, options?: ClientOptions);
    /** Of the last connection. @type {Welcome<G> | undefined} */
    welcome: Welcome<G> | undefined;
    /** What is in view, from the first welcome on. @type {Replica<G> | undefined} */
    replica: Replica<G> | undefined;
    /** Everyone in the arena, by id. @type {Map<number, Player>} */
    players: Map<number, Player>;
    /** The signs that players wear beside their names, by id. @type {Map<number, string>} */
    badges: Map<number, string>;
    /** @type {Leaderboard | undefined} */
    leaderboard: Leaderboard | undefined;
    /** The client's own state in the last frame. @type {ViewerState<G> | undefined} */
    viewer: ViewerState<G> | undefined;
    /** The tick of the last frame. @type {Tick} */
    tick: Tick;
    /** How many ticks the newest input was early in the last frame; -128 without one. */
    lead: number;
    /**
     * Calls a listener whenever something happens.
     *
     * @template {keyof ClientEvents<G>} Name
     * @param {Name} name
     * @param {(detail: ClientEvents<G>[Name]) => void} listener
     * @returns {() => void} removes the listener
     */
    on<Name extends keyof ClientEvents<G>>(name: Name, listener: (detail: ClientEvents<G>[Name]) => void): () => void;
    /** The own player's id; undefined for a spectator, and before the first welcome. */
    get player(): number | undefined;
    /** What resumes this session on another connection. Keep it secret: it is all that is needed to take over the player. */
    get resumeToken(): string | null;
    /**
     * Sends what the player does. A simple client does so once in each frame and leaves the tick out.
     *
     * @param {G["Input"]} input
     * @param {{ tick?: Tick, rewind?: number }} [timing] the tick it is for, the next by default; and how far behind that tick the player
     *     saw the others, in 1/16 tick
     * @returns {boolean} whether it was sent: it is not while there is no connection
     */
    input(input: G["Input"], { tick, rewind }?: {
        tick?: Tick;
        rewind?: number;
    }): boolean;
    /**
     * Sends a line to everyone, or, as in `/w Ada hello`, to one player.
     *
     * @param {string} text
     * @returns {boolean} whether it was sent
     */
    chat(text: string): boolean;
    /**
     * Tells the server that the page is hidden, or shown again. While it is hidden, the player is out of the arena and nothing is in view.
     *
     * @param {boolean} isHidden
     */
    setHidden(isHidden: boolean): void;
    /**
     * Reports the client's parts of the lag, for the server's statistics; about every five seconds.
     *
     * @param {ClientLag} lag
     * @returns {boolean} whether it was sent
     */
    reportLag(lag: ClientLag): boolean;
    /**
     * Wears the badge of an achievement beside the name, once the server knows that the player has unlocked it.
     *
     * @param {number} number its place in `GET /achievements`, from 1; 0 for no badge
     * @returns {boolean} whether it was sent
     */
    wearBadge(number: number): boolean;
    /** Leaves the game for good: the player is removed. */
    leave(): void;
    #private;
}
/**
 * Options of a client.
 */
export type ClientOptions = {
    /**
     * the player's name; without one the server chooses
     */
    name?: string | undefined;
    /**
     * a player, if left out
     */
    role?: "Player" | "Spectator" | undefined;
    /**
     * 0 to 7
     */
    colour?: number | undefined;
    /**
     * the slug of one of the server's arenas, or {@link roomArena} of a room; without it the first
     */
    arena?: string | undefined;
    /**
     * a join ticket, for servers that ask for one
     */
    ticket?: string | undefined;
    /**
     * who the player is on every visit, at a server that keeps records
     */
    identity?: Identity | undefined;
    /**
     * what all members of a party have in common: up to 16 letters and digits
     */
    party?: string | undefined;
    /**
     * the token of a session that another client began, such as this page before it was loaded again
     */
    resume?: string | undefined;
    /**
     * the nodes of the server's cluster, each the `url` of an entry of `GET /arenas`: asked while the server
     * does not answer
     */
    nodes?: (string | URL)[] | undefined;
    /**
     * a class of WebSockets, where the platform has none
     */
    WebSocket?: WebSocketClass | undefined;
};
/**
 * What the listeners of each event get.
 */
export type ClientEvents<G extends Parts> = {
    /**
     * the client joined, or resumed its session
     */
    welcome: Welcome<G>;
    /**
     * one tick, after the replica has it
     */
    frame: Frame<G>;
    /**
     * something happened in view; before the `frame` that has it
     */
    event: PlacedEvent<G>;
    /**
     * a line for everyone, each once
     */
    chat: ChatLine;
    whisper: Whisper;
    /**
     * an own line was not passed on
     */
    rejected: ChatRejection;
    /**
     * this player is the creator of its room now: the key for {@link changeRoom}
     */
    roomKey: string;
    /**
     * the others of the player's party, once per second
     */
    party: PartyMember[];
    /**
     * this player has unlocked an achievement
     */
    unlocked: UnlockedAchievement;
    /**
     * what this game announces
     */
    notice: G["Notice"];
    leaderboard: Leaderboard;
    lag: ServerLag;
    /**
     * the connection ended, but not by {@link Client.leave}; without a `pauseMs` for good
     */
    lost: Lost;
};
import type { Parts } from "../../types/engine/messages.js";
import type { Welcome } from "../../types/engine/messages.js";
import { Replica } from "./replica.js";
import type { Player } from "../../types/engine/messages.js";
import type { Leaderboard } from "../../types/engine/messages.js";
import type { ViewerState } from "../../types/engine/messages.js";
import type { Tick } from "../../types/engine/messages.js";
import type { ClientLag } from "../../types/engine/messages.js";
import type { Game } from "./game.js";
import type { Identity } from "./identity.js";
import type { WebSocketClass } from "./link.js";
import type { Frame } from "../../types/engine/messages.js";
import type { PlacedEvent } from "./replica.js";
import type { ChatLine } from "../../types/engine/messages.js";
import type { Whisper } from "../../types/engine/messages.js";
import type { ChatRejection } from "../../types/engine/messages.js";
import type { PartyMember } from "../../types/engine/messages.js";
import type { UnlockedAchievement } from "../../types/engine/messages.js";
import type { ServerLag } from "../../types/engine/messages.js";
import type { Lost } from "./link.js";
