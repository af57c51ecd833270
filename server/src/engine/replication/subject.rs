//! What a viewer's frames are about: its own player, or for a spectator the player that it watches.

use shared::{
    Vec2,
    engine::{
        game_trait::Game,
        ids::{PlayerId, Tick},
        limits::LEAD_NONE,
        protocol::{FrameHead, ViewChange, ViewerState},
    },
};

use crate::engine::simulation::{PlayerOf, Simulation};

/// What a viewer follows.
pub(super) enum Subject<'a, S: Simulation> {
    Player(&'a PlayerOf<S>),
    /// The player whose body is watched, if there is one.
    Spectator(Option<&'a PlayerOf<S>>),
}

impl<'a, S: Simulation> Subject<'a, S> {
    /// The subject of a player, or of a spectator for `None`. `None` if the player has left.
    pub(super) fn of(player: Option<PlayerId>, sim: &'a S) -> Option<Self> {
        match player {
            Some(player) => sim.players().get(player).map(Self::Player),
            None => Some(Self::Spectator(sim.watched().and_then(|id| sim.players().get(id)))),
        }
    }

    /// Where the view is centred. `None` to leave it where it is.
    pub(super) fn position(&self, sim: &S) -> Option<Vec2> {
        match self {
            Self::Player(player) => sim.view_centre(player),
            Self::Spectator(watched) => watched.and_then(|player| sim.view_centre(player)),
        }
    }

    /// The head of a frame. `rank` is only asked for a player.
    pub(super) fn head(
        &self,
        sim: &S,
        rank: impl FnOnce(PlayerId) -> u16,
        view: Option<ViewChange>,
    ) -> FrameHead<S::Game> {
        let now: Tick = sim.tick();
        let (lead, viewer) = match self {
            Self::Player(player) => {
                let own: <S::Game as Game>::Own = sim.own(player);
                (player.inputs.lead(now), ViewerState::Player { rank: rank(player.id), own })
            }
            Self::Spectator(watched) => {
                (LEAD_NONE, ViewerState::Spectator { target: watched.map(|player| player.id) })
            }
        };
        FrameHead { tick: now, lead, viewer, view }
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::testing::TestGame;

    use super::*;
    use crate::engine::testing::TestSimulation;

    fn target(sim: &TestSimulation) -> Option<PlayerId> {
        let subject = Subject::of(None, sim).expect("a spectator always has one");
        let head: FrameHead<TestGame> = subject.head(sim, |_| unreachable!("it has no rank"), None);
        match head.viewer {
            ViewerState::Spectator { target } => target,
            ViewerState::Player { .. } => panic!("it is a spectator"),
        }
    }

    #[test]
    fn spectator_watches_the_first_of_the_ranking_and_a_player_that_left_is_no_subject() {
        let mut sim = TestSimulation::new(3);
        assert_eq!(target(&sim), None, "there is no ranking yet");
        sim.ranking = vec![PlayerId(2), PlayerId(0)];
        assert_eq!(target(&sim), Some(PlayerId(2)));
        sim.players.remove(PlayerId(2), Tick(0));
        assert_eq!(target(&sim), None, "until the next ranking");
        assert!(
            Subject::of(Some(PlayerId(2)), &sim).is_none() && Subject::of(Some(PlayerId(1)), &sim).is_some()
        );
    }
}
