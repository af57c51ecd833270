// Generated from the JSON Schemas: do not edit. `npm run types` writes it again.

/** What a game defines. */
export interface Parts {
  Arena: unknown;
  Input: unknown;
  Own: unknown;
  Look: unknown;
  Item: unknown;
  Event: unknown;
  Notice: unknown;
}

/** The sign of an achievement, which a player wears beside its name. */
export interface Badge {
  /** Who wears it. */
  player: PlayerId;
  /** One or two characters; empty for none. */
  sign: string;
}

/** A body's change of course over several frames, in which position and velocity change by different amounts. */
export interface BodyCatchUp {
  /** Change of velocity along x, in steps per frame. */
  dvx: number;
  /** The same along y. */
  dvy: number;
  /** Change of position along x against the straight line, in steps. */
  dx: number;
  /** The same along y. */
  dy: number;
  /** Where it points, in 1/256 turn. */
  heading: number;
  /** Bodies of the cell skipped since the one before. */
  skip: number;
}

/** How a body moves on from where it was expected. */
export interface BodyMove {
  /** Change of velocity along x, in steps per frame; the position changes by the same amount. */
  dx: number;
  /** The same along y. */
  dy: number;
  /** Where it points, in 1/256 turn. `null` if that has not changed: four of five keep their heading. */
  heading: number | null;
}

/** A body in full. */
export interface BodyRecord<G extends Parts> {
  /** Difference from the id of the body before. */
  gap: number;
  /** The body. */
  state: BodyState<G>;
}

/** Everything that other players know of a body. */
export interface BodyState<G extends Parts> {
  /** Where it points, in 1/256 turn. */
  heading: number;
  /** Everything else, which the game defines. */
  look: G["Look"];
  /** Velocity along x, in steps per frame. Of fixed length too: bodies that cross into a cell are fast, and a varint of a fast one
   * takes three bytes. */
  vx: number;
  /** The same along y. */
  vy: number;
  /** Steps from the cell's origin; a little outside the cell between `advance` and `apply`. */
  x: number;
  /** The same along y. */
  y: number;
}

/** One kind of change, for everything in the cell that it applies to. Lists are sorted by the bodies' ids. A body that is
 * already in the cell is identified by the number of bodies skipped since the one before: `Left` counts in the old list, all
 * others in the new list with the entered bodies. Because most bodies move, `Moved` has a bit for each body of the cell. */
export type CellChange<G extends Parts> =
  /** Forget the cell: its full contents follow. */
  | "Reset"
  /** Bodies that left the cell. */
  | {
    Left: number[];
  }
  /** Bodies that entered, or that moved in a way that a `BodyMove` cannot express. */
  | {
    Entered: BodyRecord<G>[];
  }
  /** Bodies that did not continue straight, or that turned. All others continued straight. */
  | {
    Moved: Moves;
  }
  /** The same in an update that stands for several frames. */
  | {
    CatchUp: BodyCatchUp[];
  }
  /** Bodies whose look changed. */
  | {
    Looks: LookChange<G>[];
  }
  /** New items. */
  | {
    ItemsAdded: PlacedItem<G>[];
  }
  /** Collected items. */
  | {
    ItemsTaken: ItemTaken[];
  }
  /** What happened here. */
  | {
    Events: G["Event"][];
  }
  /** The expected `checksum` after the changes above. */
  | {
    Checksum: number;
  };

/** The update of one cell: its changes, in the order in which they are applied. */
export interface CellChunk<G extends Parts> {
  /** The cell. */
  cell: CellIndex;
  /** The changes; empty kinds are left out. */
  changes: CellChange<G>[];
}

/** A cell of the arena's grid, row by row from the bottom left. */
export type CellIndex = number;

/** A rectangle of cells, borders included. */
export interface CellWindow {
  /** First row. */
  bottom: number;
  /** First column. */
  left: number;
  /** Last column. */
  right: number;
  /** Last row. */
  top: number;
}

