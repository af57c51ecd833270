//! What waits to be sent, in this order: the hello, requests and chat, inputs, reports, acknowledgements. Bounded,
//! because a page in the background may make inputs while nothing is sent.

use std::collections::VecDeque;

use shared::engine::{
    game_trait::{Game, Input},
    ids::{CellIndex, Tick},
    limits::{CHAT_CHARS_MAX, NAME_CHARS_MAX},
    protocol::{ClientLag, ClientMessage, Hello, encode_client},
};

/// Inputs that may wait. The server would not take more at once, and the newest are worth most.
const INPUTS_MAX: usize = 16;
/// Chat lines that may wait.
const LINES_MAX: usize = 8;

#[derive(Debug)]
pub(crate) struct Transmit<I> {
    hello: Option<Hello>,
    lines: VecDeque<String>,
    /// Each cell at most once: the replica asks for a cell once until it arrives.
    resyncs: VecDeque<CellIndex>,
    /// Tick, input, and how far behind that tick remote bodies are shown, in parts of a tick.
    inputs: VecDeque<(Tick, I, u16)>,
    hidden: Option<bool>,
    lag: Option<ClientLag>,
    badge: Option<u8>,
    /// The last byte of the newest frame's tick.
    ack: u8,
    /// Frames since that was last sent.
    unacked_frames: u16,
    /// After this many frames the ack is sent without an input.
    ack_interval: u16,
}

impl<I: Input> Transmit<I> {
    /// For a player of game `G` who asks for this name.
    pub(crate) fn new<G: Game<Input = I>>(name: &str) -> Self {
        let hello = Hello {
            // Cut, so that the hello fits a message whatever was typed.
            name: name.chars().take(NAME_CHARS_MAX).collect(),
            ..Hello::of::<G>()
        };
        Self {
            hello: Some(hello),
            lines: VecDeque::new(),
            resyncs: VecDeque::new(),
            inputs: VecDeque::new(),
            hidden: None,
            lag: None,
            badge: None,
            ack: 0,
            unacked_frames: 0,
            ack_interval: u16::MAX,
        }
    }

    /// Changes the hello, as long as it was not sent.
    pub(crate) fn edit_hello(&mut self, edit: impl FnOnce(&mut Hello)) {
        if let Some(hello) = &mut self.hello {
            edit(hello);
        }
    }

    /// Frames arrive from now on, this many a second.
    pub(crate) fn begin(&mut self, tick_rate: u16) {
        // The server expects an ack at least twice a second.
        self.ack_interval = tick_rate / 4;
    }

    /// A frame was applied.
    pub(crate) fn on_frame(&mut self, tick: Tick) {
        self.ack = tick.0 as u8;
        self.unacked_frames = self.unacked_frames.saturating_add(1);
    }

    pub(crate) fn resync(&mut self, cell: CellIndex) {
        self.resyncs.push_back(cell);
    }

    /// A chat line, cut to what fits a message; the server checks its length. Lines beyond the limit are dropped: the
    /// server would reject them for being too many.
    pub(crate) fn chat(&mut self, line: &str) {
        if self.lines.len() < LINES_MAX {
            self.lines.push_back(line.chars().take(CHAT_CHARS_MAX + NAME_CHARS_MAX).collect());
        }
    }

    /// Whether the page is hidden. Inputs from before the change are dropped.
    pub(crate) fn hidden(&mut self, is_hidden: bool) {
        self.inputs.clear();
        self.hidden = Some(is_hidden);
    }

    /// The badge to wear. It replaces one that still waits.
    pub(crate) fn badge(&mut self, number: u8) {
        self.badge = Some(number);
    }

    /// A lag report. It replaces one that still waits.
    pub(crate) fn lag(&mut self, lag: ClientLag) {
        self.lag = Some(lag);
    }

    pub(crate) fn input(&mut self, tick: Tick, input: I, rewind: u16) {
        if self.inputs.len() == INPUTS_MAX {
            self.inputs.pop_front();
        }
        self.inputs.push_back((tick, input, rewind));
    }

