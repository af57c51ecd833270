//! What the network side knows of the game: its name, its version, and how its messages are translated. Function pointers, so that
//! the network side is compiled once for all games.

use shared::engine::{
    game_trait::Game,
    protocol::{
        ClientMessage, CloseReason, DecodeError, Hello, ProtocolVersion, RawInput, decode_client,
        decode_client_json, decode_server, encode_server_json, hello_version, hello_version_json,
    },
};

use super::connection_state::Close;

/// A message of a client, whose input is valid but still encoded.
pub type ClientMessageOfAnyGame = ClientMessage<RawInput>;

/// The messages of one game.
#[derive(Clone, Copy, Debug)]
pub struct GameCodec {
    name: &'static str,
    version: ProtocolVersion,
    decode: fn(&[u8]) -> Result<ClientMessageOfAnyGame, DecodeError>,
    decode_json: fn(&str) -> Result<ClientMessageOfAnyGame, DecodeError>,
    to_json: fn(&[u8]) -> Result<String, DecodeError>,
}

impl GameCodec {
    /// The codec of a game.
    pub fn of<G: Game>() -> Self {
        Self {
            name: G::NAME,
            version: ProtocolVersion(G::PROTOCOL_VERSION),
            decode: |bytes| decode_client::<G::Input>(bytes)?.into_raw(),
            decode_json: |text| decode_client_json::<G::Input>(text)?.into_raw(),
            to_json: |bytes| decode_server::<G>(bytes).map(|message| encode_server_json(&message)),
        }
    }

    /// Translates server messages by `to_json` instead.
    #[cfg(test)]
    pub(crate) fn with_to_json(self, to_json: fn(&[u8]) -> Result<String, DecodeError>) -> Self {
        Self { to_json, ..self }
    }

    /// Decodes a client's message in the binary encoding.
    pub fn decode(&self, bytes: &[u8]) -> Result<ClientMessageOfAnyGame, Close> {
        self.checked((self.decode)(bytes), || hello_version(bytes))
    }

    /// The same of JSON.
    pub fn decode_json(&self, text: &str) -> Result<ClientMessageOfAnyGame, Close> {
        self.checked((self.decode_json)(text), || hello_version_json(text))
    }

    /// A server's message, which this process has encoded, as JSON.
    pub fn to_json(&self, message: &[u8]) -> Result<String, DecodeError> {
        (self.to_json)(message)
    }

    /// `version` is that of what may be the `Hello` of another version, which has other fields.
    fn checked(
        &self,
        decoded: Result<ClientMessageOfAnyGame, DecodeError>,
        version: impl FnOnce() -> Option<ProtocolVersion>,
    ) -> Result<ClientMessageOfAnyGame, Close> {
        match decoded {
            Ok(message) => {
                if let ClientMessage::Hello(hello) = &message {
                    self.check(hello)?;
                }
                Ok(message)
            }
            Err(_) if version().is_some_and(|version| !version.fits(self.version)) => {
                Err(CloseReason::VersionMismatch.into())
            }
            // The reason says already that it is not a message of this protocol.
            Err(DecodeError::Malformed(why)) => Err(Close::with_detail(CloseReason::InvalidPayload, why)),
            Err(error) => Err(Close::with_detail(CloseReason::InvalidPayload, error)),
        }
    }

    /// The game comes first: to load the page again helps against another version only.
    fn check(&self, Hello { game, protocol, .. }: &Hello) -> Result<(), Close> {
        if !game.is_empty() && game != self.name {
            let detail = format!("this server runs {}; open the server's own page", self.name);
            return Err(Close::with_detail(CloseReason::OtherGame, detail));
        }
        if protocol.fits(self.version) { Ok(()) } else { Err(CloseReason::VersionMismatch.into()) }
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::{
        input::PlayerInput,
        protocol::{encode_client, encode_client_json, encode_server, server_samples},
        testing::TestGame,
    };

    use super::*;

    type Message = ClientMessage<PlayerInput>;

    fn codec() -> GameCodec {
        GameCodec::of::<TestGame>()
    }

    fn reason_of(hello: Hello) -> Option<CloseReason> {
        codec().decode(&encode_client(&Message::Hello(hello))).err().map(|close| close.reason)
    }

    #[test]
    fn both_encodings_give_the_same_message() {
        let message = Message::Hello(Hello { name: "Ada".into(), ..Hello::default() });
        let decoded = codec().decode(&encode_client(&message));
        assert_eq!(decoded, codec().decode_json(&encode_client_json(&message)));
        assert_eq!(decoded, Ok(message.into_raw().expect("no input")));
    }

    #[test]
    fn hello_of_another_version_or_game_is_refused() {
        let ours = ProtocolVersion(TestGame::PROTOCOL_VERSION);
        let hello = |protocol, game: &str| Hello { protocol, game: game.into(), ..Hello::default() };
        for (hello, expected) in [
            (hello(ours, "test"), None),
            (hello(ProtocolVersion::OF_SERVER, ""), None),
            (hello(ProtocolVersion(8), ""), Some(CloseReason::VersionMismatch)),
            (hello(ProtocolVersion(8), "test"), Some(CloseReason::VersionMismatch)),
            (hello(ProtocolVersion(8), "tag"), Some(CloseReason::OtherGame)),
            (hello(ours, "tag"), Some(CloseReason::OtherGame)),
        ] {
            assert_eq!(reason_of(hello.clone()), expected, "{hello:?}");
        }
    }

    #[test]
    fn hello_of_another_version_is_told_apart_from_one_that_is_malformed() {
        let ours = TestGame::PROTOCOL_VERSION;
        for (protocol, expected) in [(8, CloseReason::VersionMismatch), (ours, CloseReason::InvalidPayload)] {
            let hello = Hello { protocol: ProtocolVersion(protocol), ..Hello::default() };
            let longer = [encode_client(&Message::Hello(hello)), vec![0]].concat();
            assert_eq!(codec().decode(&longer).expect_err("too long").reason, expected);
            let text = format!(r#"{{"Hello":{{"protocol":"{protocol:016x}","shoes":"red"}}}}"#);
            assert_eq!(codec().decode_json(&text).expect_err("a field too many").reason, expected);
        }
    }

    #[test]
    fn detail_does_not_repeat_the_reason() {
        for bytes in [&[0xff; 9][..], &[]] {
            let close = codec().decode(bytes).expect_err("no message");
            assert_eq!(close.reason, CloseReason::InvalidPayload);
            let detail = close.detail.expect("one");
            assert!(!detail.contains("of this protocol") && !detail.contains('{'), "{detail}");
        }
    }

    #[test]
    fn every_server_message_has_json() {
        for (name, message) in server_samples::<TestGame>() {
            let json = codec().to_json(&encode_server(&message));
            assert_eq!(json.as_deref(), Ok(&*encode_server_json(&message)), "{name}");
        }
    }
}
