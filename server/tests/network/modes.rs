//! Modes over real sockets: teams and duels.

use server::{
    game::Options,
    run::{self, Running},
};
use shared::{
    engine::{
        ids::{PlayerId, Tick},
        input::{Angle, Buttons, PlayerInput},
        protocol::{Hello, Role},
        roster::Player,
    },
    game::{
        Emberdrift,
        duel::{DuelPhase, DuelState},
        mode::{Mode, TeamScores},
        protocol::{Announcement, ClientMessage, Frame, Notice, PilotState, Welcome},
    },
};

use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::rig::{Client, eventually, get, options};

const TEAMS: Mode = Mode::Teams { count: 2 };
const DUEL: Mode = Mode::Duel { first_to: 2 };

fn with_mode(mode: Mode) -> Options {
    let mut options = options();
    options.game.arena.mode = mode;
    options
}

/// Joins, and asks for this colour.
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
    for (mode, word) in [(Mode::Free, "free"), (TEAMS, "teams"), (DUEL, "duel")] {
        let server = run::start(with_mode(mode)).await.unwrap();
        let list: serde_json::Value = serde_json::from_str(&get(&server, "/arenas").await.text()).unwrap();
        assert_eq!(list[0]["mode"], word);
        server.stop().await;
    }
}

/// A player of a duel, with what it knows.
struct Duellist {
    client: Client,
    id: PlayerId,
    duel: DuelState,
    own: Option<PilotState>,
    tick: Tick,
}

impl Duellist {
    async fn join(server: &Running, name: &str) -> Self {
        let (client, welcome) = join(server, name, 0).await;
        let (id, tick) = (welcome.player.expect("it plays"), welcome.tick);
        Self { client, id, duel: DuelState::default(), own: None, tick }
    }

    fn take(&mut self, Frame { head, notices, .. }: Frame) {
        self.tick = head.tick;
        self.own = head.viewer.own().cloned();
        for notice in notices {
            if let Notice::Game(Announcement::Duel(duel)) = notice {
                self.duel = duel;
            }
        }
    }

    /// Sends an input for the next tick, and waits for a frame.
    async fn play(&mut self, buttons: Buttons, aim: Angle) {
        let input = PlayerInput { buttons, aim };
        let ack = self.tick.0 as u8;
        self.client.send(&ClientMessage::Input { tick: Tick(0), input, rewind: 0, ack }).await;
        let frame = self.client.frame().await;
        self.take(frame);
    }

    fn is_over(&self) -> bool {
        matches!(self.duel.phase, DuelPhase::Over { .. })
    }
}

/// A duel without cover, in which one shot kills at any distance.
fn duel() -> Options {
    let mut options = with_mode(DUEL);
    let arena = &mut options.game.arena;
    arena.size = shared::Vec2::splat(1024.0);
    (arena.rocks, arena.blocks) = (Vec::new(), Vec::new());
    // The smallest hull has one shot, which flies straight.
    (arena.rules.embers.supply, arena.rules.embers.at_spawn) = (0, 0);
    arena.rules.shot.damage = 10_000.0;
    arena.rules.shot.life = 1.9;
    arena.rules.respawn_seconds = 0.1;
    options.game.tick_rate = 30;
    options
}

#[tokio::test]
async fn two_clients_play_a_match_and_another_while_a_third_watches() {
    let server = run::start(duel()).await.unwrap();
    let mut one = Duellist::join(&server, "Ada").await;
    let mut two = Duellist::join(&server, "Bo").await;
    // Places are mirrored about the middle, so a ship that aims at the middle aims at the other.
    let aim = |own: &Option<PilotState>| match own {
        Some(PilotState::Alive(ship)) => Angle::of(shared::Vec2::splat(512.0) - ship.motion.position),
        _ => Angle(0),
    };
    let mut held = 0;
    while !one.is_over() {
        let at = aim(&one.own);
        one.play(Buttons::FIRE, at).await;
        two.play(Buttons::default(), Angle(0)).await;
        held += u32::from(matches!(&two.own, Some(PilotState::Alive(ship)) if ship.held > 0));
    }
    assert!(held > 0, "ships are held before a round");
    assert_eq!((one.duel.players, one.duel.wins), ([Some(one.id), Some(two.id)], [2, 0]));
    assert!(matches!(one.duel.phase, DuelPhase::Over { winner, next: None } if winner == one.id));
    // Each asks for another match.
    while one.is_over() {
        one.play(PlayerInput::RESPAWN.buttons, Angle(0)).await;
        two.play(PlayerInput::RESPAWN.buttons, Angle(0)).await;
    }
    assert_eq!(one.duel.wins, [0, 0]);

    let mut three = Duellist::join(&server, "Cy").await;
    while !matches!(three.own, Some(PilotState::Watching { .. })) || three.duel.waiting != 1 {
        three.play(Buttons::FIRE, Angle(0)).await;
    }
    // One leaves for good, and has lost. The third takes its place.
    let winner = one.id;
    let normal = CloseFrame { code: CloseCode::Normal, reason: "".into() };
    two.client.send_raw(Message::Close(Some(normal))).await;
    while !matches!(three.duel.phase, DuelPhase::Over { winner: by, .. } if by == winner) {
        three.play(Buttons::default(), Angle(0)).await;
    }
    while three.duel.players != [Some(winner), Some(three.id)] {
        one.play(Buttons::default(), Angle(0)).await;
        three.play(Buttons::default(), Angle(0)).await;
    }
    server.stop().await;
}
