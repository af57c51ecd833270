//! The numbers in `shared/PROTOCOL.md` are those of the code: limits, close codes, and the ranges of the rules.

use serde_json::{Value, json};
use server::{
    engine::{
        chat,
        delivery_rates::{ACKS, IN_TIME, INPUTS, REQUESTS, REQUESTS_AT_FIRST},
        input_queue::WAITING_MAX,
        net::Limits,
        token_bucket::Rate,
    },
    game::arena_file,
};
use shared::{
    engine::{
        feed::FEED_EVENTS_MAX,
        limits::{
            ARENA_SIDE_MAX, CELL_SIZE, CELLS_MAX, CHAT_CHARS_MAX, CHAT_HISTORY_MAX, CLIENT_JSON_BYTES_MAX,
            CLIENT_MESSAGE_BYTES_MAX, COLOURS, FRAMES_UNACKED_MAX, ITEMS_PER_CELL_MAX, LEADERBOARD_ROWS_MAX,
            NAME_BYTES_MAX, NAME_CHARS_MAX, PLAYERS_MAX, POSITION_STEPS_PER_UNIT, REWIND_PARTS,
            SERVER_JSON_BYTES_MAX, SERVER_MESSAGE_BYTES_MAX, TICK_RATE_MAX, TICK_RATE_MIN,
        },
        protocol::{CLOSE_TEXT_BYTES_MAX, CloseReason},
    },
    game::{
        arena::{ARENA_SIDE_MIN, BLOCK_HALF_MAX, BLOCK_HALF_MIN, BLOCKS_MAX, ROCKS_MAX},
        ember::{EMBER_WORTH_MAX, Ember, Pickup},
        rules::Rules,
        timing::{CARRY_SECONDS, REWIND_SECONDS},
    },
};

const DOCUMENT: &str = include_str!("../../../shared/PROTOCOL.md");

