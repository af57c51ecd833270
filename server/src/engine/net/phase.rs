//! How far a server is on its way from running to stopped. It only ever goes forward.

use shared::engine::protocol::CloseReason;
use tokio::sync::watch;

/// Where the server is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// It accepts sockets.
    #[default]
    Running,
    /// It accepts no more sockets: the simulations end, and the last snapshots are written.
    Draining,
    /// Every connection is closed. Players are told this reason, which says whether they are kept.
    Closing(CloseReason),
}

/// The phase, as a server's sockets see it.
#[derive(Clone, Debug)]
pub struct PhaseReceiver(watch::Receiver<Phase>);

impl PhaseReceiver {
    /// A server that runs, and the way to stop it.
    pub fn new() -> (watch::Sender<Phase>, Self) {
        let (sender, receiver) = watch::channel(Phase::Running);
        (sender, Self(receiver))
    }

    /// Where it is now.
    pub(super) fn now(&self) -> Phase {
        *self.0.borrow()
    }

    /// Waits until no more sockets are to be accepted.
    pub async fn draining(&self) {
        // An error means that the sender is gone, which means the same.
        let _ = self.0.clone().wait_for(|phase| *phase != Phase::Running).await;
    }

    /// Waits until connections are to be closed: what players are told.
    pub async fn closing(&self) -> CloseReason {
        let mut receiver = self.0.clone();
        let phase = receiver.wait_for(|phase| matches!(phase, Phase::Closing(_))).await;
        match phase.as_deref() {
            Ok(Phase::Closing(reason)) => *reason,
            _ => CloseReason::ShuttingDown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connections_are_told_the_reason_and_a_dropped_sender_ends_them_too() {
        for (last, told) in
            [(Some(CloseReason::Restarting), CloseReason::Restarting), (None, CloseReason::ShuttingDown)]
        {
            let (sender, receiver) = PhaseReceiver::new();
            let closing = tokio::spawn({
                let receiver = receiver.clone();
                async move { receiver.closing().await }
            });
            sender.send_replace(Phase::Draining);
            receiver.draining().await;
            assert_eq!(receiver.now(), Phase::Draining);
            if let Some(reason) = last {
                sender.send_replace(Phase::Closing(reason));
            }
            drop(sender);
            assert_eq!(closing.await.expect("no panic"), told);
        }
    }
}
