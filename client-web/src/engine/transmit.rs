//! What waits to be sent: a hello, then requests, then inputs, and how far the client has read. Bounded, because a
//! page in the background may make inputs that nobody takes away.

use std::collections::VecDeque;

use shared::engine::{
    ids::{CellIndex, Tick},
    input::PlayerInput,
    limits::{CHAT_CHARS_MAX, NAME_CHARS_MAX},
    protocol::{
        ClientLag, ClientMessage, Hello, PROTOCOL_VERSION, ProtocolVersion, ResumeToken, Role, encode_client,
    },
};

/// Inputs that may wait: more than the server would take at once, so the oldest are worth nothing.
const INPUTS_MAX: usize = 16;

/// Lines that may wait.
const SAID_MAX: usize = 8;

#[derive(Debug)]
pub(crate) struct Transmit {
    hello: Option<Hello>,
    said: VecDeque<String>,
    /// Each cell at most once, which the replica sees to.
    resyncs: VecDeque<CellIndex>,
    /// Tick, wishes, and how far behind it others are shown.
    inputs: VecDeque<(Tick, PlayerInput, u16)>,
    hidden: Option<bool>,
    lag: Option<ClientLag>,
    /// The last byte of the newest frame's tick.
    ack: u8,
    /// Frames since that was last said.
    unsaid: u16,
    /// After so many frames it is said without an input.
    say_after: u16,
}

impl Transmit {
    pub(crate) fn hello(name: &str) -> Self {
        let hello = Hello {
            protocol: ProtocolVersion(PROTOCOL_VERSION),
            // Cut so that the hello fits a message whatever was typed.
            name: name.chars().take(NAME_CHARS_MAX).collect(),
            role: Role::Player,
            colour: None,
            resume: None,
        };
        Self {
            hello: Some(hello),
            said: VecDeque::new(),
            resyncs: VecDeque::new(),
            inputs: VecDeque::new(),
            hidden: None,
            lag: None,
            ack: 0,
            unsaid: 0,
            say_after: u16::MAX,
        }
    }

    /// Asks to go on with the ship that this token stands for.
    pub(crate) fn resume(&mut self, token: Option<ResumeToken>) {
        if let Some(hello) = &mut self.hello {
            hello.resume = token;
        }
    }

    /// From now on frames come, so many a second.
    pub(crate) fn begin(&mut self, tick_rate: u16) {
        // The server wants to hear it twice a second at least.
        self.say_after = tick_rate / 4;
    }

    /// A frame was taken in.
    pub(crate) fn saw(&mut self, tick: Tick) {
        self.ack = tick.0 as u8;
        self.unsaid = self.unsaid.saturating_add(1);
    }

    pub(crate) fn resync(&mut self, cell: CellIndex) {
        self.resyncs.push_back(cell);
    }

    /// A line to say, cut so that it fits a message; the server has its own opinion about length. Of many that wait the last
    /// are lost: they could not be said that fast anyway.
    pub(crate) fn say(&mut self, line: &str) {
        if self.said.len() < SAID_MAX {
            self.said.push_back(line.chars().take(CHAT_CHARS_MAX + NAME_CHARS_MAX).collect());
        }
    }

    pub(crate) fn watch(&mut self) {
        if let Some(hello) = &mut self.hello {
            hello.role = Role::Spectator;
        }
    }

    pub(crate) fn colour(&mut self, colour: Option<u8>) {
        if let Some(hello) = &mut self.hello {
            hello.colour = colour;
        }
    }

    /// Whether anybody looks. What was wanted before nobody did, nobody wants any more.
    pub(crate) fn hidden(&mut self, is_hidden: bool) {
        self.inputs.clear();
        self.hidden = Some(is_hidden);
    }

    /// What was measured. Of two that wait the newer is sent.
    pub(crate) fn lag(&mut self, lag: ClientLag) {
        self.lag = Some(lag);
    }

    pub(crate) fn input(&mut self, tick: Tick, input: PlayerInput, rewind: u16) {
        if self.inputs.len() == INPUTS_MAX {
            self.inputs.pop_front();
        }
        self.inputs.push_back((tick, input, rewind));
    }

    pub(crate) fn poll(&mut self) -> Option<Vec<u8>> {
        let message = if let Some(hello) = self.hello.take() {
            ClientMessage::Hello(hello)
        } else if let Some(cell) = self.resyncs.pop_front() {
            ClientMessage::ResyncCell(cell)
        } else if let Some(line) = self.said.pop_front() {
            ClientMessage::Chat(line)
        } else if let Some(is_hidden) = self.hidden.take() {
            ClientMessage::Hidden(is_hidden)
        } else if let Some((tick, input, rewind)) = self.inputs.pop_front() {
            self.unsaid = 0;
            ClientMessage::Input { tick, input, rewind, ack: self.ack }
        } else if let Some(lag) = self.lag.take() {
            ClientMessage::Lag(lag)
        } else if self.unsaid >= self.say_after {
            // A page in the background makes no inputs, and yet takes in what comes.
            self.unsaid = 0;
            ClientMessage::Ack(self.ack)
        } else {
            return None;
        };
        Some(encode_client(&message))
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::{limits::CLIENT_MESSAGE_BYTES_MAX, protocol::decode_client};

    use super::*;

    #[test]
    fn the_hello_comes_first_and_fits_whatever_was_typed() {
        let mut transmit = Transmit::hello(&"火".repeat(500));
        transmit.input(Tick(1), PlayerInput::default(), 0);
        transmit.resync(CellIndex(4));
        let hello = transmit.poll().expect("a hello waits");
        assert!(hello.len() <= CLIENT_MESSAGE_BYTES_MAX);
        assert!(matches!(decode_client(&hello), Ok(ClientMessage::Hello(_))));
        let mut next = || transmit.poll().map(|bytes| decode_client(&bytes));
        assert_eq!(next(), Some(Ok(ClientMessage::ResyncCell(CellIndex(4)))));
        assert!(matches!(next(), Some(Ok(ClientMessage::Input { .. }))));
        assert_eq!(next(), None);
    }

    #[test]
    fn what_was_seen_is_said_with_inputs_or_now_and_then_without() {
        let mut transmit = Transmit::hello("Ada");
        transmit.poll();
        transmit.begin(20);
        (0..4).for_each(|_| transmit.saw(Tick(300)));
        assert_eq!(transmit.poll(), None);
        transmit.saw(Tick(301));
        assert_eq!(transmit.poll(), Some(encode_client(&ClientMessage::Ack(45))));
        assert_eq!(transmit.poll(), None);
        transmit.saw(Tick(302));
        transmit.input(Tick(1), PlayerInput::default(), 0);
        let message = transmit.poll().map(|bytes| decode_client(&bytes));
        assert!(matches!(message, Some(Ok(ClientMessage::Input { ack: 46, .. }))));
    }

    #[test]
    fn of_inputs_that_nobody_takes_the_newest_stay() {
        let mut transmit = Transmit::hello("Ada");
        transmit.poll();
        (1..=100).for_each(|tick| transmit.input(Tick(tick), PlayerInput::default(), 0));
        let first = transmit.poll().map(|bytes| decode_client(&bytes));
        assert!(
            matches!(first, Some(Ok(ClientMessage::Input { tick, .. })) if tick.0 == 101 - INPUTS_MAX as u32)
        );
        assert_eq!(std::iter::from_fn(|| transmit.poll()).count(), INPUTS_MAX - 1);
    }
}