#[test]
fn document_has_the_limits_of_the_code() {
    let limits = Limits::for_players(1);
    let (messages, bytes) = (limits.message_rate, limits.byte_rate);
    let speaker = 1.0 / chat::SPEAKER.per_second;
    let rate = |rate: Rate| format!("{} per second, {} at once", rate.per_second, rate.burst);
    let kib = |bytes: f64| bytes / 1024.0;
    let mib = |bytes: usize| bytes >> 20;
    let expected = [
        format!("| Message from a client, bincode | {CLIENT_MESSAGE_BYTES_MAX} bytes |"),
        format!("| Message from a client, JSON | {CLIENT_JSON_BYTES_MAX} bytes |"),
        format!("| Message from the server, bincode | {} MiB |", mib(SERVER_MESSAGE_BYTES_MAX)),
        format!("| Message from the server, JSON | {} MiB |", mib(SERVER_JSON_BYTES_MAX)),
        format!(
            "| Messages from a client, pings and pongs included | {} per second, {} at once |",
            messages.per_second, messages.burst
        ),
        format!(
            "| Of these, for the game: `Input` | {}, those that come too late for their tick {} | dropped |",
            rate(INPUTS),
            u64::from(INPUTS.burst) - IN_TIME
        ),
        format!("| Of these, for the game: `Ack` | {} | dropped |", rate(ACKS)),
        format!(
            "| Of these, for the game: `Chat` and `ResyncCell` together | {}, at first {REQUESTS_AT_FIRST} | dropped |",
            rate(REQUESTS)
        ),
        format!(
            "| Bytes from a client | {} KiB per second, {} KiB at once |",
            kib(bytes.per_second),
            kib(bytes.burst.into())
        ),
        format!("| Joins of one network in an arena | {} per second,", limits.join_rate().per_second),
        format!(
            "| HTTP requests of one network, handshakes included | {} per second, {} at once for each",
            limits.requests_per_second,
            limits.request_rate().burst as usize / limits.sockets_per_network
        ),
        format!("| From the handshake to `Hello` | {} s |", limits.hello_timeout.as_secs()),
        format!(
            "| Nothing received from the client | ping after {} s, closed after {} s |",
            limits.ping_after.as_secs(),
            limits.idle_timeout.as_secs()
        ),
        format!(
            "| Client reads no bytes, or acknowledges no frames | {} s |",
            limits.stall_timeout.as_secs()
        ),
        format!("| Unacknowledged ticks | 2 s, at most {FRAMES_UNACKED_MAX} |"),
        format!("| Tick of an input | {WAITING_MAX} ahead of the server's last |"),
        format!("| one of the next {WAITING_MAX} ticks |"),
        format!("above {WAITING_MAX} inputs are dropped"),
        format!("| Rewind | {CARRY_SECONDS} s, past ships {REWIND_SECONDS} s |"),
        format!("in 1/{REWIND_PARTS} tick: [7.5](#75-rewind)"),
        format!("| Name | {NAME_CHARS_MAX} characters, {NAME_BYTES_MAX} bytes |"),
        format!("| Line of chat | {CHAT_CHARS_MAX} characters |"),
        format!("| Lines of chat | {} at once, one every {speaker} s |", chat::SPEAKER.burst),
        format!("more than {} lines at once or one every {speaker} seconds", chat::SPEAKER.burst),
        format!(
            "more than {} lines and whispers at once or {} per second",
            chat::EVERYONE.burst,
            chat::EVERYONE.per_second
        ),
        format!("| Players, drones included | {PLAYERS_MAX} |"),
        format!("| Cells | {CELLS_MAX} |"),
        format!("| Embers in a cell | {ITEMS_PER_CELL_MAX} |"),
        format!("the last lines, oldest first, at most {CHAT_HISTORY_MAX}"),
        format!("| `top` | at most {LEADERBOARD_ROWS_MAX},"),
        format!("at most {FEED_EVENTS_MAX} entries each"),
        format!("a text of at most {CLOSE_TEXT_BYTES_MAX} bytes"),
        format!("ticks per second, {TICK_RATE_MIN} to {TICK_RATE_MAX}"),
        format!("width and height, {ARENA_SIDE_MIN} to {ARENA_SIDE_MAX} each"),
        format!("| `arena.rocks` | `list<Rock>` | at most {ROCKS_MAX};"),
        format!("pieces of wall, at most {BLOCKS_MAX};"),
        format!("(half of its width and height, {BLOCK_HALF_MIN} to {BLOCK_HALF_MAX} each)"),
        format!("square cells of {CELL_SIZE} units"),
        format!("steps of 1/{POSITION_STEPS_PER_UNIT} unit"),
        format!("requested colour of your ships, 0 to {};", COLOURS - 1),
        format!(
            "embers it is worth, 1 to {EMBER_WORTH_MAX}; {}, {} and {} are pickups",
            Ember::of(Pickup::Shield).0,
            Ember::of(Pickup::Rapid).0,
            Ember::of(Pickup::Magnet).0
        ),
    ];
    let missing: Vec<_> = expected.iter().filter(|text| !DOCUMENT.contains(*text)).collect();
    assert!(missing.is_empty(), "PROTOCOL.md has other numbers than the code; expected: {missing:#?}");
}

#[test]
fn document_lists_every_close_code() {
    for reason in CloseReason::ALL {
        let row = format!("| {} | {reason:?} |", reason.code());
        assert!(DOCUMENT.contains(&row), "PROTOCOL.md lacks the close code {row}");
    }
    let (_, section) = DOCUMENT.split_once("\n## 11 Close codes\n").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("the next one");
    let rows: Vec<u16> =
        section.lines().filter_map(|line| line.split('|').nth(1)?.trim().parse().ok()).collect();
    assert!(rows.is_sorted(), "{rows:?}");
    for code in &rows {
        assert!(CloseReason::from_code(*code).is_some(), "the server never closes with {code}");
    }
    assert_eq!(rows.len(), CloseReason::ALL.len(), "{rows:?}");
    // What the other tables say of them.
    let named = DOCUMENT.split("close ").skip(1).filter_map(|rest| rest.get(..4)?.parse().ok());
    for code in named {
        assert!(rows.contains(&code), "the table of close codes lacks {code}");
    }
}

