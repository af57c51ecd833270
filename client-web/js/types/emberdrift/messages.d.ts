// Generated from the JSON Schemas: do not edit. `npm run types` writes it again.

import type { ChatLine, PlayerId, PlayerKind, PlayerName, Tick } from "../engine/messages.js";

/** The game's parts of the engine's messages. */
export interface Emberdrift {
  Arena: Arena;
  Input: PlayerInput;
  Own: PilotState;
  Look: ShipLook;
  Item: Ember;
  Event: Event;
  Notice: Announcement;
}

/** A direction in 1/65536 of a turn, counter-clockwise from +x in a y-up world. Wraps. */
export type Angle = number;

/** Something that players are told wherever they are. */
export type Announcement =
  /** A kill that more clients should know of than those who see the cell: everyone if the leader died or a long streak
   * grew or ended, and the killer if it was out of sight. */
  | {
    Killed: {
      /** The killer and the streaks. */
      kill: Kill;
      /** The player whose ship was destroyed. */
      victim: PlayerId;
    };
  }
  /** The teams' scores, once per second; only with teams. */
  | {
    Teams: TeamScores;
  }
  /** A duel, when it changes and once per second; only in arenas for duels. */
  | {
    Duel: DuelState;
  };

/** The static part of the game, sent in the welcome. */
export interface Arena {
  /** Walls of ruins, inside the arena. */
  blocks: Block[];
  /** How it is played: each for itself, in teams, or one against one. */
  mode: Mode;
  /** Shown to players; at most 32 visible characters. */
  name: string;
  /** Round obstacles, inside the arena. */
  rocks: Rock[];
  /** The game's numbers in this arena. */
  rules: Rules;
  /** Width and height. Walls enclose the arena, from (0, 0) to here. */
  size: [number, number];
}

/** An axis-aligned rectangle of wall. */
export interface Block {
  /** Its centre. */
  centre: [number, number];
  /** Half of its width and height: 24 to 2048 units each. */
  half: [number, number];
}

/** What boost does to a ship. */
export interface BoostRules {
  /** Embers burnt per second and left behind. */
  embers_per_second: number;
  /** Factor for thrust. */
  thrust: number;
  /** Factor for the top speed. */
  top_speed: number;
}

/** Held buttons, one bit each. */
export type Buttons = number;

/** A ship that died. */
export interface Death {
  /** The kill; `null` if no player did it, or if a `Killed` carries it. */
  by: Kill | null;
  /** The ship's player. */
  ship: PlayerId;
  /** Its position, in steps from the cell's origin. */
  x: number;
  /** The same along y. */
  y: number;
}

/** How drones fly. They use the same inputs as a player, with human limits. */
export interface DroneRules {
  /** Largest aim error to either side, in degrees. */
  aim_error: number;
  /** Hunters ignore ships that spawned less than this long ago. */
  grace_seconds: number;
  /** The same of a player's first ship, for all drones, until it fires near another ship. */
  newcomer_seconds: number;
  /** Distance at which they fire. */
  range: number;
  /** They act on what they saw this long ago, and decide no more often. */
  reaction_seconds: number;
  /** Distance at which they notice other ships. */
  sight: number;
  /** Fastest turn, in degrees per second. */
  turn: number;
}

/** What goes on in a duel. */
export type DuelPhase =
  /** There are fewer than two players. */
  | "Lobby"
  /** Both ships are held in place. */
  | {
    Countdown: {
      /** The first tick in which they fly. */
      until: Tick;
    };
  }
  /** The round is on. */
  | "Fight"
  /** A round has ended. */
  | {
    Pause: {
      /** The first tick in which the next may begin. */
      until: Tick;
      /** Who has won it; `null` if both ships were destroyed in the same tick. */
      winner: PlayerId | null;
    };
  }
  /** The match has ended. */
  | {
    Over: {
      /** The tick in which the next player takes the loser's place; `null` if there is none. Then another match
       * begins when both want it. */
      next: Tick | null;
      /** Who has won it. */
      winner: PlayerId;
    };
  };

/** The state of a duel. */
export interface DuelState {
  /** What goes on. */
  phase: DuelPhase;
  /** The two who play; `null` for a free place. */
  players: [PlayerId | null, PlayerId | null];
  /** After a match: who wants another. */
  ready: [boolean, boolean];
  /** Players who watch until there is a place. */
  waiting: number;
  /** Rounds that each has won in this match. */
  wins: [number, number];
}

