//! Flags that are understood, and the errors of those that are not.

use super::*;
use crate::{engine::records::Place, game::replicated::ReplicatedSim};

fn parse(args: &[&str]) -> Result<Asked, ConfigError> {
    let args = std::iter::once("emberdrift").chain(args.iter().copied());
    Config::parse_from_args::<ReplicatedSim>(args.map(Into::into))
}

fn config(args: &[&str]) -> Config {
    match parse(args) {
        Ok(Asked::Run(config)) => config,
        other => panic!("{args:?} gave {other:?}"),
    }
}

#[test]
fn definition_is_consistent_and_defaults_are_valid() {
    command::<ReplicatedSim>().debug_assert();
    let config = config(&[]);
    assert_eq!(config.tick_rate, 30);
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
}

#[test]
fn recording_is_replayed_instead_of_running() {
    let replay = |args: &[&str]| match parse(args) {
        Ok(Asked::Do(task)) => Ok(task),
        Ok(other) => panic!("{args:?} gave {other:?}"),
        Err(error) => Err(error.to_string()),
    };
    let task = |verify| Ok(Task::Replay { file: "a.recording".into(), verify });
    assert_eq!(replay(&["replay", "a.recording"]), task(false));
    assert_eq!(replay(&["replay", "--verify", "a.recording"]), task(true));
    assert!(replay(&["replay"]).is_err_and(|error| error.contains("<FILE>")));
    assert!(replay(&["--seed", "1", "replay", "a.recording"]).is_err());
}

#[test]
fn records_have_one_place() {
    let records = |args: &[&str]| config(args).records();
    let in_directory = Place::Directory("a".into());
    assert!(matches!(records(&["--data", "a"]), Ok(Some(place)) if place == in_directory));
    let url = "postgres://host/name";
    let database = Place::Database(url.to_owned());
    assert!(
        matches!(records(&["--database", url, "--retention", "30"]), Ok(Some(place)) if place == database)
    );
    assert!(matches!(records(&[]), Ok(None)));
    assert!(matches!(records(&["--data", "a", "--database", url]), Err(ConfigError::TwoPlaces)));
    assert!(matches!(records(&["--retention", "30"]), Err(ConfigError::NothingToRetain)));
    let backup = Task::Backup { file: "b".into(), data: Some("a".into()), database: None };
    assert!(matches!(parse(&["backup", "b", "--data", "a"]), Ok(Asked::Do(task)) if task == backup));
}

/// Every flag that takes a value.
#[test]
fn invalid_value_names_flag_and_value_and_what_was_expected() {
    let whole = |range: &str| format!("expected a whole number from {range}");
    for (flag, value, expected) in [
        ("--listen", "localhost", "expected an IP address and a port, such as 127.0.0.1:8080".to_owned()),
        ("--tick-rate", "9", whole("10 to 128")),
        ("--tick-rate", "fast", whole("10 to 128")),
        ("--bots", "-1", whole("0 to 8192")),
        ("--max-players", "0", whole("1 to 8192")),
        ("--max-players", "", whole("1 to 8192")),
        ("--arena", "drift,duel:9000", "expected a number of bodies from 0 to 8192".to_owned()),
        ("--arena", "duel:", "as in drift:3".to_owned()),
        ("--arena", "drift,", "expected the name of a built-in arena".to_owned()),
        ("--network-threads", "257", whole("1 to 256")),
        ("--seed", "x", whole("0 to 18446744073709551615")),
        ("--resume-seconds", "1h", whole("0 to 3600")),
        ("--snapshot-seconds", "3601", whole("0 to 3600")),
        ("--retention", "0", whole("1 to 36500")),
        ("--fail-after", "0", whole("1 to 86400")),
        ("--slow-tick", "45", "expected milliseconds and seconds, such as 45ms/20s".to_owned()),
        ("--log", "info,=x=y", "use a level such as info".to_owned()),
    ] {
        let error = parse(&[&format!("{flag}={value}")]).expect_err(value).to_string();
        assert!(error.contains("invalid value") && error.contains(flag), "{error}");
        assert!(error.contains(value.rsplit(',').next().unwrap_or_default()), "{error}");
        assert!(error.contains(&expected) && !error.contains('\n'), "{error}");
    }
}