/** A line for everyone in the arena. */
export interface ChatLine {
  /** Who said it; 65,535 for the operator, and for a player of another arena. */
  from: PlayerId;
  /** The author's name then: by now the id may belong to another player. */
  name: PlayerName;
  /** Sequence number in the arena, from 1. Lines are delivered in this order; a client recognises duplicates by it. */
  number: number;
  /** What was said. */
  text: ChatText;
  /** When the server received it, in milliseconds of Unix time. */
  time_ms: number;
  /** Whether it was said to all arenas. */
  to_all: boolean;
}

/** Why a line was rejected. Sent to its author only. */
export type ChatRejection =
  /** Only white space and hidden characters. */
  | "Empty"
  /** Longer than the limit. */
  | "TooLong"
  /** Control characters, private use or noncharacters. The server removes hidden characters before it checks. */
  | "InvalidCharacters"
  /** The author exceeds its rate limit. */
  | "RateLimited"
  /** The arena exceeds its rate limit. */
  | "ArenaRateLimited"
  /** A whisper to a player who is not in the arena. */
  | "NoSuchPlayer"
  /** A whisper to a name that several players have; the id of one of them. */
  | {
    AmbiguousName: PlayerId;
  }
  /** The line starts with a slash, but is no known command. */
  | "UnknownCommand"
  /** The creator of the room has turned its chat off. */
  | "Off";

/** A valid line: 1 to 120 visible characters, none of which can reorder or hide the text around it. */
export type ChatText = string;

/** The client's parts of the lag, as means of the last seconds. */
export interface ClientLag {
  /** How long others are delayed so that they move smoothly. */
  jitter_buffer?: TenthMs;
  /** The round trip without the server's parts. */
  network?: TenthMs;
  /** From there until the frame is on the screen. */
  rendering?: TenthMs;
  /** From a key press until its input is sent. */
  send_ahead?: TenthMs;
}

/** A message from a client whose game has inputs `I`. */
export type ClientMessage<G extends Parts> =
  /** The first message, sent once. */
  | {
    Hello: Hello;
  }
  /** The player's input for one tick. */
  | {
    Input: {
      /** The newest frame received: see `Ack`. */
      ack: number;
      /** What the player wants. */
      input: G["Input"];
      /** How far behind that tick the player saw the others, in 1/`REWIND_PARTS` of
       * a tick. The server rewinds targets by this much, up to a limit. */
      rewind?: number;
      /** The tick it is for. Input for a past tick is dropped, and the previous input is repeated instead. 0, the
       * default in JSON, means the next tick. */
      tick?: Tick;
    };
  }
  /** The cell's checksum differed: the client asks for the whole cell. */
  | {
    ResyncCell: CellIndex;
  }
  /** The last byte of the newest received frame's tick, for clients that send no input: at least twice a second while
   * frames arrive. The server stops sending after `FRAMES_UNACKED_MAX`
   * unacknowledged frames, so a slow client never receives a backlog. A byte is enough, because the server knows which
   * ticks it sent. */
  | {
    Ack: number;
  }
  /** A line for everyone, or `/w NAME TEXT` for one player: see `chat`. */
  | {
    Chat: string;
  }
  /** Whether the page is hidden. While it is, the client gets one frame per second without cells, and the player is taken
   * out of the arena. */
  | {
    Hidden: boolean;
  }
  /** The client's part of the lag, every few seconds, for the server's statistics. */
  | {
    Lag: ClientLag;
  }
  /** The badge that the player wants to wear: the number of an achievement, as `GET /achievements` lists them; 0 for none. The
   * server shows it once it knows that the player has unlocked it. */
  | {
    Badge: number;
  };

/** One tick for one viewer. */
export interface Frame<G extends Parts> {
  /** Updates of the cells in view that changed. */
  cells: CellChunk<G>[];
  /** The part for this viewer only. */
  head: FrameHead<G>;
  /** Messages about the arena, and some for this viewer only. */
  notices: Notice<G>[];
}

/** The part of a frame that differs for every viewer. */
export interface FrameHead<G extends Parts> {
  /** How many ticks ahead of this one the player's newest input is. Negative if this tick had no input: by how many ticks
   * the newest is late. `LEAD_NONE` before the first. */
  lead: number;
  /** The tick that the frame shows. */
  tick: Tick;
  /** Set when the cells in view changed. */
  view: ViewChange | null;
  /** The viewer's own state. */
  viewer: ViewerState<G>;
}

