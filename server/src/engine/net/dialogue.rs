//! What a peer says, in the order in which it may be said: a hello, then the game. Turns messages into what reaches
//! the simulation; knows neither sockets nor bytes, so that tests can hold a dialogue without either.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use shared::engine::protocol::{ClientMessage, CloseReason, Hello, PROTOCOL_VERSION};
use tokio::{runtime::Handle, time::sleep};

use super::error::Ending;
use crate::engine::{
    chat,
    ids::ConnectionId,
    inbox::{Inbound, Inbox, Join, NotDelivered},
    metrics::Metrics,
    outbox::{OutboxReceiver, OutboxSender},
    resume::ResumeKey,
};

/// The way in, for any number of peers.
#[derive(Debug)]
pub struct Admission {
    /// The way to the simulation.
    pub inbox: Inbox,
    /// Where things are counted.
    pub metrics: Arc<Metrics>,
    key: ResumeKey,
    next: AtomicU64,
}

impl Admission {
    /// For a server that nobody has come to yet.
    pub fn new(inbox: Inbox, metrics: Arc<Metrics>, key: ResumeKey) -> Self {
        Self { inbox, metrics, key, next: AtomicU64::new(1) }
    }

    fn name_connection(&self) -> ConnectionId {
        ConnectionId(self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// Where one peer is in its dialogue. Dropping it tells the simulation that it is gone.
#[derive(Debug, Default)]
pub struct Dialogue {
    /// From the hello on.
    member: Option<Session>,
}

impl Dialogue {
    /// Takes in what the peer says. For a hello there is a queue from the simulation from then on.
    pub fn hear(
        &mut self,
        message: ClientMessage,
        admission: &Admission,
    ) -> Result<Option<OutboxReceiver>, Ending> {
        let Some(member) = &mut self.member else {
            let ClientMessage::Hello(hello) = message else {
                return Err(Ending::fault(CloseReason::ProtocolError, "the first message must be a Hello"));
            };
            let (member, queue) = join(&hello, admission)?;
            self.member = Some(member);
            return Ok(Some(queue));
        };
        let connection = member.connection;
        match message {
            ClientMessage::Hello(_) => {
                return Err(Ending::fault(CloseReason::ProtocolError, "a second Hello"));
            }
            ClientMessage::Input { tick, input, rewind, ack } => {
                let arrived = Instant::now();
                member.offer(Inbound::Input { connection, tick, input, rewind, ack, arrived });
            }
            ClientMessage::ResyncCell(cell) => member.offer(Inbound::ResyncCell { connection, cell }),
            ClientMessage::Ack(ack) => member.offer(Inbound::Ack { connection, ack }),
            ClientMessage::Hidden(is_hidden) => member.unsaid = Some(is_hidden),
            ClientMessage::Chat(line) => {
                member.offer(Inbound::Said { connection, said: chat::heard(&line) });
            }
            ClientMessage::Lag(lag) => {
                // More often than that nobody has anything new to say.
                if member.reported.is_none_or(|at| at.elapsed() >= REPORT_EVERY) {
                    member.reported = Some(Instant::now());
                    admission.metrics.lag.observe_client(&lag);
                }
            }
        }
        member.say_hidden();
        Ok(None)
    }

    /// Whether the hello was said.
    pub fn has_begun(&self) -> bool {
        self.member.is_some()
    }

    /// The peer says that it is done: it will not come back for its ship.
    pub fn farewell(&mut self) {
        if let Some(member) = &mut self.member {
            member.is_done = true;
        }
    }
}

fn join(hello: &Hello, admission: &Admission) -> Result<(Session, OutboxReceiver), Ending> {
    if hello.protocol.0 != PROTOCOL_VERSION {
        return Err(Ending::Ours(CloseReason::VersionMismatch));
    }
    let connection = admission.name_connection();
    let (outbox, queue) = OutboxSender::new();
    // One that is not ours claims nothing: its bearer comes as anybody else.
    let claim = hello.resume.and_then(|token| admission.key.open(&token));
    let joined = Inbound::Joined(Join {
        connection,
        name: chat::name(&hello.name),
        colour: hello.colour,
        role: hello.role,
        claim,
        outbox,
    });
    match admission.inbox.offer(joined) {
        Ok(()) => {}
        Err(NotDelivered::Full(_)) => return Err(Ending::Ours(CloseReason::Full)),
        Err(NotDelivered::Ended) => return Err(Ending::Ours(CloseReason::ShuttingDown)),
    }
    let (inbox, metrics) = (admission.inbox.clone(), Arc::clone(&admission.metrics));
    Ok((Session { connection, inbox, metrics, is_done: false, unsaid: None, reported: None }, queue))
}

/// A connection that the simulation knows of. Dropping it says that it left, come what may.
#[derive(Debug)]
struct Session {
    connection: ConnectionId,
    inbox: Inbox,
    metrics: Arc<Metrics>,
    is_done: bool,
    /// Whether nobody looks, which the simulation has yet to hear.
    unsaid: Option<bool>,
    /// When it last told of its delays.
    reported: Option<Instant>,
}

/// Between two reports of one client's delays that are counted.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// Between two tries to say that a connection left: about a tick, after which the inbox has been drained.
const LEFT_RETRY: Duration = Duration::from_millis(10);

impl Session {
    /// Says whether somebody looks. Unlike an input it is said once, so a full inbox is tried again with the peer's next
    /// message.
    fn say_hidden(&mut self) {
        if let Some(is_hidden) = self.unsaid {
            let said = self.inbox.offer(Inbound::Hidden { connection: self.connection, is_hidden });
            if said.is_ok() {
                self.unsaid = None;
            }
        }
    }

    /// Passes on what may be lost when the inbox is full: the next input is on its way already.
    fn offer(&self, inbound: Inbound) {
        if let Err(NotDelivered::Full(_)) = self.inbox.offer(inbound) {
            self.metrics.inputs_dropped_total.inc();
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let left = Inbound::Left { connection: self.connection, is_done: self.is_done };
        if let Err(NotDelivered::Full(left)) = self.inbox.offer(left)
            && let Ok(runtime) = Handle::try_current()
        {
            // Not this task: it may have ended by a panic, or be busy with a farewell.
            runtime.spawn(insist(self.inbox.clone(), left));
        }
    }
}

/// Offers until it is taken or the simulation has ended.
async fn insist(inbox: Inbox, mut inbound: Inbound) {
    while let Err(NotDelivered::Full(back)) = inbox.offer(inbound) {
        inbound = back;
        sleep(LEFT_RETRY).await;
    }
}