#[test]
fn unknown_flag_or_argument_is_refused_with_a_hint() {
    for (args, part) in [
        (&["--tickrate", "30"][..], "did you mean --tick-rate?"),
        (&["more"], "'more'"),
        (&["--echo=1"], "--echo"),
    ] {
        let error = parse(args).expect_err("should be refused").to_string();
        assert!(error.contains(part) && error.ends_with("see --help"), "{args:?} gave: {error}");
    }
}

#[test]
fn players_and_bots_of_an_arena_are_limited_together() {
    for (args, default, bots) in [
        (&["--max-players", "8192"][..], 0, Some(0)),
        (&["--max-players", "8192"], 24, None),
        (&["--max-players", "8192", "--drones", "0"], 24, Some(0)),
        (&["--max-players", "8192", "--drones", "1"], 0, None),
        (&["--max-players", "8000", "--arena", "duel:192"], 24, Some(192)),
        (&["--max-players", "8000", "--arena", "duel:193"], 0, None),
    ] {
        let config = config(args);
        let found = config.bots_of(&config.arena[0], default);
        assert_eq!(found.as_ref().ok(), bots.as_ref(), "{args:?}");
    }
}

#[test]
fn each_arena_has_its_own_bots_or_those_of_all() {
    let config = config(&["--arena", "drift,./my:map.ron,duel:3", "--drones", "9"]);
    let arenas = config.arena.iter();
    let arenas = arenas.map(|arena| (arena.name_or_path.as_str(), config.bots_of(arena, 0).expect("room")));
    assert_eq!(arenas.collect::<Vec<_>>(), [("drift", 9), ("./my:map.ron", 9), ("duel", 3)]);
}

#[test]
fn help_names_every_flag_with_its_variable_and_every_arena() {
    let Ok(Asked::Print(help)) = parse(&["--help"]) else {
        panic!("no help");
    };
    let command = command::<ReplicatedSim>();
    let flags = command.get_arguments().filter(|flag| flag.get_id() != "help" && flag.get_id() != "version");
    for flag in flags {
        let variable = format!("EMBERDRIFT_{}", flag.get_id().as_str().to_uppercase());
        assert!(help.contains(&format!("--{}", flag.get_long().expect("a long name"))), "{variable}");
        assert!(help.contains(&variable), "{variable}");
    }
    for name in arena_file::built_in::<ReplicatedSim>() {
        assert!(help.contains(&name), "{name}");
    }
}

#[test]
fn empty_part_of_a_log_filter_changes_nothing() {
    for filter in ["info,", ",info", "info,,"] {
        assert_eq!(config(&["--log", filter]).log, config(&[]).log, "{filter}");
    }
}

