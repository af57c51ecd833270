//! Modes over real sockets: teams.

use server::{
    game::Options,
    run::{self, Running},
};
use shared::{
    engine::{
        protocol::{Hello, Role},
        roster::Player,
    },
    game::{
        Emberdrift,
        mode::{Mode, TeamScores},
        protocol::{Announcement, ClientMessage, Notice, Welcome},
    },
};

use crate::rig::{Client, eventually, get, options};

const TEAMS: Mode = Mode::Teams { count: 2 };

fn with_mode(mode: Mode) -> Options {
    let mut options = options();
    options.game.arena.mode = mode;
    options
}

/// Joins as a player who asks for this colour.
async fn join(server: &Running, name: &str, colour: u8) -> (Client, Box<Welcome>) {
    let mut client = Client::connect(server).await;
    let hello = Hello { name: name.into(), colour: Some(colour), ..Hello::of::<Emberdrift>() };
    client.send(&ClientMessage::Hello(hello)).await;
    let welcome = client.welcome().await;
    (client, welcome)
}

/// The players in the roster of a client's first frame.
async fn roster(client: &mut Client) -> Vec<Player> {
    for notice in client.frame().await.notices {
        if let Notice::Roster(players) = notice {
            return players;
        }
    }
    panic!("the first frame has no roster")
}

#[tokio::test]
async fn players_are_put_on_teams_and_are_told_the_scores() {
    let server = run::start(with_mode(TEAMS)).await.unwrap();
    let (mut one, welcome) = join(&server, "Ada", 6).await;
    assert_eq!(welcome.arena.mode, TEAMS);
    roster(&mut one).await;
    let (mut two, _) = join(&server, "Bo", 6).await;
    roster(&mut two).await;
    let (mut three, _) = join(&server, "Cy", 6).await;
    let teams: Vec<_> = roster(&mut three).await.iter().map(|player| player.colour).collect();
    assert_eq!(teams[..2], [0, 1], "the third is on either");
    let scores = loop {
        let notices = three.frame().await.notices;
        let scores = notices.into_iter().find_map(|notice| match notice {
            Notice::Game(Announcement::Teams(scores)) => Some(scores),
            _ => None,
        });
        if let Some(scores) = scores {
            break scores;
        }
    };
    let TeamScores([first, second, none, nor]) = scores;
    assert!(first > 0 && second > 0 && (none, nor) == (0, 0), "{scores:?}");
    server.stop().await;
}

#[tokio::test]
async fn resumed_player_keeps_its_team() {
    let server = run::start(with_mode(TEAMS)).await.unwrap();
    let (mut one, _) = join(&server, "Ada", 0).await;
    roster(&mut one).await;
    let (mut two, welcome) = join(&server, "Bo", 0).await;
    roster(&mut two).await;
    drop(two);
    eventually("it is disconnected", || server.telemetry().players_reconnecting.get() == 1).await;
    let mut again = Client::connect(&server).await;
    let hello =
        Hello { resume: welcome.resume, role: Role::Player, name: "Bo".into(), ..Hello::of::<Emberdrift>() };
    again.send(&ClientMessage::Hello(hello)).await;
    let resumed = again.welcome().await;
    assert!(resumed.is_resumed);
    let teams: Vec<_> = roster(&mut again).await.iter().map(|player| (player.id, player.colour)).collect();
    assert!(teams.contains(&(welcome.player.expect("it plays"), 1)), "{teams:?}");
    server.stop().await;
}

#[tokio::test]
async fn list_of_arenas_names_the_mode() {
    for (mode, word) in [(Mode::Free, "free"), (TEAMS, "teams")] {
        let server = run::start(with_mode(mode)).await.unwrap();
        let list: serde_json::Value = serde_json::from_str(&get(&server, "/arenas").await.text()).unwrap();
        assert_eq!(list[0]["mode"], word);
        server.stop().await;
    }
}
