//! What a run of the load generator is made of: where the server is, how many bots, and what they do.

use clap::{Args, Command, FromArgMatches, ValueEnum, value_parser};
use shared::engine::{
    game_trait::{Game, Input},
    protocol::{
        ClientMessage, DecodeError, FrameHead, SUBPROTOCOL_BINCODE, SUBPROTOCOL_JSON, ServerMessage,
        decode_frame_head, decode_frame_head_json, decode_server, decode_server_json, encode_client,
        encode_client_json,
    },
};
use tokio_tungstenite::tungstenite::protocol::frame::coding::Data;

use super::{Address, flags};
use crate::{cli, conditioner::Conditions};

/// Also the flags of a [`program`](super::main) of bots, whose help is made of these comments.
#[derive(Clone, Debug, clap::Args)]
pub struct Plan {
    /// The server's address, ws:// or wss:// (any certificate is accepted); the path defaults to /ws
    #[arg(long = "url", value_name = "URL", default_value = "ws://127.0.0.1:8080")]
    pub address: Address,

    /// The server is `emberdrift-baseline`, whose frames have FRAME_BYTES bytes: no handshake, and no game
    #[arg(long, value_name = "FRAME_BYTES", value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub baseline: Option<u32>,

    /// Make this many private rooms first, and spread the bots over them
    #[arg(long, value_name = "COUNT", default_value_t = 0, value_parser = value_parser!(u32).range(0..=10_000), conflicts_with = "baseline")]
    pub rooms: u32,

    /// Number of bots
    #[arg(long = "players", value_name = "COUNT", default_value_t = 200, value_parser = value_parser!(u32).range(1..=20_000))]
    pub bots: u32,

    /// What the bots do
    #[arg(long, value_enum, default_value_t)]
    pub scenario: Scenario,

    /// Number of full bots; slow readers are always lite [default: all of up to 100 bots, else 16]
    #[arg(long, value_name = "COUNT")]
    pub full: Option<u32>,

    /// Measured time, from when all have joined (or, in a crowd, gathered)
    #[arg(long, default_value_t = 20.0, value_parser = |text: &str| cli::number(text, 0.1..=86_400.0))]
    pub seconds: f64,

    /// How many join in a second
    #[arg(long, value_name = "RATE", default_value = "200/s", value_parser = flags::ramp)]
    pub ramp: f64,

    /// How many leave in a second and are replaced [default: the scenario's]
    #[arg(long, value_name = "RATE", value_parser = flags::ramp)]
    pub churn: Option<f64>,

    /// No bot fights: they only move about
    #[arg(long)]
    pub peaceful: bool,

    /// Lite bots read each frame as soon as it arrives instead of once a millisecond. On one machine the server pays for
    /// waking their threads
    #[arg(long)]
    pub eager: bool,

    /// The encoding of their messages
    #[arg(long, value_enum, default_value_t)]
    pub encoding: Encoding,

    /// The bots chat: four lines a second, all together
    #[arg(long)]
    pub chat: bool,

    /// Bots reach the server through a network conditioner, such as "delay=100ms jitter=20ms stall=300ms/10s
    /// cut=5s/60s"; each part is optional. Bots that a cut disconnects do not come back. The conditioner runs in the
    /// bots' process and adds to its CPU
    #[arg(long = "link", value_name = "CONDITIONS")]
    pub conditions: Option<Conditions>,

    /// Seed of what the bots do
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

impl Plan {
    /// What the flags' defaults say.
    pub fn new(address: Address) -> Self {
        let command = Self::augment_args(Command::new("defaults"));
        let plan = Self::from_arg_matches(&command.get_matches_from(["defaults"]));
        Self { address, ..plan.expect("every flag has a default") }
    }
}

/// A named mixture of behaviour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// All over the arena: they play
    #[default]
    Spread,
    /// All gather at the arena's centre and play there
    Crowd,
    /// As spread, and fifty bots leave in a second and are replaced
    Churn,
    /// As spread, and a fifth reads too slowly once it has joined: a third of these pauses for five seconds now and then,
    /// a third stops reading, a third reads a kilobyte a second
    Stalled,
    /// Most spread, a quarter at the centre, some churn, a few slow readers
    Mixed,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Behaviour {
    /// The share, 0 to 1, that keeps to the arena's centre.
    pub(super) centre_share: f64,
    /// The share, 0 to 1, that reads too slowly.
    pub(super) stalled_share: f64,
    /// How many leave in a second and are replaced.
    pub(super) churn: Option<f64>,
    /// The measured time begins only when the bots of the centre are there.
    pub(super) gathers: bool,
}

impl Scenario {
    pub(super) fn behaviour(self) -> Behaviour {
        let spread = Behaviour { centre_share: 0.0, stalled_share: 0.0, churn: None, gathers: false };
        match self {
            Self::Spread => spread,
            Self::Crowd => Behaviour { centre_share: 1.0, gathers: true, ..spread },
            Self::Churn => Behaviour { churn: Some(50.0), ..spread },
            Self::Stalled => Behaviour { stalled_share: 0.2, ..spread },
            Self::Mixed => Behaviour { centre_share: 0.25, stalled_share: 0.05, churn: Some(5.0), ..spread },
        }
    }

    /// Its name on the command line.
    pub(super) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// An encoding of the game's messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Encoding {
    /// Binary frames
    #[default]
    Bincode,
    /// Text frames
    Json,
}

impl Encoding {
    pub(super) fn subprotocol(self) -> &'static str {
        match self {
            Self::Bincode => SUBPROTOCOL_BINCODE,
            Self::Json => SUBPROTOCOL_JSON,
        }
    }

    /// Of WebSocket frames.
    pub(super) fn frame_kind(self) -> Data {
        match self {
            Self::Bincode => Data::Binary,
            Self::Json => Data::Text,
        }
    }

    pub(super) fn encode<I: Input>(self, message: &ClientMessage<I>) -> Vec<u8> {
        match self {
            Self::Bincode => encode_client(message),
            Self::Json => encode_client_json(message).into_bytes(),
        }
    }

    pub(super) fn decode<G: Game>(self, message: &[u8]) -> Result<ServerMessage<G>, DecodeError> {
        match self {
            Self::Bincode => decode_server(message),
            Self::Json => decode_server_json(text(message)?),
        }
    }

    pub(super) fn decode_head<G: Game>(self, message: &[u8]) -> Result<FrameHead<G>, DecodeError> {
        match self {
            Self::Bincode => decode_frame_head(message),
            Self::Json => decode_frame_head_json(text(message)?),
        }
    }
}

fn text(message: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(message).map_err(|error| DecodeError::Malformed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_have_names_and_shares_in_range() {
        for scenario in Scenario::value_variants() {
            assert_eq!(Scenario::from_str(&scenario.name(), false).as_ref(), Ok(scenario));
            let behaviour = scenario.behaviour();
            let shares = [behaviour.centre_share, behaviour.stalled_share];
            assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)), "{scenario:?}");
        }
    }
}
