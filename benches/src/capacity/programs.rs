//! The programs that are measured, their command lines, and the arenas made for them: the default arena, cut to the size
//! that brings as many players into view as the load needs.

use std::{
    ffi::OsStr,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use server::game::arena_file::{self, ArenaError};
use shared::{
    Vec2,
    engine::limits::PILOTS_MAX,
    game::{
        arena::Arena,
        limits::{ARENA_SIDE_MAX, ARENA_SIDE_MIN},
    },
};

use super::LoadRequest;
use crate::baseline::TICK_RATE;

/// Ships flown by the server besides the players.
const DRONES: u32 = 50;
/// A baseline server that was left alone ends by itself.
const ALONE_SECONDS: &str = "300";
/// The arena that is cut.
const TEMPLATE: &str = "drift";
/// In the crowd's arena all players are in view of one another.
const CROWD_SIDES: Vec2 = Vec2::new(1536.0, 1024.0);
/// What a player is sent, on average over the player's positions: the view and a margin around it, in square units.
const SEEN_AREA: f64 = 4.6e6;
/// Other players in view of one of the peer's.
const PEER_PLAYERS_IN_VIEW: f64 = 50.0;
/// Embers where players only fly.
const FEW_EMBERS: u32 = 50;

/// The folder of the built programs.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The programs that are not there.
    pub fn missing(&self) -> Vec<PathBuf> {
        let all = ["emberdrift", "emberdrift-bots", "emberdrift-baseline"];
        all.map(|name| self.folder.join(name)).into_iter().filter(|file| !file.is_file()).collect()
    }

    /// The game's server, for so many players.
    pub fn server(&self, arena: impl AsRef<OsStr>, players: u32, with_drones: bool) -> Command {
        // Drones give way to players, so their number is the total of ships that they fill up to.
        let most = (PILOTS_MAX as u32).saturating_sub(players);
        let drones = if with_drones { (players + DRONES).min(most) } else { 0 };
        let mut command = self.program("emberdrift");
        command.arg("--arena").arg(arena);
        command.args(["--listen", "127.0.0.1:0", "--log", "info"]);
        command.args(["--seed", "1", "--tick-rate", &TICK_RATE.to_string()]);
        command.args(["--drones", &drones.to_string(), "--max-players", &players.to_string()]);
        command
    }

    pub fn bots(&self, server: SocketAddr, request: &LoadRequest, scenario: &str, more: &[&str]) -> Command {
        let mut command = self.program("emberdrift-bots");
        command.args(["--url", &format!("ws://{server}"), "--scenario", scenario]);
        add_request(&mut command, request, "/s");
        command.args(more);
        command
    }

    pub fn baseline(&self, frame_bytes: u32) -> Command {
        let mut command = self.program("emberdrift-baseline");
        command.args(["--listen", "127.0.0.1:0", "--seconds", ALONE_SECONDS]);
        command.args(["--frame-bytes", &frame_bytes.to_string()]);
        command
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.folder.join(name));
        // A user's own settings for the server must not change what is measured.
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("EMBERDRIFT_") {
                command.env_remove(variable);
            }
        }
        command
    }
}

/// The peer's server, whose scripts are in this folder.
pub(super) fn peer_server(folder: &Path, mode: &str) -> Command {
    let mut command = node(folder, "server.mjs", mode);
    command.args(["--port", "0", "--tick-rate", &TICK_RATE.to_string()]);
    command
}

pub(super) fn peer_load(folder: &Path, server: SocketAddr, mode: &str, request: &LoadRequest) -> Command {
    let mut command = node(folder, "load.mjs", mode);
    command.args(["--url", &format!("http://{server}")]);
    add_request(&mut command, request, "");
    command
}

fn node(folder: &Path, script: &str, mode: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(folder.join(script)).args(["--mode", mode]);
    command
}

/// The flags that all loads have in common.
fn add_request(command: &mut Command, request: &LoadRequest, ramp_unit: &str) {
    command.args(["--players", &request.players.to_string(), "--seconds", &request.seconds.to_string()]);
    command.args(["--ramp", &format!("{}{ramp_unit}", request.ramp)]).arg("--json").arg(&request.json);
}

