//! The life of the own ship, for the card that tells of it when it is over. It must not know why it is over.

use shared::game::protocol::OwnShip;

use super::scene::Run;

/// What is remembered of a life, from its first frame on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LifeStats {
    began_ms: f64,
    run: Run,
}

impl LifeStats {
    /// A life begins, in the time of the server.
    pub(super) fn begin(server_ms: f64) -> Self {
        Self { began_ms: server_ms, run: Run::default() }
    }

    /// It still lasts.
    pub(super) fn note(&mut self, own: &OwnShip, server_ms: f64) {
        let Self { began_ms, run } = self;
        run.seconds = ((server_ms - *began_ms) / 1000.0) as f32;
        run.embers = run.embers.max(own.embers);
        run.kills = own.streak;
        if own.rank > 0 && (run.rank == 0 || own.rank < run.rank) {
            run.rank = own.rank;
        }
    }

    /// How it went until now.
    pub(super) fn so_far(&self) -> Run {
        self.run
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_remembers_the_best_of_a_life() {
        let own = |embers, rank, streak| OwnShip {
            motion: Default::default(),
            embers,
            burnt: 0,
            reload: 0,
            power_ups: Default::default(),
            health: 1.0,
            rank,
            streak,
            boosting: false,
            shielded: false,
        };
        let mut log = LifeStats::begin(5000.0);
        log.note(&own(5, 0, 0), 5000.0);
        log.note(&own(50, 3, 1), 20_000.0);
        log.note(&own(20, 9, 2), 35_000.0);
        assert_eq!(log.so_far(), Run { seconds: 30.0, embers: 50, kills: 2, rank: 3 });
    }
}
