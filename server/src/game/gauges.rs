//! The numbers of this game in `/metrics`, besides the engine's. The constants are places in [`GAUGES`].

use crate::engine::telemetry::GameGauge;

/// In the order of [`crate::engine::telemetry::Telemetry::game`].
pub const GAUGES: [GameGauge; 4] = [
    GameGauge { name: "drones", help: "Drones in the arena." },
    GameGauge { name: "ships", help: "Ships in flight." },
    GameGauge { name: "shots", help: "Shots in flight." },
    GameGauge { name: "embers", help: "Embers lying about." },
];
/// Drones in the arena.
pub const DRONES: usize = 0;
/// Ships in flight.
pub const SHIPS: usize = 1;
/// Shots in flight.
pub const SHOTS: usize = 2;
/// Embers lying about.
pub const EMBERS: usize = 3;