/// Rows such as ``| `shot.speed` | `f32` | 10 to 1200 | units/s |``: key, low, high.
fn ranges(section: &str) -> Vec<(String, f64, f64)> {
    let rows = section.lines().filter_map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let (low, high) = cells.get(3)?.split_once(" to ")?;
        Some((cells.get(1)?.trim_matches('`').to_owned(), low.parse().ok()?, high.parse().ok()?))
    });
    rows.collect()
}

/// Whether the rules are valid with `value` at the path `key`.
fn accepts(rules: &Value, key: &[&str], value: f64) -> bool {
    let mut rules = rules.clone();
    let mut at = &mut rules;
    for part in key {
        at = match part.parse::<usize>() {
            Ok(index) => &mut at[index],
            Err(_) => &mut at[*part],
        };
    }
    let is_integer = at.is_u64();
    *at = if is_integer { json!(value as i64) } else { json!(value) };
    serde_json::from_value::<Rules>(rules).is_ok_and(|rules| rules.validate().is_ok())
}

#[test]
fn document_has_the_ranges_of_the_rules() {
    let arena = arena_file::load("drift").expect("a built-in arena");
    let rules = serde_json::to_value(&arena.rules).expect("rules are JSON");
    let section = |from: &str, to: &str| {
        let start = DOCUMENT.find(from).expect("the table is there") + from.len();
        &DOCUMENT[start..start + DOCUMENT[start..].find(to).expect("the next heading is there")]
    };
    let mut keys: Vec<_> = ranges(section("\n`Rules`\n", "\n`Hull`\n"));
    // The last hull: its smallest number of embers is bound by no other hull above it.
    let hull = ranges(section("\n`Hull`\n", "\n### 4.3"));
    keys.extend(
        hull.into_iter()
            .filter(|(key, ..)| key != "embers")
            .map(|(key, low, high)| (format!("hulls.3.{key}"), low, high)),
    );
    assert!(keys.len() > 35, "found only {} ranges", keys.len());
    for (key, low, high) in keys {
        let path: Vec<_> = match key.as_str() {
            "view" => vec!["view", "0"],
            key => key.split('.').collect(),
        };
        let is_integer = path
            .iter()
            .fold(&rules, |at, part| part.parse::<usize>().map_or(&at[*part], |index| &at[index]))
            .is_u64();
        let step = if is_integer { 1.0 } else { (high - low) / 1000.0 };
        assert!(
            accepts(&rules, &path, low),
            "{key}: {low} is in the document's range, but the code rejects it"
        );
        assert!(
            accepts(&rules, &path, high),
            "{key}: {high} is in the document's range, but the code rejects it"
        );
        assert!(!accepts(&rules, &path, low - step), "{key}: the code accepts less than {low}");
        assert!(!accepts(&rules, &path, high + step), "{key}: the code accepts more than {high}");
    }
}

/// The bytes in front of the explanations of an example.
fn bytes_of(example: &str) -> String {
    let is_byte = |word: &&str| word.len() == 2 && word.chars().all(|digit| digit.is_ascii_hexdigit());
    let bytes = |line: &str| {
        line.split("  ").next().unwrap_or_default().split(' ').take_while(is_byte).collect::<String>()
    };
    example.lines().map(bytes).collect()
}

#[test]
fn examples_are_the_test_vectors() {
    let (_, section) = DOCUMENT.split_once("\n## 14 Test vectors\n").expect("the section");
    let mut compared = 0;
    for file in [
        include_str!("../../../shared/vectors/client.json"),
        include_str!("../../../shared/vectors/server.json"),
    ] {
        let vectors: Value = serde_json::from_str(file).expect("vectors are JSON");
        for vector in vectors.as_array().expect("a list") {
            let name = vector["name"].as_str().expect("a name");
            let example = [", whole:", ":"]
                .iter()
                .find_map(|end| section.split_once(&format!("\n`{name}`{end}\n\n```text\n")));
            let Some((example, _)) = example.and_then(|(_, rest)| rest.split_once("```")) else { continue };
            // Two inputs have one name: the first is shown.
            if bytes_of(example) == vector["bincode"] {
                compared += 1;
            } else if !name.starts_with("input") {
                panic!(
                    "the example of `{name}` is {}, the vector is {}",
                    bytes_of(example),
                    vector["bincode"]
                );
            }
        }
    }
    assert_eq!(compared, 7);
}