/** The client's first message. `protocol` and `game` are the first fields in every version, so that any two versions and any two games
 * detect a mismatch.
 * In JSON every field is optional. */
export interface Hello {
  /** The requested colour, below `COLOURS`; the server chooses if there is none. */
  colour?: number | null;
  /** The client's game; empty for that of the server. */
  game?: string;
  /** Proves who the player is on every visit, at a server that keeps records; at most
   * `IDENTITY_BYTES_MAX` bytes. */
  identity?: string | null;
  /** The requested name. The server replaces an invalid one. */
  name?: string;
  /** What all members of a party have in common, which they have by a link: letters and digits, at most
   * `PARTY_BYTES_MAX`. Case does not matter. */
  party?: string | null;
  /** The client's protocol version; by default that of the server. */
  protocol?: ProtocolVersion;
  /** The token from the previous welcome, to resume that session. */
  resume?: ResumeToken | null;
  /** Whether the client plays or spectates. */
  role?: Role;
  /** What admits the player, at a server that asks for it; at most `TICKET_BYTES_MAX`
   * bytes. */
  ticket?: string | null;
}

/** An item that was collected. */
export interface ItemTaken {
  /** The player who collected it. */
  by: PlayerId;
  /** Its lattice point. */
  x: number;
  /** The same along y. */
  y: number;
}

/** The leaderboard and the minimap. */
export interface Leaderboard {
  /** The leader's position, in 1/256 of the arena's width and height. */
  beacon: [number, number] | null;
  /** Bodies in the arena, those of bots among them. */
  bodies: number;
  /** Cells with bodies, one byte each: see `crowds`. */
  crowds: number[];
  /** Players, without bots. */
  players: number;
  /** The first `LEADERBOARD_ROWS_MAX` players. */
  top: LeaderboardRow[];
}

/** One row of the leaderboard. */
export interface LeaderboardRow {
  /** The player. */
  player: PlayerId;
  /** Its score, which the game counts. */
  score: number;
}

/** A body's new look. */
export interface LookChange<G extends Parts> {
  /** The new look. */
  look: G["Look"];
  /** Bodies of the cell skipped since the one before. */
  skip: number;
}

/** Bodies of a cell that did not continue straight, or that turned. */
export interface Moves {
  /** One for each set bit. */
  moves: BodyMove[];
  /** A bit for each body of the cell, least significant first; trailing zero bytes are left out. */
  which: number[];
}

/** A message inside a frame: for everyone in the arena, or for this viewer only. */
export type Notice<G extends Parts> =
  /** All players; replaces the known ones. */
  | {
    Roster: Player[];
  }
  /** A player joined. */
  | {
    Joined: Player;
  }
  /** A player left. */
  | {
    Left: PlayerId;
  }
  /** Once per second. */
  | {
    Leaderboard: Leaderboard;
  }
  /** A line of chat for everyone. */
  | {
    Chat: ChatLine;
  }
  /** The last lines, oldest first, for a client that joined or missed frames. */
  | {
    ChatHistory: ChatLine[];
  }
  /** A whisper to or from this player. */
  | {
    Whisper: Whisper;
  }
  /** This player's line was rejected. */
  | {
    ChatRejected: ChatRejection;
  }
  /** The server's parts of this player's lag, once per second. */
  | {
    Lag: ServerLag;
  }
  /** The game's own. */
  | {
    Game: G["Notice"];
  }
  /** The creator of the room has made this player its creator: the key for requests that change the room, a text of at most
   * `ROOM_KEY_BYTES_MAX`. */
  | {
    RoomKey: string;
  }
  /** The badges of these players; those of others stay as they are. */
  | {
    Badges: Badge[];
  }
  /** This player has unlocked an achievement. */
  | {
    Unlocked: UnlockedAchievement;
  }
  /** The other members of this player's party, once per second; empty while it is alone. */
  | {
    Party: PartyMember[];
  };

/** A friend of this player in the arena: they came by one link. */
export interface PartyMember {
  /** Where its body is, in 1/256 of the arena's width and height; `null` without one. */
  at: [number, number] | null;
  /** Who. */
  player: PlayerId;
}

