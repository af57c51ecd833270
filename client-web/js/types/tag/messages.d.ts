// Generated from the JSON Schemas: do not edit. `npm run types` writes it again.

import type { ChatLine, PlayerId, PlayerKind, PlayerName, Tick } from "../engine/messages.js";

/** The game's parts of the engine's messages. */
export interface Tag {
  Arena: Arena;
  Input: Stick;
  Own: Runner | null;
  Look: Look;
  Item: null;
  Event: number;
  Notice: Tagged;
}

/** An arena: a rectangle with a wall around it. */
export interface Arena {
  /** How long a player who was touched cannot touch others, in seconds. */
  grace_seconds: number;
  /** The speed of "it", as a multiple of that. */
  it_speed: number;
  /** Shown to players. */
  name: string;
  /** Of a runner's body, in units. */
  radius: number;
  /** Width and height, in units. */
  size: [number, number];
  /** Of a runner, in units a second. */
  speed: number;
}

/** One second of an arena. Topics that the subscriber did not ask for are left out. */
export interface FeedDocument {
  /** The arena's name. */
  arena: string;
  /** Topic `events`. */
  events?: FeedEvents | null;
  /** Topic `health`. */
  health?: FeedHealth | null;
  /** Topic `scores`. */
  scores?: FeedScores | null;
  /** The tick at the end of this second. */
  tick: Tick;
  /** The server's time, in milliseconds of Unix time. */
  time_ms: number;
  /** Topic `today`: the ten best runs of this day in this arena, best first, where records are kept. They may be five seconds old. */
  today?: RecordEntry[] | null;
  /** Topic `totals`. */
  totals?: FeedTotals | null;
}

/** Events since the previous document. At most `FEED_EVENTS_MAX` of each kind are listed; the totals count all since the
 * server started, so a subscriber that missed a document can tell. */
export interface FeedEvents {
  /** Lines for everyone. */
  chat: ChatLine[];
  /** Lines of chat since the start. */
  chat_total: number;
  /** The events of the game. */
  game: null[];
  /** Events of the game since the start. */
  game_total: number;
  /** Players that joined. */
  joined: PlayerName[];
  /** Players that joined since the start. */
  joined_total: number;
  /** Players that left. */
  left: PlayerName[];
  /** Players that left since the start. */
  left_total: number;
}

/** Ticks and traffic of the last second, unless stated otherwise. */
export interface FeedHealth {
  /** Open sockets. */
  connections: number;
  /** Bytes of those frames. */
  frame_bytes: number;
  /** Frames sent. */
  frames: number;
  /** Frames not encoded because the client was slow. */
  frames_skipped: number;
  /** Messages received from clients. */
  messages_in: number;
  /** Overload: from 0 for none to 4. */
  overload_level: number;
  /** Longest duration of a tick's work, in milliseconds. */
  tick_ms_max: number;
  /** Mean duration of a tick's work, in milliseconds. */
  tick_ms_mean: number;
  /** Configured ticks per second. */
  tick_rate: number;
  /** Ticks simulated. */
  ticks: number;
  /** Ticks skipped to catch up with the clock, since the start. */
  ticks_skipped_total: number;
}

/** One row of the leaderboard. */
export interface FeedLeaderboardRow {
  /** Human or bot. */
  kind: PlayerKind;
  /** Who. */
  name: PlayerName;
  /** Its score, which the game counts. */
  score: number;
}

/** Population and leaderboard. */
export interface FeedScores {
  /** Bodies in the arena. */
  bodies: number;
  /** Bots in the arena. */
  bots: number;
  /** The first ten. */
  leaderboard: FeedLeaderboardRow[];
  /** Players in the arena. */
  players: number;
  /** Clients without a body. */
  spectators: number;
}

/** All arenas and public rooms together, those of all nodes in a cluster: what `/arenas` lists. */
export interface FeedTotals {
  /** Arenas and public rooms. */
  arenas: number;
  /** Nodes of the cluster; 1 without one. */
  nodes: number;
  /** Players in them, without disconnected ones. */
  players: number;
}

/** What others see of a runner. */
export interface Look {
  /** Whether it is "it". */
  is_it: boolean;
  /** Whether it cannot touch others yet. */
  waits: boolean;
}

/** Position and velocity. A body's own player receives them unrounded. */
export interface Motion {
  /** Centre, in world units, inside the arena. */
  position: [number, number];
  /** In units/s. */
  velocity: [number, number];
}

/** A player's best run. */
export interface RecordEntry {
  /** How long the run lasted. */
  duration_ms: number;
  /** When it ended, in Unix time. */
  ended_ms: number;
  /** The newest one of the player. */
  name: string;
  /** From 1. Equal scores have the same rank, and the next rank counts all of them. */
  rank: number;
  /** More is better. */
  score: number;
}

/** A player's body: all of it is predicted. */
export interface Runner {
  /** Whether it is "it". */
  is_it: boolean;
  /** Where it is. */
  motion: Motion;
}

/** A way in whole steps, so that server and client hold the same value: each part in 1/127 of full speed. Every bit pattern is valid. */
export interface Stick {
  /** To the right. */
  x: number;
  /** Up. */
  y: number;
}

/** A player has become "it": everyone is told. */
export interface Tagged {
  /** Who was it before. */
  by: PlayerId;
  /** Who. */
  it: PlayerId;
}
