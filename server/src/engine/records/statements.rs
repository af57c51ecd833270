//! All SQL of the records, for both databases. They differ in how a batch, which is one JSON text of rows, is read; the rest is the
//! same text.
//!
//! sqlx's checked macros know one database per crate: `cargo sqlx prepare` describes every query with one `DATABASE_URL`, and its
//! metadata is named by the text of the query, which both would share. So a test prepares every statement on both
//! (`tests/storing.rs`), and no SQL is written anywhere else.

/// The statements of one database.
#[derive(Debug)]
pub(super) struct Statements {
    /// Rows: id, name, time.
    pub(super) put_players: &'static str,
    /// Rows: id, player, arena, mode, score, duration, time, details.
    pub(super) put_runs: &'static str,
    /// Rows: player, score, duration, time. For one board, by its number.
    pub(super) put_best: &'static str,
    /// Rows: player, achievement, time.
    pub(super) put_achievements: &'static str,
}

// A player's row is written again only for another name, or an hour later: most batches then change no page of `players`.
macro_rules! statements {
    (id: $id:literal, player: $player:literal, rows: $rows:literal) => {
        Statements {
            put_players: concat!(
                "insert into players (id, name, seen_ms) select ",
                $id,
                ", value->>1, cast(value->>2 as bigint) ",
                $rows,
                " where true on conflict (id) do update set name = excluded.name, seen_ms = excluded.seen_ms \
                 where excluded.seen_ms >= players.seen_ms + 3600000 \
                 or (excluded.seen_ms >= players.seen_ms and excluded.name <> players.name)"
            ),
            put_runs: concat!(
                "insert into runs (id, player, arena, mode, score, duration_ms, ended_ms, details) select ",
                $id,
                ", players.num, value->>2, value->>3, cast(value->>4 as bigint), cast(value->>5 as bigint), \
                 cast(value->>6 as bigint), value->>7 ",
                $rows,
                " join players on players.id = ",
                $player,
                " where true on conflict (id) do nothing"
            ),
            put_best: concat!(
                "insert into best (board, player, score, duration_ms, ended_ms) select cast($2 as bigint), \
                 players.num, cast(value->>1 as bigint), cast(value->>2 as bigint), cast(value->>3 as bigint) ",
                $rows,
                " join players on players.id = ",
                $id,
                " where true order by players.num on conflict (board, player) do update set \
                 score = excluded.score, duration_ms = excluded.duration_ms, ended_ms = excluded.ended_ms \
                 where excluded.score > best.score"
            ),
            put_achievements: concat!(
                "insert into achievements (player, achievement, unlocked_ms) select players.num, value->>1, \
                 cast(value->>2 as bigint) ",
                $rows,
                " join players on players.id = ",
                $id,
                " where true on conflict (player, achievement) do nothing"
            ),
        }
    };
}

pub(super) const SQLITE: Statements = statements! {
    id: "unhex(value->>0)",
    player: "unhex(value->>1)",
    rows: "from json_each($1)"
};

pub(super) const POSTGRES: Statements = statements! {
    id: "decode(value->>0, 'hex')",
    player: "decode(value->>1, 'hex')",
    rows: "from jsonb_array_elements(cast(cast($1 as text) as jsonb)) as each_row(value)"
};

pub(super) const PUT_BOARD: &str = "insert into boards (arena, mode, period, ends_ms) values ($1, $2, $3, $4) \
                                    on conflict (arena, mode, period) do nothing";

pub(super) const BOARD: &str = "select num from boards where arena = $1 and mode = $2 and period = $3";

macro_rules! board {
    () => {
        "board = (select num from boards where arena = $1 and mode = $2 and period = $3)"
    };
}

macro_rules! player {
    ($id:literal) => {
        concat!("player = (select num from players where id = ", $id, ")")
    };
}

/// By the index, and only then the rest of each row.
pub(super) const PAGE: &str = concat!(
    "with page as (select board, player from best where ",
    board!(),
    " order by score desc, ended_ms, player limit $4 offset $5) \
     select players.name, best.score, best.duration_ms, best.ended_ms, best.player from page \
     join best on best.board = page.board and best.player = page.player \
     join players on players.num = page.player order by best.score desc, best.ended_ms, best.player"
);

/// How many are better than a score, counted up to a limit.
pub(super) const BETTER: &str = concat!(
    "select count(*) as better from (select 1 as one from best where ",
    board!(),
    " and score > $4 limit $5) as counted"
);

/// How many equals stand before a row, counted up to a limit.
pub(super) const EQUALS_BEFORE: &str = concat!(
    "select count(*) as before from (select 1 as one from best where ",
    board!(),
    " and score = $4 and ended_ms <= $5 and (ended_ms < $5 or player < $6) limit $7) as counted"
);

pub(super) const SCORE: &str = concat!("select score from best where ", board!(), " and ", player!("$4"));

pub(super) const NEXT_SCORE: &str =
    concat!("select score from best where ", board!(), " and score > $4 order by score limit 1");

/// Every n-th score, best first.
pub(super) const SAMPLES: &str = concat!(
    "select score from (select score, row_number() over (order by score desc) as place from best where ",
    board!(),
    ") as placed where place % $4 = 0 order by place"
);

pub(super) const ACHIEVEMENTS: &str = concat!(
    "select achievement, unlocked_ms from achievements where ",
    player!("$1"),
    " order by unlocked_ms, achievement"
);

pub(super) const PLAYER: &str = "select num from players where id = $1";

/// The id of the run that is $2 rows behind one.
pub(super) const RUN_BEHIND: &str = "select id from runs where id > $1 order by id limit 1 offset $2";

/// A player's, behind one id and up to another. There is no index by player: it would slow down every write, and a player is seldom
/// erased.
pub(super) const ERASE_RUNS: &str = "delete from runs where id > $1 and id <= $2 and player = $3";

/// What there is of a player besides runs.
pub(super) const ERASE: [&str; 3] = [
    // By the key.
    "delete from best where board in (select num from boards) and player = $1",
    "delete from achievements where player = $1",
    "delete from players where num = $1",
];

pub(super) const OLD_RUNS: &str =
    "delete from runs where id in (select id from runs where id < $1 order by id limit $2)";

pub(super) const OLD_PLAYERS: &str = "select num from players where seen_ms < $1 order by seen_ms limit $2";

pub(super) const OLD_BOARDS: &str = "select num from boards where ends_ms <= $1";

pub(super) const EMPTY_BOARD: &str =
    "delete from best where board = $1 and player in (select player from best where board = $1 limit $2)";

pub(super) const DROP_BOARD: &str = "delete from boards where num = $1";

#[cfg(test)]
impl Statements {
    /// Every statement of the records on this database.
    pub(super) fn all(&self) -> Vec<&'static str> {
        let own = [self.put_players, self.put_runs, self.put_best, self.put_achievements];
        let common = [
            PUT_BOARD,
            BOARD,
            PAGE,
            BETTER,
            EQUALS_BEFORE,
            SCORE,
            NEXT_SCORE,
            SAMPLES,
            ACHIEVEMENTS,
            OLD_RUNS,
        ];
        let upkeep = [PLAYER, RUN_BEHIND, ERASE_RUNS, OLD_PLAYERS, OLD_BOARDS, EMPTY_BOARD, DROP_BOARD];
        own.into_iter().chain(common).chain(ERASE).chain(upkeep).collect()
    }
}
