//! Players that the records know: who they are on every visit, and what they have unlocked. A join does not wait for the database:
//! the arena is told what a player has unlocked once it is known.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use shared::engine::{protocol::Hello, records::AchievementInfo};
use tokio::{runtime::Handle, time::timeout};

use super::{
    achievements::UnlockedSet,
    delivery::deliver,
    identity::{Identities, IdentityError},
    inbox::{Inbound, Inbox},
    records::{LastingId, Records, Store, Unlocked},
    sessions::ConnectionId,
};

/// For what a player has unlocked. A player that is not known by then plays on without a badge.
const LOOK_UP: Duration = Duration::from_secs(10);

/// The records of players, as an arena asks them.
#[derive(Clone, Debug)]
pub struct KnownPlayers {
    identities: Arc<Identities>,
    store: Arc<Store>,
    achievements: &'static [AchievementInfo],
}

impl KnownPlayers {
    /// Of a game with these achievements.
    pub fn new(records: &Records, achievements: &'static [AchievementInfo]) -> Self {
        let (identities, store) = (Arc::clone(&records.identities), Arc::clone(&records.store));
        Self { identities, store, achievements }
    }

    /// Who a player is: by the operator's login, if that says it, or by the proof in its hello. `None` without either.
    pub fn identify(
        &self,
        hello: &Hello,
        subject: Option<&str>,
        now: Instant,
    ) -> Result<Option<LastingId>, IdentityError> {
        self.identities.of_hello(hello, subject, now)
    }

    /// Asks what a player has unlocked, and then tells the arena. At most one question for each connection.
    pub fn look_up(&self, player: LastingId, connection: ConnectionId, inbox: &Inbox) {
        if self.achievements.is_empty() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        let Self { store, achievements, .. } = self.clone();
        let inbox = inbox.clone();
        runtime.spawn(async move {
            match timeout(LOOK_UP, store.achievements(player)).await {
                Ok(Ok(rows)) => {
                    let ids = rows.iter().map(|Unlocked { achievement, .. }| achievement.as_str());
                    let unlocked = UnlockedSet::of(achievements, ids);
                    deliver(&inbox, Inbound::Known { connection, unlocked });
                }
                Ok(Err(error)) => tracing::debug!("a player's achievements: {}", error.in_full()),
                Err(_) => tracing::debug!("a player's achievements: the database does not answer"),
            }
        });
    }
}
