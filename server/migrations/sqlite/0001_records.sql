-- Ids are 16 bytes. Times are in milliseconds since 1970, UTC. Players and boards have numbers of this database, which keep the tables below
-- small: in all a third of the bytes that ids and names would take. A number is never used again.

create table players (
    num integer primary key autoincrement,
    id blob not null unique,
    name text not null,
    seen_ms integer not null
);
create index players_by_time on players (seen_ms);

-- The id begins with the time of the end, so new rows come last and old ones are found by it.
create table runs (
    id blob not null primary key,
    player integer not null,
    arena text not null,
    mode text not null,
    score integer not null,
    duration_ms integer not null,
    ended_ms integer not null,
    details text not null
) without rowid;

-- Leaderboards. One is removed when its period is over.
create table boards (
    num integer primary key autoincrement,
    arena text not null,
    mode text not null,
    period text not null,
    ends_ms integer not null,
    unique (arena, mode, period)
);

-- The best run of each player on each board: `runs` is too large to be searched for them.
create table best (
    board integer not null,
    player integer not null,
    score integer not null,
    duration_ms integer not null,
    ended_ms integer not null,
    primary key (board, player)
) without rowid;
create index best_by_score on best (board, score desc, ended_ms, player);

create table achievements (
    player integer not null,
    achievement text not null,
    unlocked_ms integer not null,
    primary key (player, achievement)
) without rowid;