#[derive(Debug, thiserror::Error)]
pub(super) enum ArenaFileError {
    #[error(transparent)]
    Template(#[from] ArenaError),
    #[error("an arena cannot be written: {0}")]
    Text(#[from] ron::Error),
    #[error("cannot write {path}: {error}")]
    File { path: PathBuf, error: io::Error },
}

/// A small arena without rocks, with the template's density of embers, in which all see all.
pub(super) fn crowd() -> Result<Arena, ArenaError> {
    let mut arena = arena_file::load(TEMPLATE)?;
    let share = CROWD_SIDES.element_product() / arena.size.element_product();
    arena.name = "Crowd".to_owned();
    arena.size = CROWD_SIDES;
    arena.rocks.clear();
    let embers = &mut arena.rules.embers;
    embers.supply = (embers.supply as f32 * share).round() as u32;
    embers.emit_per_second *= share;
    arena.rules.pickups.max = (arena.rules.pickups.max as f32 * share).round() as u32;
    Ok(arena)
}

/// A square arena without rocks and with few embers, in which each of `players` has as many others in view as one of
/// the peer's.
pub(super) fn like_peer(players: u32) -> Result<Arena, ArenaError> {
    let mut arena = arena_file::load(TEMPLATE)?;
    let side = (f64::from(players) * SEEN_AREA / PEER_PLAYERS_IN_VIEW).sqrt().round() as f32;
    arena.name = "Like the peer".to_owned();
    arena.size = Vec2::splat(side.clamp(ARENA_SIDE_MIN, ARENA_SIDE_MAX));
    arena.rocks.clear();
    arena.rules.embers.supply = FEW_EMBERS;
    arena.rules.embers.emit_per_second = 1.0;
    arena.rules.pickups.max = 0;
    Ok(arena)
}

/// Writes a file that the server can load.
pub(super) fn write_arena(made: Result<Arena, ArenaError>, path: &Path) -> Result<(), ArenaFileError> {
    let text = ron::ser::to_string_pretty(&made?, ron::ser::PrettyConfig::default())?;
    fs::write(path, text + "\n").map_err(|error| ArenaFileError::File { path: path.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(command: &Command) -> String {
        command.get_args().map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn drones_leave_room_for_players() {
        let programs = Programs::in_folder(Path::new("/nowhere"));
        assert_eq!(programs.missing().len(), 3);
        let server = |players, with_drones| shown(&programs.server("expanse", players, with_drones));
        assert!(server(1000, true).contains("--drones 1050 --max-players 1000"));
        assert!(server(8000, true).contains("--drones 192 --max-players 8000"));
        assert!(server(500, false).contains("--drones 0 --max-players 500"));
    }

    #[test]
    fn all_loads_get_the_same_request() {
        let json = PathBuf::from("x.json");
        let request = LoadRequest { players: 9, seconds: 2.5, ramp: 100, json };
        let programs = Programs::in_folder(Path::new("/nowhere"));
        let to = SocketAddr::from(([127, 0, 0, 1], 9));
        for (command, ramp) in [
            (programs.bots(to, &request, "spread", &["--peaceful"]), "100/s"),
            (peer_load(Path::new("peer"), to, "rooms", &request), "100"),
        ] {
            let args = shown(&command);
            let asked = format!("--players 9 --seconds 2.5 --ramp {ramp} --json x.json");
            assert!(args.contains(&asked) && args.contains("127.0.0.1:9"), "{args}");
        }
    }

    #[test]
    fn written_arena_is_loaded_as_the_same() {
        let path = std::env::temp_dir().join(format!("emberdrift-arena-{}.ron", std::process::id()));
        for arena in [crowd().unwrap(), like_peer(500).unwrap()] {
            write_arena(Ok(arena.clone()), &path).unwrap();
            assert_eq!(arena_file::load(&path.to_string_lossy()).unwrap(), arena);
        }
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn crowd_arena_has_the_density_of_its_template() {
        let (crowd, whole) = (crowd().unwrap(), arena_file::load(TEMPLATE).unwrap());
        let density = |arena: &Arena| arena.rules.embers.supply as f32 / arena.size.element_product();
        assert!((density(&crowd) / density(&whole) - 1.0).abs() < 0.02);
        assert!(crowd.rocks.is_empty() && crowd.rules.embers.emit_per_second > 0.0);
    }

    #[test]
    fn arena_grows_with_the_players() {
        let side = like_peer(500).unwrap().size.x;
        assert!((side - 6782.0).abs() < 2.0, "{side}");
        assert_eq!(like_peer(1).unwrap().size.x, ARENA_SIDE_MIN);
        assert_eq!(like_peer(1_000_000).unwrap().size.x, ARENA_SIDE_MAX);
    }
}
