-- Ids are 16 bytes. Times are in milliseconds since 1970, UTC. Players and boards have numbers of this database, which keep the tables below
-- small: in all a third of the bytes that ids and names would take. A number is never used again.

create table players (
    num bigint generated always as identity primary key,
    id bytea not null unique,
    name text not null,
    seen_ms bigint not null
);
create index players_by_time on players (seen_ms);

-- The id begins with the time of the end, so new rows come last and old ones are found by it.
create table runs (
    id bytea not null primary key,
    player bigint not null,
    arena text not null,
    mode text not null,
    score bigint not null,
    duration_ms bigint not null,
    ended_ms bigint not null,
    details text not null
);

-- Leaderboards. One is removed when its period is over.
create table boards (
    num bigint generated always as identity primary key,
    arena text not null,
    mode text not null,
    period text not null,
    ends_ms bigint not null,
    unique (arena, mode, period)
);

-- The best run of each player on each board: `runs` is too large to be searched for them.
create table best (
    board bigint not null,
    player bigint not null,
    score bigint not null,
    duration_ms bigint not null,
    ended_ms bigint not null,
    primary key (board, player)
);
create index best_by_score on best (board, score desc, ended_ms, player);

create table achievements (
    player bigint not null,
    achievement text not null,
    unlocked_ms bigint not null,
    primary key (player, achievement)
);
