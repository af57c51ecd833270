//! Arena files, good and broken.

use super::{ground::GroundError, *};
use crate::{
    engine::arena_file::{self, ArenaError},
    game::replicated::ReplicatedSim,
};

fn parse(text: &str, path: &str) -> Result<Loaded<Arena>, ArenaError> {
    arena_file::parse::<ReplicatedSim>(text, path)
}

fn text(name: &str) -> String {
    let file = Embedded::get(&format!("{name}.ron")).expect("the arena is embedded");
    String::from_utf8_lossy(&file.data).into_owned()
}

/// The error of an arena file in which `from` became `to`.
fn broken(name: &str, from: &str, to: &str) -> String {
    let text = text(name);
    assert!(text.contains(from), "{name} has no {from}");
    parse(&text.replacen(from, to, 1), "my.ron").expect_err("the file has an error").to_string()
}

/// Ruins by themselves, in the arena of that name.
fn ruined(seed: u64, rooms: (u16, u16), keep: f32, shut: f32, door: f32) -> Result<Arena, String> {
    let mut arena = load("ruins").expect("the arena is embedded");
    arena.blocks.clear();
    arena.rocks.clear();
    let ruins = Ruins { seed, rooms, wall: 64.0, door, keep, shut, courts: 4, rubble: 24 };
    ruins.validate(&arena).map_err(|error| error.to_string())?;
    ruins.build(&mut arena);
    Ok(arena)
}

/// Embedded arenas are valid, ships find room in them, and every place can be reached: `load` checks it all.
#[test]
fn every_embedded_arena_loads() {
    let names = arena_file::built_in::<ReplicatedSim>();
    assert_eq!(names, ["drift", "duel", "expanse", "ruins", "showdown", "teams"]);
    for name in names {
        let arena = load(&name).unwrap_or_else(|error| panic!("{error}"));
        assert!(!arena.rocks.is_empty());
        assert_eq!(arena.name.to_lowercase(), name);
    }
}

#[test]
fn byte_order_mark_is_no_error() {
    let marked = format!("\u{feff}{}", text("duel"));
    assert_eq!(parse(&marked, "my.ron").expect("it loads").arena, load("duel").expect("it loads"));
}

#[test]
fn built_in_arenas_differ_as_described() {
    let share = |arena: &Arena| {
        let walls: f32 = arena.blocks.iter().map(|block| block.half.x * block.half.y * 4.0).sum();
        walls / (arena.size.x * arena.size.y)
    };
    let (drift, ruins) = (load("drift").unwrap(), load("ruins").unwrap());
    assert!(drift.blocks.is_empty());
    assert!(ruins.blocks.len() > 100 && (0.03..0.2).contains(&share(&ruins)), "{}", share(&ruins));
    let duel = read(&text("duel")).unwrap();
    assert_eq!(duel.bots, Some(4));
    assert!(duel.arena.size.max_element() < 2000.0);
    assert!(duel.arena.rules.respawn_seconds < drift.rules.respawn_seconds);
    assert!(duel.arena.rules.shot.reload < drift.rules.shot.reload);
    // The same from every side.
    for turn in [Vec2::new(-1.0, 1.0), Vec2::new(1.0, -1.0)] {
        let middle = duel.arena.size / 2.0;
        let mirrored = |place: Vec2| middle + (place - middle) * turn;
        for rock in &duel.arena.rocks {
            assert!(duel.arena.rocks.contains(&Rock { centre: mirrored(rock.centre), ..*rock }));
        }
        for block in &duel.arena.blocks {
            assert!(duel.arena.blocks.contains(&Block { centre: mirrored(block.centre), ..*block }));
        }
    }
}