fn with_variable(name: &str, value: &str, args: &[&str]) -> Result<Config, String> {
    let args = std::iter::once("emberdrift").chain(args.iter().copied()).map(Into::into);
    match Config::parse::<ReplicatedSim>(args, |asked| (asked == name).then(|| value.into())) {
        Ok(Asked::Run(config)) => Ok(config),
        Ok(Asked::Print(text)) => Err(text),
        Ok(Asked::Do(task)) => Err(format!("{task:?}")),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn empty_variable_is_not_set_and_flags_take_precedence() {
    for name in
        ["EMBERDRIFT_SEED", "EMBERDRIFT_ECHO", "EMBERDRIFT_ARENA", "EMBERDRIFT_LISTEN", "EMBERDRIFT_LOG"]
    {
        for empty in ["", "  "] {
            let config = with_variable(name, empty, &[]).expect(name);
            assert_eq!((config.seed, config.echo, config.arena.len()), (None, false, 1));
        }
    }
    assert_eq!(with_variable("EMBERDRIFT_SEED", " 7 ", &[]).unwrap().seed, Some(7));
    assert_eq!(with_variable("EMBERDRIFT_SEED", "7", &["--seed", "8"]).unwrap().seed, Some(8));
    let arenas = with_variable("EMBERDRIFT_ARENA", "drift, duel:3", &[]).unwrap().arena;
    assert_eq!(arenas.iter().map(|arena| &*arena.name_or_path).collect::<Vec<_>>(), ["drift", "duel"]);
    let arenas = with_variable("EMBERDRIFT_ARENA", "drift, duel", &["--arena", "ruins"]).unwrap().arena;
    assert_eq!(arenas.len(), 1);
}

#[test]
fn switch_takes_the_usual_booleans() {
    for (value, is_on) in
        [("1", true), ("TRUE", true), ("yes", true), ("on", true), ("0", false), ("off", false)]
    {
        assert_eq!(with_variable("EMBERDRIFT_ECHO", value, &[]).unwrap().echo, is_on, "{value}");
    }
    assert!(with_variable("EMBERDRIFT_ECHO", "0", &["--echo"]).unwrap().echo);
    let error = with_variable("EMBERDRIFT_ECHO", "perhaps", &[]).unwrap_err();
    assert!(
        error.contains("EMBERDRIFT_ECHO") && error.contains("'perhaps'") && error.contains("yes"),
        "{error}"
    );
}

#[test]
fn key_that_is_refused_is_not_shown() {
    for key in ["correct-horse-battery", "two  spaces", "a\nline break"] {
        for error in [
            parse(&["--join-key", key]).expect_err("it is too short").to_string(),
            with_variable("EMBERDRIFT_JOIN_KEY", key, &[]).unwrap_err(),
        ] {
            let last = key.split_whitespace().last().unwrap();
            assert!(!error.contains(last) && error.contains("32 bytes"), "{error}");
        }
    }
    // What is replaced is the value, and not each place that looks like it.
    let of = |key| parse(&["--join-key", key]).expect_err("it is too short").to_string();
    assert_eq!(of("a"), of("correct-horse-battery"));
    assert_eq!(of("").matches("(hidden)").count(), 1);
}

#[test]
fn invalid_variable_is_named() {
    let error = with_variable("EMBERDRIFT_TICK_RATE", "fast", &[]).unwrap_err();
    assert!(error.starts_with("environment variable EMBERDRIFT_TICK_RATE: invalid value 'fast'"), "{error}");
    assert!(error.contains("10 to 128") && !error.contains('\n'), "{error}");
    // Even if a flag takes its place: the next start may be without the flag.
    assert!(with_variable("EMBERDRIFT_TICK_RATE", "fast", &["--tick-rate", "20"]).is_err());
}

#[test]
fn log_filter_that_matches_nothing_is_an_error() {
    for (filter, unknown) in [
        ("verbose", "verbose"),
        ("info,sever=debug", "sever"),
        ("info,Server=debug", "Server"),
        ("server::engine::nett=debug", "nett"),
        ("server::engine::net::listener::deeper=debug", "deeper"),
    ] {
        let error = parse(&["--log", filter]).expect_err(filter).to_string();
        assert!(error.contains(unknown) && error.contains("--log"), "{error}");
        let error = with_variable("EMBERDRIFT_LOG", filter, &[]).expect_err(filter).to_string();
        assert!(error.contains(unknown) && error.contains("EMBERDRIFT_LOG"), "{error}");
    }
    for filter in ["off", "DEBUG", "info,server::engine::net=debug", "warn,server=trace"] {
        assert!(parse(&["--log", filter]).is_ok(), "{filter}");
    }
}

#[test]
fn access_is_checked_and_may_come_from_variables() {
    let (name, urls) = ("EMBERDRIFT_PUBLIC_URL", "https://play.example/game/, http://10.0.0.1:8080");
    let access = with_variable(name, urls, &[]).unwrap().access();
    let own = ([127, 0, 0, 1], 8080).into();
    assert_eq!(config(&[]).access().entrances(own, true), ["https://127.0.0.1:8080"]);
    assert_eq!(access.entrances(own, false), ["https://play.example/game", "http://10.0.0.1:8080"]);
    assert_eq!(
        config(&["--trusted-proxy", "10.0.0.0/8,::1", "--trusted-proxy", "192.0.2.7"]).trusted_proxy.len(),
        3
    );
    for (flag, value, expected) in [
        ("--public-url", "play.example", "https://play.example"),
        ("--allow-origin", "https://portal.example/page", "nothing behind the host"),
        (
            "--embed-origin",
            "https://portal.example/page",
            "nothing behind the host, as in https://portal.example",
        ),
        ("--embed-origin", "portal.example", "https://play.example"),
        ("--embed-origin", "*", "https://play.example"),
        ("--trusted-proxy", "localhost", "10.0.0.0/8"),
    ] {
        let error = parse(&[flag, value]).expect_err(flag).to_string();
        assert!(error.contains(flag) && error.contains(expected), "{error}");
    }
}
