//! What a run of the load generator is made of: where the server is, how many bots, and what they do.

use clap::ValueEnum;
use shared::{
    engine::protocol::{
        ClientMessage, DecodeError, SUBPROTOCOL_BINCODE, SUBPROTOCOL_JSON, encode_client, encode_client_json,
    },
    game::protocol::{
        FrameHead, ServerMessage, decode_frame_head, decode_frame_head_json, decode_server,
        decode_server_json,
    },
};

use super::{Address, Ramp};
use crate::conditioner::Conditions;

#[derive(Clone, Debug)]
pub struct Plan {
    pub address: Address,
    pub target: Target,
    pub bots: u32,
    /// How many bots are full ones, as far as enough read at full speed. By default all of up to a hundred bots, and
    /// 16 of more.
    pub full: Option<u32>,
    /// For lite bots.
    pub threads: usize,
    /// Measured time, from when all have joined.
    pub seconds: f64,
    pub seed: u64,
    pub ramp: Ramp,
    pub scenario: Scenario,
    /// How many leave in a second and are replaced, if not as the scenario says.
    pub churn: Option<Ramp>,
    /// The share, 0 to 1, that reads too slowly, if not as the scenario says.
    pub stalled: Option<f64>,
    /// No bot fires or boosts.
    pub peaceful: bool,
    /// Lite bots read each frame as soon as it arrives; see `worker`.
    pub eager: bool,
    pub encoding: Encoding,
    pub chat: bool,
    /// What a network conditioner between bots and server does.
    pub conditions: Option<Conditions>,
}

/// What kind of server the bots connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Game,
    /// The bare server: no handshake, frames of so many bytes.
    Baseline {
        frame_bytes: usize,
        tick_rate: u16,
    },
}

impl Plan {
    /// 200 bots for twenty seconds, all over the arena.
    pub fn new(address: Address) -> Self {
        Self {
            address,
            target: Target::Game,
            bots: 200,
            full: None,
            threads: 1,
            seconds: 20.0,
            seed: 1,
            ramp: Ramp::per_second(200.0),
            scenario: Scenario::Spread,
            churn: None,
            stalled: None,
            peaceful: false,
            eager: false,
            encoding: Encoding::Bincode,
            chat: false,
            conditions: None,
        }
    }

    /// The scenario's behaviour, with the plan's own changes to it.
    pub(super) fn behaviour(&self) -> Behaviour {
        let usual = self.scenario.behaviour();
        Behaviour {
            stalled_share: self.stalled.map_or(usual.stalled_share, |share| share.clamp(0.0, 1.0)),
            churn: self.churn.or(usual.churn),
            ..usual
        }
    }
}

/// A named mixture of behaviour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// All over the arena: they gather embers and fight
    #[default]
    Spread,
    /// All fly to the arena's centre and fight there
    Crowd,
    /// As spread, and bots leave and join all the time
    Churn,
    /// As spread, and some bots read too slowly or not at all
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
    pub(super) churn: Option<Ramp>,
    /// The measured time begins only when the bots of the centre are there.
    pub(super) gathers: bool,
}

impl Scenario {
    fn behaviour(self) -> Behaviour {
        let spread = Behaviour { centre_share: 0.0, stalled_share: 0.0, churn: None, gathers: false };
        match self {
            Self::Spread => spread,
            Self::Crowd => Behaviour { centre_share: 1.0, gathers: true, ..spread },
            Self::Churn => Behaviour { churn: Some(Ramp::per_second(50.0)), ..spread },
            Self::Stalled => Behaviour { stalled_share: 0.2, ..spread },
            Self::Mixed => Behaviour {
                centre_share: 0.25,
                stalled_share: 0.05,
                churn: Some(Ramp::per_second(5.0)),
                ..spread
            },
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
    /// What the handshake asks for.
    pub(super) fn subprotocol(self) -> &'static str {
        match self {
            Self::Bincode => SUBPROTOCOL_BINCODE,
            Self::Json => SUBPROTOCOL_JSON,
        }
    }

    pub(super) fn encode(self, message: &ClientMessage) -> Vec<u8> {
        match self {
            Self::Bincode => encode_client(message),
            Self::Json => encode_client_json(message).into_bytes(),
        }
    }

    pub(super) fn decode(self, message: &[u8]) -> Result<ServerMessage, DecodeError> {
        match self {
            Self::Bincode => decode_server(message),
            Self::Json => decode_server_json(text(message)?),
        }
    }

    pub(super) fn decode_head(self, message: &[u8]) -> Result<FrameHead, DecodeError> {
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
