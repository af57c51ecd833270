//! Messages to a simulation that must not be lost, though its inbox is full: they are offered until it takes them or has ended. For the
//! few that no later message makes up for, because each waits in memory meanwhile.

use std::time::Duration;

use tokio::{runtime::Handle, time::sleep};

use super::inbox::{Inbound, Inbox, NotDelivered};

/// Between two attempts: about a tick, after which the inbox has been drained.
const RETRY: Duration = Duration::from_millis(10);

/// Delivers a message now if there is room, else in a task of its own. Outside of the runtime, which happens while the process ends, a
/// message without room is lost.
pub fn deliver(inbox: &Inbox, inbound: Inbound) {
    if let Err(NotDelivered::Full(inbound)) = inbox.offer(inbound)
        && let Ok(runtime) = Handle::try_current()
    {
        runtime.spawn(keep_offering(inbox.clone(), inbound));
    }
}

/// Offers until the inbox takes it or the simulation has ended.
async fn keep_offering(inbox: Inbox, mut inbound: Inbound) {
    while let Err(NotDelivered::Full(back)) = inbox.offer(inbound) {
        inbound = back;
        sleep(RETRY).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;
    use crate::engine::wait::TEST_LIMIT;

    fn message(is_on: bool) -> Inbound {
        Inbound::Chat { is_on }
    }

    #[tokio::test]
    async fn message_reaches_a_full_inbox_once_there_is_room() {
        let (inbox, messages) = Inbox::new(1);
        deliver(&inbox, message(true));
        deliver(&inbox, message(false));
        assert!(matches!(messages.try_recv(), Ok(Inbound::Chat { is_on: true })));
        let delivered = async {
            while messages.is_empty() {
                sleep(RETRY).await;
            }
        };
        timeout(TEST_LIMIT, delivered).await.expect("it is delivered");
        assert!(matches!(messages.try_recv(), Ok(Inbound::Chat { is_on: false })));
    }

    #[tokio::test]
    async fn message_to_a_simulation_that_has_ended_is_given_up() {
        let (inbox, messages) = Inbox::new(1);
        deliver(&inbox, message(true));
        drop(messages);
        timeout(TEST_LIMIT, keep_offering(inbox, message(false))).await.expect("it ends");
    }
}
