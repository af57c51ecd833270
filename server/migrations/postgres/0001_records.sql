-- Ids are 16 bytes. Times are in milliseconds since 1970, UTC.

create table players (
    id bytea not null primary key,
    name text not null,
    seen_ms bigint not null
);
create index players_by_time on players (seen_ms);

-- The id begins with the time of the end, so new rows come last and old ones are found by it.
create table runs (
    id bytea not null primary key,
    player bytea not null,
    name text not null,
    arena text not null,
    mode text not null,
    score bigint not null,
    duration_ms bigint not null,
    ended_ms bigint not null,
    details text not null
);
create index runs_by_player on runs (player);

-- The leaderboards that have a row in `best`. A board is removed when its period is over.
create table boards (
    arena text not null,
    mode text not null,
    period text not null,
    ends_ms bigint not null,
    primary key (arena, mode, period)
);

-- The best run of each player on each board: `runs` is too large to be searched for them.
create table best (
    arena text not null,
    mode text not null,
    period text not null,
    player bytea not null,
    name text not null,
    score bigint not null,
    duration_ms bigint not null,
    ended_ms bigint not null,
    primary key (arena, mode, period, player)
);
create index best_by_score on best (arena, mode, period, score desc, ended_ms, player);
create index best_by_player on best (player);

create table achievements (
    player bytea not null,
    achievement text not null,
    unlocked_ms bigint not null,
    primary key (player, achievement)
);