/** An ember or a pickup. An ember's worth is 1 to `EMBER_WORTH_MAX`; 253 is a shield, 254 rapid fire, 255 a magnet. */
export type Ember = number;

/** The supply and flow of embers. Embers are conserved: the arena's supply plus a share for each player is on the field,
 * on ships, or in the reserve. Lost embers go to the reserve, and new ones come from it. */
export interface EmberRules {
  /** Embers of a new ship, taken from the reserve. */
  at_spawn: number;
  /** Most embers that the reserve emits per second. */
  emit_per_second: number;
  /** Embers that each player or drone adds while in the arena. */
  per_pilot: number;
  /** The share lost per second. */
  smoulder: number;
  /** A ship with more embers than this loses a share of the excess and leaves it behind. */
  smoulder_above: number;
  /** Embers in the arena. While fewer are on the field, the reserve emits more. */
  supply: number;
}

/** Something that happened in a cell. */
export type Event =
  /** A shot was fired here, or flew into the cell. */
  | {
    Shot: ShotRecord;
  }
  /** A shot hit a ship. */
  | {
    Hit: Hit;
  }
  /** A ship died. */
  | {
    Death: Death;
  };

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
  game: FeedKill[];
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

/** A kill, as the feed lists it. */
export interface FeedKill {
  /** The killer's name. */
  by: PlayerName;
  /** Whether the victim was the leader. */
  led: boolean;
  /** In which tick. */
  tick: Tick;
  /** The victim's name. */
  victim: PlayerName;
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

/** A shot that hit a ship. */
export interface Hit {
  /** The ship that it hit. */
  ship: PlayerId;
  /** The shot, which has ended. */
  shot: number;
}

/** One size of ship. */
export interface Hull {
  /** Smallest number of embers for this hull; 0 for the first. */
  embers: number;
  /** In the unit of a shot's damage. */
  health: number;
  /** In units. */
  radius: number;
  /** Distance from which embers are collected. */
  reach: number;
  /** Shots in one salvo, 1 to 8. */
  shots: number;
  /** Acceleration in units/s². */
  thrust: number;
  /** In units/s, without boost. */
  top_speed: number;
}

/** A kill, as players are told. */
export interface Kill {
  /** The killer. */
  by: PlayerId;
  /** The victim's streak, which this kill ended. */
  ended: number;
  /** The killer's streak including this kill, at most 255; 0 if the killer has no ship any more. */
  streak: number;
}

/** Who has shot a ship down, as it was at that moment. */
export interface KilledBy {
  /** Embers aboard its ship, which say its hull; 0 if it had none any more. */
  embers: number;
  /** The player. */
  player: PlayerId;
}

/** How a ship fared, from its spawn to its end. */
export interface Lived {
  /** Most embers that it has carried. */
  embers: number;
  /** Ships that it has shot down. */
  kills: number;
  /** How long, in ticks. */
  ticks: number;
}

/** How an arena is played. */
export type Mode =
  /** Each for itself. */
  | "Free"
  /** Team against team. Players and drones join the smallest. */
  | {
    Teams: {
      /** How many teams, 2 to `TEAMS_MAX`. */
      count: number;
    };
  }
  /** One against one, in rounds. Others wait and watch. There are no drones. */
  | {
    Duel: {
      /** Rounds that win the match, 1 to `DUEL_ROUNDS_MAX`. */
      first_to: number;
    };
  };

/** Position and velocity. A body's own player receives them unrounded. */
export interface Motion {
  /** Centre, in world units, inside the arena. */
  position: [number, number];
  /** In units/s. */
  velocity: [number, number];
}

/** A player's own ship, unrounded. */
export interface OwnShip {
  /** Whether it boosted in this tick. */
  boosting: boolean;
  /** The fraction of an ember already burnt, in 1/256. */
  burnt: number;
  /** Embers carried, or owned. */
  embers: number;
  /** In the unit of `health`. */
  health: number;
  /** Ticks for which it is held in place, before a round of a duel; 0 for none. */
  held: number;
  /** At the end of this frame's tick. */
  motion: Motion;
  /** Active power-ups. */
  power_ups: PowerUps;
  /** Ticks until it can fire. */
  reload: number;
  /** Whether it is protected from damage. */
  shielded: boolean;
  /** Kills with this ship. */
  streak: number;
}

/** Pickups: the first ship that touches one takes it. */
export interface PickupRules {
  /** Time between two new pickups. */
  every_seconds: number;
  /** Factor for the collection distance with a magnet. */
  magnet_reach: number;
  /** Duration of a magnet. */
  magnet_seconds: number;
  /** Most pickups in the arena at a time. */
  max: number;
  /** Factor for the reload time during rapid fire. */
  rapid_reload: number;
  /** Duration of rapid fire. */
  rapid_seconds: number;
  /** Duration of a shield. */
  shield_seconds: number;
}

/** A player's own state. */
export type PilotState =
  /** It has a ship. */
  | {
    Alive: OwnShip;
  }
  /** Its ship was destroyed. */
  | {
    Dead: {
      /** The killer, if there is one. */
      by: KilledBy | null;
      /** How that ship had fared. */
      life: Lived;
      /** The first tick in which an input with any button spawns the next ship. */
      until: Tick;
    };
  }
  /** Hidden or disconnected: its ship is out of the arena. */
  | {
    Idle: {
      /** Embers it will return with. */
      embers: number;
    };
  }
  /** It waits for its turn in a duel. */
  | {
    Watching: {
      /** The player whose ship the view follows. */
      target: PlayerId | null;
    };
  };

/** One player's input for one tick. Every bit pattern is valid, so there is nothing to check. */
export interface PlayerInput {
  /** The direction the player aims in. */
  aim: Angle;
  /** Held buttons. */
  buttons: Buttons;
}

/** The power-ups of a ship: remaining ticks of each. */
export interface PowerUps {
  /** Extends the collection distance. */
  magnet: number;
  /** Shortens the reload time. */
  rapid: number;
  /** Protects from all damage. */
  shield: number;
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

/** A round obstacle. */
export interface Rock {
  /** Its centre. */
  centre: [number, number];
  /** 8 to 400 units. */
  radius: number;
}

/** All tunable numbers. Lengths in world units, times in seconds. */
export interface Rules {
  /** Boosting. */
  boost: BoostRules;
  /** Share of the inward speed that is reflected by a rock or a wall: 0 to 1. */
  bounce: number;
  /** Rate at which drag reduces a ship's speed, per second: 0 to 8. */
  drag: number;
  /** Drones. */
  drones: DroneRules;
  /** Embers: supply and flow. */
  embers: EmberRules;
  /** The hulls, smallest first. */
  hulls: Hull[];
  /** Pickups. */
  pickups: PickupRules;
  /** Health regained per second. */
  regeneration_per_second: number;
  /** Shortest time from death to the next ship, which the player asks for. */
  respawn_seconds: number;
  /** Shield after a spawn; it ends when the ship fires. */
  shield_seconds: number;
  /** Shots. */
  shot: ShotRules;
  /** Half the width and height of a player's view. */
  view: [number, number];
}

/** What others see of a ship, besides its motion and where its nose points. */
export interface ShipLook {
  /** Share of full health, 0 to 255. */
  health: number;
  /** Status bits. */
  status: Status;
}

/** A shot in flight. */
export interface ShotRecord {
  /** Its direction. */
  direction: number;
  /** Its id. */
  id: number;
  /** The player who fired it. */
  owner: PlayerId;
  /** Ticks until its life ends. */
  ticks_left: number;
  /** Its position, in steps from the cell's origin. */
  x: number;
  /** The same along y. */
  y: number;
}

/** How shots fly. */
export interface ShotRules {
  /** Health taken by a hit. */
  damage: number;
  /** In seconds, at most `SHOT_LIFE_SECONDS_MAX`. */
  life: number;
  /** Time between two salvos, in seconds. */
  reload: number;
  /** In units/s. */
  speed: number;
  /** Angle between neighbouring shots of a salvo, in degrees. */
  spread: number;
}

/** A ship's status bits: tier in bits 0 to 2, boosting 3, shielded 4, rapid fire 5, magnet 6. */
export type Status = number;

/** The score of each team: the sum of its ships' embers. 0 for teams that there are not. */
export type TeamScores = [number, number, number, number];
