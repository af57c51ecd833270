//! The programs that are measured, and how each is called. It must not know with how many players, or what for.

use std::{
    ffi::OsStr,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use shared::engine::limits::PILOTS_MAX;

use super::pair::Wish;

/// Ships flown by the server besides the players.
const DRONES: u32 = 50;
/// Time after which a floor's server that was left alone ends by itself.
const ALONE_SECONDS: &str = "300";

/// Where they are.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Those in this folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Which of them are not there.
    pub fn missing(&self) -> Vec<PathBuf> {
        let all = ["emberdrift", "emberdrift-bots", "emberdrift-floor"];
        all.map(|name| self.folder.join(name)).into_iter().filter(|file| !file.is_file()).collect()
    }

    /// The game's server, for so many players; with drones besides them if wanted.
    pub fn server(
        &self,
        arena: impl AsRef<OsStr>,
        players: u32,
        with_drones: bool,
        tick_rate: u16,
    ) -> Command {
        // Drones give way to players, so there are as many more ships to fill it up to.
        let most = (PILOTS_MAX as u32).saturating_sub(players);
        let drones = if with_drones { (players + DRONES).min(most) } else { 0 };
        let mut command = self.program("emberdrift");
        command.arg("--arena").arg(arena);
        command.args(["--listen", "127.0.0.1:0", "--log", "info"]);
        command.args(["--seed", "1", "--tick-rate", &tick_rate.to_string()]);
        command.args(["--drones", &drones.to_string(), "--max-players", &players.to_string()]);
        command
    }

    /// Players for it.
    pub fn bots(&self, server: SocketAddr, wish: &Wish, scenario: &str, more: &[&str]) -> Command {
        let mut command = self.program("emberdrift-bots");
        command.args(["--url", &format!("ws://{server}"), "--scenario", scenario]);
        wished(&mut command, wish, "/s");
        command.args(more);
        command
    }

    /// The floor's server.
    pub fn floor_server(&self, frame_bytes: u32, tick_rate: u16) -> Command {
        let mut command = self.program("emberdrift-floor");
        command.args(["serve", "--listen", "127.0.0.1:0", "--seconds", ALONE_SECONDS]);
        command.args(["--frame-bytes", &frame_bytes.to_string(), "--tick-rate", &tick_rate.to_string()]);
        command
    }

    /// Players for it.
    pub fn floor_load(&self, server: SocketAddr, frame_bytes: u32, wish: &Wish) -> Command {
        let mut command = self.program("emberdrift-floor");
        command.args(["load", "--address", &server.to_string(), "--frame-bytes", &frame_bytes.to_string()]);
        command.args(["--tick-rate", &wish.tick_rate.to_string()]);
        wished(&mut command, wish, "/s");
        command
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.folder.join(name));
        // What somebody has set for their own server must not change what is measured.
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("EMBERDRIFT_") {
                command.env_remove(variable);
            }
        }
        command
    }
}

/// The peer's server, whose scripts are in this folder.
pub(super) fn peer_server(folder: &Path, mode: &str, tick_rate: u16) -> Command {
    let mut command = node(folder, "server.mjs", mode);
    command.args(["--port", "0", "--tick-rate", &tick_rate.to_string()]);
    command
}

/// Players for it.
pub(super) fn peer_load(folder: &Path, server: SocketAddr, mode: &str, wish: &Wish) -> Command {
    let mut command = node(folder, "load.mjs", mode);
    command.args(["--url", &format!("http://{server}")]);
    wished(&mut command, wish, "");
    command
}

fn node(folder: &Path, script: &str, mode: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(folder.join(script)).args(["--mode", mode]);
    command
}

/// What all loads are asked for alike.
fn wished(command: &mut Command, wish: &Wish, ramp_unit: &str) {
    command.args(["--players", &wish.players.to_string(), "--seconds", &wish.seconds.to_string()]);
    command.args(["--ramp", &format!("{}{ramp_unit}", wish.ramp)]).arg("--json").arg(&wish.json);
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
        let server = |players, with_drones| shown(&programs.server("expanse", players, with_drones, 20));
        assert!(server(1000, true).contains("--drones 1050 --max-players 1000"));
        assert!(server(8000, true).contains("--drones 192 --max-players 8000"));
        assert!(server(500, false).contains("--drones 0 --max-players 500"));
    }

    #[test]
    fn loads_are_asked_alike() {
        let json = PathBuf::from("x.json");
        let wish = Wish { players: 9, seconds: 2.5, ramp: 100, tick_rate: 20, json };
        let programs = Programs::in_folder(Path::new("/nowhere"));
        let to = SocketAddr::from(([127, 0, 0, 1], 9));
        for (command, ramp) in [
            (programs.bots(to, &wish, "spread", &["--peaceful"]), "100/s"),
            (programs.floor_load(to, 300, &wish), "100/s"),
            (peer_load(Path::new("peer"), to, "rooms", &wish), "100"),
        ] {
            let args = shown(&command);
            let asked = format!("--players 9 --seconds 2.5 --ramp {ramp} --json x.json");
            assert!(args.contains(&asked) && args.contains("127.0.0.1:9"), "{args}");
        }
    }
}
