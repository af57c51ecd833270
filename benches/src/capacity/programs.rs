//! The programs that are measured, their command lines, and the arenas made for them: the default arena, cut to the size
//! that brings as many players into view as the load needs.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use server::{engine::game_server::ArenaFault, game::arena_file};
use shared::{
    Vec2,
    engine::limits::{ARENA_SIDE_MAX, PLAYERS_MAX},
    game::arena::{ARENA_SIDE_MIN, Arena},
};

use super::{EMBERDRIFT, Load};
use crate::{baseline::TICK_RATE, process::command};

/// Ships flown by the server besides the players.
const DRONES: u32 = 50;
/// A baseline server that was left alone ends by itself.
const ALONE_SECONDS: &str = "300";
/// Emberdrift's arena for players all over it.
const WIDE: &str = "expanse";
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

#[derive(Clone, Debug)]
pub struct Programs {
    /// Of the built programs.
    pub folder: PathBuf,
    /// Of the peer's scripts.
    pub peer: PathBuf,
    /// Where arenas are written.
    pub arenas: PathBuf,
    /// The game whose server is measured.
    pub game: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ArenaFileError {
    #[error(transparent)]
    Template(#[from] ArenaFault),
    #[error("an arena cannot be written: {0}")]
    Text(#[from] ron::Error),
    #[error("cannot write {path}: {error}")]
    File { path: PathBuf, error: io::Error },
}

impl Programs {
    /// The programs that are not there.
    pub fn missing(&self) -> Vec<PathBuf> {
        let server = self.server_name();
        let all = [server.as_str(), "emberdrift-bots", "emberdrift-baseline"];
        all.map(|name| self.folder.join(name)).into_iter().filter(|file| !file.is_file()).collect()
    }

    /// The commands of a server for `players` players and of its load. Frames of the baseline have `frame_bytes`.
    pub fn pair(
        &self,
        load: Load,
        players: u32,
        frame_bytes: u32,
    ) -> Result<(Command, Command), ArenaFileError> {
        // `--bots` is the number of bodies that bots fill the arena up to, players included.
        let drones = (players + DRONES).min((PLAYERS_MAX as u32).saturating_sub(players));
        let ours = |arena: &Path, drones, flags: &[&str]| {
            (self.server(Some(arena.as_ref()), players, drones), self.bots(flags))
        };
        let wide = |scenario| {
            let arena = self.is_emberdrift().then_some(OsStr::new(WIDE));
            (self.server(arena, players, drones), self.bots(&["--scenario", scenario]))
        };
        Ok(match load {
            Load::Spread | Load::AllRead => wide("spread"),
            Load::Tls => {
                let (mut server, bots) = wide("spread");
                server.arg("--tls-self-signed");
                (server, bots)
            }
            Load::Stalled => wide("stalled"),
            Load::Crowd => ours(&self.write(&crowd()?, "crowd.ron")?, drones, &["--scenario", "crowd"]),
            Load::LikePeer => {
                let arena = self.write(&like_peer(players)?, &format!("like-peer-{players}.ron"))?;
                // The peer's players read each message when it arrives, so these do too.
                ours(&arena, 0, &["--peaceful", "--eager"])
            }
            Load::Baseline => {
                let bytes = frame_bytes.to_string();
                let flags = ["--listen", "127.0.0.1:0", "--seconds", ALONE_SECONDS, "--frame-bytes", &bytes];
                let server = self.program("emberdrift-baseline", &flags);
                (server, self.program("emberdrift-bots", &["--baseline", &bytes]))
            }
            Load::PeerRooms | Load::PeerWorld => {
                let node = |script: &str| {
                    let mut command = command("node");
                    command.arg(self.peer.join(script));
                    command
                };
                let mut server = node("server.mjs");
                server.args(["--mode", load.label(), "--port", "0", "--tick-rate", &TICK_RATE.to_string()]);
                (server, node("load.mjs"))
            }
        })
    }

    /// The server in this arena, or in the first of its game.
    fn server(&self, arena: Option<&OsStr>, players: u32, bots: u32) -> Command {
        let [players, bots, tick_rate] =
            [players, bots, TICK_RATE.into()].map(|number: u32| number.to_string());
        let mut command = self.program(&self.server_name(), &["--listen", "127.0.0.1:0", "--log", "info"]);
        if let Some(arena) = arena {
            command.arg("--arena").arg(arena);
        }
        command.args(["--seed", "1", "--tick-rate", &tick_rate, "--bots", &bots, "--max-players", &players]);
        command
    }

    fn bots(&self, flags: &[&str]) -> Command {
        let mut command = self.program("emberdrift-bots", flags);
        command.args(["--game", &self.game]);
        command
    }

    fn is_emberdrift(&self) -> bool {
        self.game == EMBERDRIFT
    }

    fn server_name(&self) -> String {
        if self.is_emberdrift() { EMBERDRIFT.to_owned() } else { format!("{}-server", self.game) }
    }

    fn program(&self, name: &str, flags: &[&str]) -> Command {
        let mut command = command(self.folder.join(name));
        command.args(flags);
        command
    }

    /// Writes a file that the server can load.
    fn write(&self, arena: &Arena, name: &str) -> Result<PathBuf, ArenaFileError> {
        let text = ron::ser::to_string_pretty(arena, ron::ser::PrettyConfig::default())?;
        let path = self.arenas.join(name);
        match fs::write(&path, text + "\n") {
            Ok(()) => Ok(path),
            Err(error) => Err(ArenaFileError::File { path, error }),
        }
    }
}

/// A small arena without rocks, with the template's density of embers, in which all see all.
fn crowd() -> Result<Arena, ArenaFault> {
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
fn like_peer(players: u32) -> Result<Arena, ArenaFault> {
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

#[cfg(test)]
mod tests {
    use server::game::replicated::ReplicatedSim;

    use super::*;

    fn programs() -> Programs {
        Programs {
            folder: "/nowhere".into(),
            peer: "peer".into(),
            arenas: std::env::temp_dir(),
            game: EMBERDRIFT.to_owned(),
        }
    }

    #[test]
    fn another_game_has_its_own_server_and_first_arena() {
        let tag = Programs { game: "tag".to_owned(), ..programs() };
        assert!(tag.missing().contains(&"/nowhere/tag-server".into()));
        let (server, bots) = tag.pair(Load::Stalled, 300, 0).unwrap();
        let words =
            |command: &Command| command.get_args().map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ");
        assert!(!words(&server).contains("--arena") && words(&server).contains("--bots 350"));
        assert_eq!(words(&bots), "--scenario stalled --game tag");
    }

    #[test]
    fn drones_leave_room_for_players() {
        assert_eq!(programs().missing().len(), 3);
        let server = |players| {
            let (server, _) = programs().pair(Load::Spread, players, 0).unwrap();
            server.get_args().map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
        };
        assert!(server(1000).contains("--bots 1050 --max-players 1000"));
        assert!(server(8000).contains("--bots 192 --max-players 8000"));
    }

    #[test]
    fn written_arena_is_loaded_as_the_same() {
        for arena in [crowd().unwrap(), like_peer(500).unwrap()] {
            let path = programs().write(&arena, &format!("emberdrift-{}.ron", std::process::id())).unwrap();
            let loaded = server::engine::arena_file::load::<ReplicatedSim>(&path.to_string_lossy());
            assert_eq!(loaded.unwrap(), arena);
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn arenas_have_the_size_that_their_load_needs() {
        let (crowd, whole) = (crowd().unwrap(), arena_file::load(TEMPLATE).unwrap());
        let density = |arena: &Arena| arena.rules.embers.supply as f32 / arena.size.element_product();
        assert!((density(&crowd) / density(&whole) - 1.0).abs() < 0.02);
        assert!(crowd.rocks.is_empty() && crowd.rules.embers.emit_per_second > 0.0);
        let side = |players| like_peer(players).unwrap().size.x;
        assert!((side(500) - 6782.0).abs() < 2.0, "{}", side(500));
        assert_eq!((side(1), side(1_000_000)), (ARENA_SIDE_MIN, ARENA_SIDE_MAX));
    }
}