#[test]
fn ruins_of_any_seed_are_playable() {
    for seed in 0..120 {
        let rooms = [(6, 6), (4, 7), (8, 3), (2, 2), (9, 9)][seed as usize % 5];
        let keep = [0.72, 1.0, 0.3, 0.0][seed as usize % 4];
        let shut = [0.3, 1.0, 0.0][seed as usize % 3];
        let arena = ruined(seed, rooms, keep, shut, 100.0 + (seed % 7) as f32 * 20.0).unwrap();
        arena.validate().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        ground::check(&Terrain::new(arena)).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}

#[test]
fn seed_decides_the_ruins() {
    let of = |seed| ruined(seed, (6, 6), 0.7, 0.3, 200.0).unwrap().blocks;
    assert_eq!(of(7), of(7));
    assert_ne!(of(7), of(8));
}

#[test]
fn closed_rooms_and_narrow_gaps_are_found() {
    let mut closed = load("drift").expect("the arena is embedded");
    closed.rocks.clear();
    let wall = |x: f32, y: f32, half_x: f32, half_y: f32| Block {
        centre: Vec2::splat(2000.0) + Vec2::new(x, y),
        half: Vec2::new(half_x, half_y),
    };
    closed.blocks = vec![wall(-230.0, 0.0, 30.0, 260.0), wall(230.0, 0.0, 30.0, 260.0)];
    closed.blocks.extend([wall(0.0, 230.0, 260.0, 30.0), wall(0.0, -230.0, 260.0, 30.0)]);
    let error = ground::check(&Terrain::new(closed.clone())).expect_err("no ship gets out");
    assert!(
        matches!(error, GroundError::ClosedOff { x, y, .. } if (x - 2000.0).abs() < 200.0 && (y - 2000.0).abs() < 200.0),
        "{error}"
    );

    // The same with a door, and with one that is too narrow for some.
    closed.blocks[3] = wall(-60.0, -230.0, 200.0, 30.0);
    closed.blocks[3].centre.x -= 40.0;
    ground::check(&Terrain::new(closed.clone())).expect("there is a way");
    closed.blocks[3].centre.x += 45.0;
    let error = ground::check(&Terrain::new(closed)).expect_err("some hulls do not get through").to_string();
    assert!(error.contains("blocks[3]") && error.contains("blocks[1]") && error.contains("80"), "{error}");
}

#[test]
fn name_of_an_arena_is_composed() {
    let loaded = parse(
        &text("drift").replacen("\"Drift\"", "\"Forêt\"".nfd().collect::<String>().as_str(), 1),
        "my.ron",
    );
    assert_eq!(loaded.unwrap().arena.name, "Forêt");
}

#[test]
fn errors_name_the_file_the_key_and_the_remedy() {
    let unknown =
        arena_file::load::<ReplicatedSim>("nowhere").expect_err("there is no such arena").to_string();
    assert!(
        unknown.contains("nowhere") && unknown.contains("drift") && unknown.contains("ruins"),
        "{unknown}"
    );

    let whole = broken("drift", "bounce:", "bouncy:");
    let line = text("drift").split("bounce:").next().unwrap_or_default().lines().count();
    assert!(
        whole.starts_with(&format!("arena 'my.ron', line {line}: unknown key 'bouncy'; expected one of ")),
        "{whole}"
    );
    let text = text("drift");
    let line_of =
        |key: &str| format!("line {}: ", text.split(key).next().unwrap_or_default().lines().count());
    let (drag, bounce) = (line_of("drag:"), line_of("bounce:"));
    for (name, from, to, parts) in [
        ("drift", "drag: 1.1", "drag: 99", &["rules.drag is 99", "0 to 8"][..]),
        ("drift", "bounce:", "bouncy:", &[&bounce, "unknown key 'bouncy'; expected one of", "bounce"]),
        ("drift", "        drag: 1.1,\n", "", &["no key 'drag'", "add it"]),
        ("drift", "drag: 1.1,", "drag: 1.1, drag: 2,", &["'drag' appears twice", "remove one"]),
        ("drift", "drag: 1.1", "drag: \"much\"", &[&drag, "expected a number", "drag: \"much\""]),
        ("drift", "drag: 1.1,", "drag: 1.1", &[&bounce, "comma"]),
        ("drift", "    ),\n)", "    ),\n", &["too early", "close every"]),
        ("drift", "\"Drift\"", "\"Dr\u{34f}ift\"", &["name is \"Dr\\u{34f}ift\"", "visible characters"]),
        ("drift", "\"Drift\"", "\"\u{3164}\"", &["name is \"\\u{3164}\"", "visible"]),
        ("drift", "\"Drift\"", "\"Drift \"", &["name is \"Drift \"", "single spaces"]),
        ("drift", "\"Drift\"", "\"D\u{335}\u{335}\u{335}\u{335}rift\"", &["few marks"]),
        ("drift", "\"Drift\"", "\"\"", &["name is 0 characters long", "1 to 32"]),
        ("drift", "rocks: 64", "rocks: 900", &["900", "scatter.apart"]),
        ("drift", "rocks: 64", "rocks: 9000", &["scatter.rocks is 9000", "0 to 1024"]),
        ("drift", "radius: (34, 150)", "radius: (34, 15)", &["scatter.radius.1 is 15"]),
        ("drift", "embers: 70,", "embers: 20,", &["rules.hulls[2].embers is 20", "rising"]),
        ("drift", "size: (4608, 4608)", "size: (512, 4608)", &["size.x is 512", "1024 to 16384"]),
        (
            "duel",
            "(1350, 1350), radius: 62",
            "(1350, 2350), radius: 62",
            &["rocks[4].centre.y is 2350", "0 to 1800"],
        ),
        (
            "duel",
            "(900, 470), half: (130, 28)",
            "(60, 470), half: (130, 28)",
            &["blocks[0].centre.x is 60", "130 to 1670"],
        ),
        ("duel", "half: (130, 28)", "half: (130, 8)", &["blocks[0].half.y is 8", "24 to 2048"]),
        (
            "duel",
            "(900, 470), half: (130, 28)",
            "(175, 470), half: (130, 28)",
            &["the arena's wall and blocks[0]", "45", "80"],
        ),
        ("duel", "drones: 4", "drones: 9000", &["drones is 9000", "0 to 8192"]),
        ("teams", "count: 2", "count: 5", &["line 8", "mode.count is 5", "2 to 4"]),
        ("teams", "count: 2", "count: 1", &["mode.count is 1", "2 to 4"]),
        ("teams", "count: 2", "teams: 2", &["line 8", "unknown key 'teams'", "count"]),
        (
            "teams",
            "Teams(count: 2)",
            "Teems(count: 2)",
            &["line 8: unknown word 'Teems'", "one of Free, Teams, Duel"],
        ),
        ("teams", "Teams(count: 2)", "Teams", &["line 8"]),
        ("showdown", "first_to: 5", "first_to: 0", &["line 8", "mode.first_to is 0", "1 to 20"]),
        ("showdown", "first_to: 5", "first_to: 21", &["mode.first_to is 21", "1 to 20"]),
        ("showdown", "Duel(first_to: 5),", "Duel(first_to: 5), drones: 4,", &["drones is 4", "0 in a duel"]),
        ("ruins", "door: 170", "door: 40", &["ruins.door is 40", "96", "72 wide"]),
        ("ruins", "rooms: (8, 8)", "rooms: (8, 60)", &["ruins.rooms.1 is 60", "2 to 16"]),
        ("ruins", "keep: 0.8", "kept: 0.8", &["unknown key 'kept'", "keep"]),
    ] {
        let said = broken(name, from, to);
        for part in parts.iter().chain(&["arena 'my.ron'"]) {
            assert!(said.contains(part), "{to:?}: no {part:?} in: {said}");
        }
    }
}
