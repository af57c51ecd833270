//! What there is to draw at one moment: the whole interface between the game and its presentation. It knows nothing of
//! how anything is drawn.

use shared::{
    Vec2,
    engine::{ids::PlayerId, roster::PlayerKind},
    game::{ember::Pickup, mode::Team, protocol::Status},
};

use crate::engine::roster::Roster;

/// One moment. Refilled for each frame on the screen, so that its lists are not allocated again.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// Middle of the picture, in world units, y up.
    pub camera: Vec2,
    /// Ships in view, the own one last.
    pub ships: Vec<SceneShip>,
    /// Their pilots.
    pub roster: Roster,
    /// Shots in flight.
    pub shots: Vec<SceneShot>,
    /// Embers at rest, and embers on their way to a ship.
    pub embers: Vec<SceneEmber>,
    /// Pickups at rest.
    pub pickups: Vec<ScenePickup>,
    /// What happened since the last scene, to be turned into particles, shakes and sounds.
    pub events: Vec<SceneEvent>,
    /// The HUD.
    pub hud: Hud,
}

/// A ship.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SceneShip {
    /// Its pilot.
    pub id: PlayerId,
    /// Its centre, smoothed.
    pub position: Vec2,
    /// In units a second.
    pub velocity: Vec2,
    /// Where its nose points, in radians, counter-clockwise from +x.
    pub aim_radians: f32,
    /// Radius of the hull.
    pub radius: f32,
    /// Share of full health, 0 to 1.
    pub health: f32,
    /// Its tier, and what else can be seen of it.
    pub status: Status,
    /// This player's own ship.
    pub own: bool,
    /// Steered by the server.
    pub drone: bool,
    /// First on the leaderboard.
    pub leader: bool,
    /// It destroyed this player's ship last, and was not shot down by this player since.
    pub nemesis: bool,
    /// Index in the palette: below [`shared::engine::limits::COLOURS`].
    pub colour: u8,
    /// Its team, in an arena with teams.
    pub team: Option<Team>,
}

/// A shot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SceneShot {
    /// Where it is.
    pub position: Vec2,
    /// Where it flies.
    pub direction_radians: f32,
    /// Fired by this player.
    pub own: bool,
    /// The team of the player that fired it, in an arena with teams.
    pub team: Option<Team>,
}

/// An ember.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SceneEmber {
    /// Where it is.
    pub position: Vec2,
    /// 1 to 255.
    pub value: u8,
    /// Phase of its glimmer, 0 to 1: always the same for the same ember.
    pub phase: f32,
}

/// A pickup.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScenePickup {
    /// Where it is.
    pub position: Vec2,
    /// What it gives.
    pub kind: Pickup,
    /// Phase of its glimmer, 0 to 1.
    pub phase: f32,
}

/// Something that happened at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SceneEvent {
    /// A ship exploded.
    Explosion {
        /// Where.
        position: Vec2,
        /// The ship's tier, 0 to 3.
        tier: u8,
        /// It was this player's ship.
        own: bool,
    },
    /// A shot hit a ship.
    ShipHit {
        /// Where.
        position: Vec2,
        /// The ship that was hit.
        ship: PlayerId,
        /// It is this player's ship.
        own: bool,
        /// It was this player's shot.
        by_own: bool,
    },
    /// A shot struck a rock or a wall.
    ShotStruck {
        /// Where.
        position: Vec2,
    },
    /// A shot was fired.
    ShotFired {
        /// Where.
        position: Vec2,
        /// By this player.
        own: bool,
    },
    /// A collected ember reached its ship.
    EmberCollected {
        /// Where.
        position: Vec2,
        /// By this player's ship.
        own: bool,
    },
    /// A pickup was collected.
    PickupCollected {
        /// Where.
        position: Vec2,
        /// What it gives.
        kind: Pickup,
        /// By this player's ship.
        own: bool,
    },
    /// This player's ship appeared.
    Spawned {
        /// Where.
        position: Vec2,
    },
}

/// The HUD.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hud {
    /// Whether the own ship is alive.
    pub life: Life,
    /// Embers aboard.
    pub embers: u32,
    /// Tier of the own ship, 0 to 3.
    pub tier: u8,
    /// Embers at which the next tier begins; `None` at the highest.
    pub next_tier_at: Option<u32>,
    /// What the hull of this tier has more than the one before.
    pub gain: HullGain,
    /// Share of full health, 0 to 1.
    pub health: f32,
    /// This player's name, behind its badge; empty before the server has named it.
    pub own_label: String,
    /// Place on the leaderboard, from 1; 0 for none.
    pub rank: u16,
    /// Kills in this life.
    pub streak: u16,
    /// Power-ups that are active, and for how many seconds still.
    pub power_ups: Vec<(Pickup, f32)>,
    /// Players, without drones.
    pub players: u16,
    /// Ships, with drones.
    pub ships: u16,
    /// The duel, in an arena for duels.
    pub duel: Option<HudDuel>,
    /// The teams by number; empty without teams.
    pub teams: Vec<HudTeam>,
    /// The leaderboard, best first.
    pub top: Vec<HudLeaderboardRow>,
    /// Kills since the last scene, oldest first.
    pub kills: Vec<HudKill>,
    /// The minimap.
    pub minimap: Minimap,
}

