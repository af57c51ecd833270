//! Flags that are understood, and the errors of those that are not.

use super::*;

fn parse(args: &[&str]) -> Result<Asked, ConfigError> {
    let args = std::iter::once("emberdrift").chain(args.iter().copied());
    Config::parse_from_args(args.map(Into::into))
}

fn config(args: &[&str]) -> Config {
    match parse(args) {
        Ok(Asked::Run(config)) => config,
        other => panic!("{args:?} gave {other:?}"),
    }
}

#[test]
fn definition_is_consistent_and_defaults_are_valid() {
    command().debug_assert();
    let config = config(&[]);
    assert_eq!(config.tick_rate, 30);
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
}

/// Every flag that takes a value.
#[test]
fn invalid_value_names_flag_and_value_and_what_was_expected() {
    let whole = |range: &str| format!("expected a whole number from {range}");
    for (flag, value, expected) in [
        ("--listen", "localhost", "expected an IP address and a port, such as 127.0.0.1:8080".to_owned()),
        ("--tick-rate", "9", whole("10 to 128")),
        ("--tick-rate", "fast", whole("10 to 128")),
        ("--drones", "-1", whole("0 to 8192")),
        ("--max-players", "0", whole("1 to 8192")),
        ("--max-players", "", whole("1 to 8192")),
        ("--arena", "drift,duel:9000", "expected a number of ships from 0 to 8192".to_owned()),
        ("--arena", "duel:", "as in duel:3".to_owned()),
        ("--arena", "drift,", "expected the name of a built-in arena".to_owned()),
        ("--network-threads", "257", whole("1 to 256")),
        ("--seed", "x", whole("0 to 18446744073709551615")),
        ("--resume-seconds", "1h", whole("0 to 3600")),
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
fn players_and_drones_of_an_arena_are_limited_together() {
    for (args, default, drones) in [
        (&["--max-players", "8192"][..], 0, Some(0)),
        (&["--max-players", "8192"], 24, None),
        (&["--max-players", "8192", "--drones", "0"], 24, Some(0)),
        (&["--max-players", "8192", "--drones", "1"], 0, None),
        (&["--max-players", "8000", "--arena", "duel:192"], 24, Some(192)),
        (&["--max-players", "8000", "--arena", "duel:193"], 0, None),
    ] {
        let config = config(args);
        let found = config.drones_of(&config.arena[0], default);
        assert_eq!(found.as_ref().ok(), drones.as_ref(), "{args:?}");
    }
}

#[test]
fn each_arena_has_its_own_drones_or_those_of_all() {
    let config = config(&["--arena", "drift,./my:map.ron,duel:3", "--drones", "9"]);
    let arenas = config.arena.iter();
    let arenas = arenas.map(|arena| (arena.name_or_path.as_str(), config.drones_of(arena, 0).expect("room")));
    assert_eq!(arenas.collect::<Vec<_>>(), [("drift", 9), ("./my:map.ron", 9), ("duel", 3)]);
}

#[test]
fn help_names_every_flag_with_its_variable_and_every_arena() {
    let Ok(Asked::Print(help)) = parse(&["--help"]) else {
        panic!("no help");
    };
    let command = command();
    let flags = command.get_arguments().filter(|flag| flag.get_id() != "help" && flag.get_id() != "version");
    for flag in flags {
        let variable = format!("EMBERDRIFT_{}", flag.get_id().as_str().to_uppercase());
        assert!(help.contains(&format!("--{}", flag.get_long().expect("a long name"))), "{variable}");
        assert!(help.contains(&variable), "{variable}");
    }
    for name in arena_file::built_in() {
        assert!(help.contains(&name), "{name}");
    }
}

#[test]
fn empty_part_of_a_log_filter_changes_nothing() {
    for filter in ["info,", ",info", "info,,"] {
        assert_eq!(config(&["--log", filter]).log_filter().ok(), config(&[]).log_filter().ok(), "{filter}");
    }
}