    /// The next message.
    pub(crate) fn poll(&mut self) -> Option<Vec<u8>> {
        let message = if let Some(hello) = self.hello.take() {
            ClientMessage::Hello(hello)
        } else if let Some(cell) = self.resyncs.pop_front() {
            ClientMessage::ResyncCell(cell)
        } else if let Some(line) = self.lines.pop_front() {
            ClientMessage::Chat(line)
        } else if let Some(is_hidden) = self.hidden.take() {
            ClientMessage::Hidden(is_hidden)
        } else if let Some((tick, input, rewind)) = self.inputs.pop_front() {
            self.unacked_frames = 0;
            ClientMessage::Input { tick, input, rewind, ack: self.ack }
        } else if let Some(number) = self.badge.take() {
            ClientMessage::Badge(number)
        } else if let Some(lag) = self.lag.take() {
            ClientMessage::Lag(lag)
        } else if self.unacked_frames >= self.ack_interval {
            // A spectator makes no inputs, nor does a page in the background.
            self.unacked_frames = 0;
            ClientMessage::Ack(self.ack)
        } else {
            return None;
        };
        Some(encode_client(&message))
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::{
        input::PlayerInput,
        limits::CLIENT_MESSAGE_BYTES_MAX,
        protocol::{Role, decode_client},
        testing::TestGame,
    };

    use super::*;

    /// A queue whose hello was sent.
    fn greeted() -> Transmit<PlayerInput> {
        let mut transmit = Transmit::new::<TestGame>("Ada");
        transmit.poll();
        transmit
    }

    fn next(transmit: &mut Transmit<PlayerInput>) -> Option<ClientMessage<PlayerInput>> {
        transmit.poll().map(|bytes| decode_client(&bytes).expect("it encodes messages"))
    }

    #[test]
    fn hello_is_first_and_fits_a_message_whatever_was_typed() {
        let mut transmit = Transmit::new::<TestGame>(&"火".repeat(500));
        transmit.edit_hello(|hello| hello.role = Role::Spectator);
        transmit.input(Tick(1), PlayerInput::default(), 0);
        transmit.resync(CellIndex(4));
        let hello = transmit.poll().expect("a hello waits");
        assert!(hello.len() <= CLIENT_MESSAGE_BYTES_MAX);
        let Ok(ClientMessage::Hello(hello)) = decode_client::<PlayerInput>(&hello) else { panic!("a hello") };
        assert_eq!((hello.protocol.0, hello.game.as_str()), (TestGame::PROTOCOL_VERSION, TestGame::NAME));
        assert_eq!(hello.role, Role::Spectator);
        assert_eq!(next(&mut transmit), Some(ClientMessage::ResyncCell(CellIndex(4))));
        assert!(matches!(next(&mut transmit), Some(ClientMessage::Input { .. })));
        assert_eq!(next(&mut transmit), None);
    }

    #[test]
    fn ack_is_sent_with_each_input_and_alone_after_a_while() {
        let mut transmit = greeted();
        transmit.begin(20);
        (0..4).for_each(|_| transmit.on_frame(Tick(300)));
        assert_eq!(next(&mut transmit), None);
        transmit.on_frame(Tick(301));
        assert_eq!(next(&mut transmit), Some(ClientMessage::Ack(45)));
        assert_eq!(next(&mut transmit), None);
        transmit.on_frame(Tick(302));
        transmit.input(Tick(1), PlayerInput::default(), 0);
        assert!(matches!(next(&mut transmit), Some(ClientMessage::Input { ack: 46, .. })));
    }

    #[test]
    fn newest_inputs_are_kept() {
        let mut transmit = greeted();
        (1..=100).for_each(|tick| transmit.input(Tick(tick), PlayerInput::default(), 0));
        let oldest = Tick(101 - INPUTS_MAX as u32);
        assert!(matches!(next(&mut transmit), Some(ClientMessage::Input { tick, .. }) if tick == oldest));
        assert_eq!(std::iter::from_fn(|| transmit.poll()).count(), INPUTS_MAX - 1);
    }

    #[test]
    fn hiding_drops_the_inputs_that_wait() {
        let mut transmit = greeted();
        transmit.input(Tick(1), PlayerInput::default(), 0);
        transmit.hidden(true);
        assert_eq!(next(&mut transmit), Some(ClientMessage::Hidden(true)));
        assert_eq!(next(&mut transmit), None);
    }

    #[test]
    fn chat_lines_are_cut_and_bounded() {
        let mut transmit = greeted();
        (0..20).for_each(|_| transmit.chat(&"火".repeat(1000)));
        let lines: Vec<_> = std::iter::from_fn(|| transmit.poll()).collect();
        assert_eq!(lines.len(), LINES_MAX);
        assert!(lines.iter().all(|bytes| bytes.len() <= CLIENT_MESSAGE_BYTES_MAX));
    }

    #[test]
    fn newer_lag_report_replaces_the_older() {
        let mut transmit = greeted();
        let newer = ClientLag { network: shared::engine::protocol::TenthMs(7), ..ClientLag::default() };
        transmit.lag(ClientLag::default());
        transmit.lag(newer);
        assert_eq!(next(&mut transmit), Some(ClientMessage::Lag(newer)));
        assert_eq!(next(&mut transmit), None);
    }
}
