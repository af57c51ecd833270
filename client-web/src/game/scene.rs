//! What there is to draw and to tell at one moment: the whole interface between the game and its presentation.
//! It knows nothing of how either is done.

use shared::{
    Vec2,
    engine::ids::PlayerId,
    game::{pilot::PilotKind, rules::Pickup},
};

use super::roster::Roster;

/// One moment, as it is to be drawn. Lists are refilled, not reallocated, from moment to moment.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// Middle of the picture, in world units, y up.
    pub camera: Vec2,
    /// Ships in view, the own one among them.
    pub ships: Vec<SceneShip>,
    /// Who flies them.
    pub roster: Roster,
    /// Shots in flight.
    pub shots: Vec<SceneShot>,
    /// Embers at rest, and embers on their way to a ship.
    pub embers: Vec<SceneEmber>,
    /// Pickups at rest.
    pub pickups: Vec<ScenePickup>,
    /// What happened since the last scene: to be turned into sparks, shockwaves, shakes and sounds.
    pub events: Vec<SceneEvent>,
    /// What stands in the HUD.
    pub hud: Hud,
}

/// A ship as it is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SceneShip {
    /// Whose.
    pub id: PlayerId,
    /// Smoothed place of its centre.
    pub position: Vec2,
    /// In units a second.
    pub velocity: Vec2,
    /// Where the nose points, in radians, counter-clockwise from +x.
    pub aim_radians: f32,
    /// Radius of the hull.
    pub radius: f32,
    /// Size, 0 to 3.
    pub tier: u8,
    /// Share of full health, 0 to 1.
    pub health: f32,
    /// Burns embers for speed.
    pub boosting: bool,
    /// Nothing harms it.
    pub shielded: bool,
    /// This player's own ship.
    pub own: bool,
    /// ShotStep by the server.
    pub drone: bool,
    /// First on the leaderboard.
    pub leader: bool,
    /// Its place in the palette: below [`shared::engine::limits::COLOURS`].
    pub colour: u8,
    /// Fires faster, by a pickup.
    pub rapid: bool,
    /// Draws embers from afar, by a pickup.
    pub magnet: bool,
}

/// A shot as it is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SceneShot {
    /// Where it is.
    pub position: Vec2,
    /// Where it flies, in radians.
    pub direction_radians: f32,
    /// Fired by this player.
    pub own: bool,
}

/// An ember as it is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SceneEmber {
    /// Where it is.
    pub position: Vec2,
    /// What it is worth, 1 to 255.
    pub value: u8,
    /// Its own phase of glimmering, 0 to 1, always the same for the same ember.
    pub phase: f32,
}

/// A pickup as it is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScenePickup {
    /// Where it is.
    pub position: Vec2,
    /// What it gives.
    pub kind: Pickup,
    /// Its own phase of glimmering, 0 to 1.
    pub phase: f32,
}

/// Something that happened at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SceneEvent {
    /// A ship came apart.
    Explosion {
        /// Where.
        position: Vec2,
        /// Size of the ship, 0 to 3.
        tier: u8,
        /// It was this player's.
        own: bool,
    },
    /// A shot met a ship.
    ShipHit {
        /// Where.
        position: Vec2,
        /// Whose ship.
        ship: PlayerId,
        /// This player's ship was hit.
        own: bool,
        /// This player's shot did it.
        by_own: bool,
    },
    /// A shot met a rock or a wall.
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
    /// An ember reached a ship.
    EmberGathered {
        /// Where.
        position: Vec2,
        /// This player's ship.
        own: bool,
    },
    /// A pickup was taken.
    PickupTaken {
        /// Where.
        position: Vec2,
        /// What it gives.
        kind: Pickup,
        /// By this player.
        own: bool,
    },
    /// This player's ship appeared.
    Spawned {
        /// Where.
        position: Vec2,
    },
}

/// What stands in the HUD.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hud {
    /// Whether the own ship flies.
    pub life: Life,
    /// Embers aboard.
    pub embers: u32,
    /// Size of the own ship, 0 to 3.
    pub tier: u8,
    /// Embers at which the next size begins; `None` at the largest.
    pub next_tier_at: Option<u32>,
    /// Share of full health, 0 to 1.
    pub health: f32,
    /// Place among all ships, from 1; 0 for none.
    pub rank: u16,
    /// Ships shot down with this ship.
    pub streak: u16,
    /// What pickups give it still, and for how many seconds.
    pub power_ups: Vec<(Pickup, f32)>,
    /// Players, without drones.
    pub players: u16,
    /// Ships, drones among them.
    pub ships: u16,
    /// The leaderboard, first first.
    pub top: Vec<HudLeaderboardRow>,
    /// Kills since the last scene, oldest first.
    pub kills: Vec<HudKill>,
    /// The minimap.
    pub minimap: Minimap,
}

/// Whether the own ship flies.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Life {
    /// No frame yet.
    #[default]
    Waiting,
    /// It flies.
    Alive,
    /// It was shot down.
    Dead {
        /// Until the next ship, in seconds.
        respawn_seconds: f32,
        /// Who did it.
        by: Option<Killer>,
        /// How it had gone until then.
        run: Run,
    },
}

/// Who shot the own ship down.
#[derive(Clone, Debug, PartialEq)]
pub struct Killer {
    /// Its name.
    pub name: String,
    /// What flies it.
    pub kind: PilotKind,
    /// Size of its ship, 0 to 3.
    pub tier: u8,
}

/// The life of one ship.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Run {
    /// How long it flew.
    pub seconds: f32,
    /// The most embers it ever had aboard.
    pub embers: u32,
    /// Ships that it shot down.
    pub kills: u16,
    /// The best place it ever had, from 1; 0 for none.
    pub rank: u16,
}

/// A line of the leaderboard.
#[derive(Clone, Debug, PartialEq)]
pub struct HudLeaderboardRow {
    /// Its pilot.
    pub name: String,
    /// Embers aboard.
    pub embers: u32,
    /// This player.
    pub own: bool,
    /// What flies it.
    pub kind: PilotKind,
}

/// A line of the kill feed.
#[derive(Clone, Debug, PartialEq)]
pub struct HudKill {
    /// Who was shot down.
    pub victim: String,
    /// By whom.
    pub by: String,
    /// This player is one of them.
    pub own: bool,
    /// Ships that the killer has shot down with its present ship, this one counted.
    pub streak: u8,
    /// Ships that the victim had shot down with its ship.
    pub ended: u8,
}

/// The arena from above. Places are shares of its width and height, 0 to 1, y up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Minimap {
    /// The own ship.
    pub own: Option<Vec2>,
    /// The leader.
    pub beacon: Option<Vec2>,
    /// Middles of cells with ships in them, and how many.
    pub crowds: Vec<(Vec2, u8)>,
}