/** An item that lies on a point of a cell. */
export interface PlacedItem<G extends Parts> {
  /** What it is. */
  item: G["Item"];
  /** On the lattice of 256 points along the cell's side. */
  x: number;
  /** The same along y. */
  y: number;
}

/** A player as listed in the roster. */
export interface Player {
  /** Below `COLOURS`. */
  colour: number;
  /** Its id, which is also that of its body. */
  id: PlayerId;
  /** Human or bot. */
  kind: PlayerKind;
  /** Shown to everyone. */
  name: PlayerName;
}

/** A player in the arena, human or server-controlled. The server assigns the lowest free id, so that sorted ids have small
 * gaps, which take fewer bytes. It holds the id of a player that has left for a second before it assigns it again, because others may still
 * mean that player by it. */
export type PlayerId = number;

/** What controls a player. */
export type PlayerKind =
  /** A client. */
  | "Human"
  /** The server. */
  | "Bot";

/** A valid name: 1 to 16 visible characters, none of which can reorder or hide the text around it. */
export type PlayerName = string;

/** A version on the wire. In JSON it is sixteen hexadecimal digits, because many languages read a JSON number as a float and
 * lose its last digits. */
export type ProtocolVersion = string;

/** A token from a welcome, valid for one hello. In JSON it is hexadecimal digits. */
export type ResumeToken = string;

/** What a client does in the arena. */
export type Role =
  /** Plays. */
  | "Player"
  /** Watches the leader; its inputs and chat are ignored. */
  | "Spectator";

/** The server's parts of one player's lag, smoothed. */
export interface ServerLag {
  /** From an input's arrival to the tick that uses it. */
  input_queue: TenthMs;
  /** From there until the connection's task sends the frame, encoding included. */
  send_queue: TenthMs;
  /** From the start of that tick until its step is done. */
  tick: TenthMs;
}

/** A message from the server. */
export type ServerMessage<G extends Parts> =
  /** The answer to a hello. */
  | {
    Welcome: Welcome<G>;
  }
  /** One tick for this client. */
  | {
    Frame: Frame<G>;
  };

/** A duration in tenths of a millisecond, capped at 6.5 seconds. */
export type TenthMs = number;

/** A simulation step, counted from the server's start. Does not wrap: at 128 Hz a `u32` lasts a year. */
export type Tick = number;

/** An achievement that this player has unlocked just now. */
export interface UnlockedAchievement {
  /** The game's id of it. */
  id: string;
  /** Its name. */
  name: string;
  /** The badge that the player may wear from now on. */
  sign: string;
  /** What the player has done. */
  text: string;
}

/** The cells in view from this frame on. */
export interface ViewChange {
  /** Forget every cell: all of them follow in full, because frames were skipped. */
  reset: boolean;
  /** The cells. Those new in view follow in full; the client forgets those no longer in view. */
  window: CellWindow;
}

/** A viewer's own state. */
export type ViewerState<G extends Parts> =
  /** A player. */
  | {
    Player: {
      /** What the game tells it of itself. */
      own: G["Own"];
      /** Its rank among all players with a body, from 1; 0 until the ranking is computed, once per second. */
      rank: number;
    };
  }
  /** A spectator. */
  | {
    Spectator: {
      /** The player whose body the view follows. */
      target: PlayerId | null;
    };
  };

/** What a client needs before its first frame. */
export interface Welcome<G extends Parts> {
  /** The arena and its rules. */
  arena: G["Arena"];
  /** Whether the client resumed its previous session. */
  is_resumed: boolean;
  /** The client's player; `null` for a spectator. */
  player: PlayerId | null;
  /** The token for the next hello if this connection breaks. Valid once, for a limited time. `null` for a spectator. */
  resume: ResumeToken | null;
  /** The tick in which the client joined. */
  tick: Tick;
  /** Ticks per second, 10 to 128. */
  tick_rate: number;
}

/** A line for one player. */
export interface Whisper {
  /** Who said it. */
  from: PlayerId;
  /** The author's name. */
  from_name: PlayerName;
  /** What was said. */
  text: ChatText;
  /** When the server received it, in milliseconds of Unix time. */
  time_ms: number;
  /** The recipient. */
  to: PlayerId;
  /** The recipient's name. */
  to_name: PlayerName;
}