/// What a hull has more than the hull before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HullGain {
    /// Shots in a salvo, if there are more; else 0.
    pub shots: u8,
    /// How much more health, in whole points.
    pub health: u16,
}

/// Whether the own ship is alive.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Life {
    /// There is no ship yet.
    #[default]
    Waiting,
    /// It is alive.
    Alive,
    /// It was destroyed.
    Dead {
        /// Until the respawn is possible, in seconds.
        respawn_seconds: f32,
        /// Who destroyed it.
        by: Option<Killer>,
        /// How the life went.
        summary: LifeSummary,
    },
}

/// The pilot who destroyed the own ship.
#[derive(Clone, Debug, PartialEq)]
pub struct Killer {
    /// Its name.
    pub name: String,
    /// Player or drone.
    pub kind: PlayerKind,
    /// Tier of its ship then, 0 to 6.
    pub tier: u8,
    /// Embers aboard then; 0 if it had no ship any more.
    pub embers: u32,
}

/// How a life went, from spawn to death.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LifeSummary {
    /// How long it lasted.
    pub seconds: f32,
    /// Most embers aboard.
    pub embers: u32,
    /// Ships destroyed.
    pub kills: u16,
    /// Best place on the leaderboard, from 1; 0 for none.
    pub rank: u16,
    /// Largest hull, 0 to 6.
    pub tier: u8,
    /// Embers that were missing to the next hull, if at least half of its embers were aboard once; else 0.
    pub missing: u32,
}

/// A row of the leaderboard.
#[derive(Clone, Debug, PartialEq)]
pub struct HudLeaderboardRow {
    /// The pilot's name.
    pub name: String,
    /// Embers aboard.
    pub embers: u32,
    /// This player.
    pub own: bool,
    /// Player or drone.
    pub kind: PlayerKind,
    /// It destroyed this player's ship last, and was not shot down by this player since.
    pub nemesis: bool,
    /// Its team, in an arena with teams.
    pub team: Option<Team>,
}

/// A team above the leaderboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HudTeam {
    /// Which.
    pub team: Team,
    /// Embers of all its ships.
    pub score: u32,
    /// This player's.
    pub own: bool,
}

/// A duel.
#[derive(Clone, Debug, PartialEq)]
pub struct HudDuel {
    /// Names of the two; `None` for a free place.
    pub names: [Option<String>; 2],
    /// Rounds that each has won.
    pub wins: [u8; 2],
    /// Rounds that win the match.
    pub first_to: u8,
    /// Which of the two this player is; `None` if it watches.
    pub own: Option<usize>,
    /// What goes on.
    pub phase: HudDuelPhase,
}

/// What goes on in a duel.
#[derive(Clone, Debug, PartialEq)]
pub enum HudDuelPhase {
    /// There are fewer than two players.
    Lobby,
    /// Both ships are held in place.
    Countdown {
        /// For how much longer.
        seconds: f32,
    },
    /// The round is on.
    Fight,
    /// A round has ended.
    Pause {
        /// Who has won it; `None` if both were destroyed.
        winner: Option<String>,
    },
    /// The match has ended.
    Over {
        /// Who has won it.
        winner: String,
        /// Whether that is this player.
        is_own: bool,
        /// Which of the two want a rematch.
        ready: [bool; 2],
        /// When the next player comes, if one waits.
        next_seconds: Option<f32>,
    },
}

/// A row of the kill feed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HudKill {
    /// Name of the pilot who died.
    pub victim: String,
    /// Name of the killer.
    pub by: String,
    /// This player is one of them.
    pub own: bool,
    /// This player is the killer.
    pub by_own: bool,
    /// A drone died.
    pub drone: bool,
    /// This player shot down the pilot that had destroyed its own ship last.
    pub revenge: bool,
    /// Embers that the victim scattered; 0 if not known.
    pub worth: u32,
    /// The killer's streak, this kill counted.
    pub streak: u8,
    /// The victim's streak, which ended.
    pub ended: u8,
}

/// The arena from above. Positions are shares of its width and height, 0 to 1, y up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Minimap {
    /// The own ship.
    pub own: Option<Vec2>,
    /// The leader.
    pub beacon: Option<Vec2>,
    /// Ships of the own party.
    pub friends: Vec<Vec2>,
    /// Centres of cells with ships in them, and how many.
    pub crowds: Vec<(Vec2, u8)>,
    /// This player's team, in an arena with teams.
    pub own_team: Option<Team>,
    /// Other ships that are near, with their teams.
    pub ships: Vec<(Vec2, Team)>,
}
