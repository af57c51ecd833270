//! What the network side knows of the game: its name, its version, and how its messages are translated. Function pointers, so that
//! the network side is compiled once for all games.

use shared::engine::{
    game_trait::Game,
    limits::GAME_NAME_BYTES_MAX,
    protocol::{
        ClientMessage, CloseReason, DecodeError, ProtocolVersion, RawInput, decode_client,
        decode_client_json, decode_server, encode_server_json, hello_start, hello_start_json,
    },
};

use super::connection_state::Close;

/// A message of a client, whose input is valid but still encoded.
pub type RawClientMessage = ClientMessage<RawInput>;

/// The messages of one game.
#[derive(Clone, Copy, Debug)]
pub struct GameCodec {
    name: &'static str,
    version: ProtocolVersion,
    decode: fn(&[u8]) -> Result<RawClientMessage, DecodeError>,
    decode_json: fn(&str) -> Result<RawClientMessage, DecodeError>,
    to_json: fn(&[u8]) -> Result<String, DecodeError>,
}

impl GameCodec {
    /// The codec of a game.
    pub fn of<G: Game>() -> Self {
        const {
            let bytes = G::NAME.len();
            assert!(
                bytes > 0 && bytes <= GAME_NAME_BYTES_MAX,
                "a game's name has 1 to 24 bytes: GAME_NAME_BYTES_MAX"
            );
            assert!(G::PROTOCOL_VERSION != ProtocolVersion::OF_SERVER.0, "0 stands for any version");
        }
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
    pub fn decode(&self, bytes: &[u8]) -> Result<RawClientMessage, Close> {
        (self.decode)(bytes).map_err(|error| self.fault(error, hello_start(bytes), false))
    }

    /// The same of JSON.
    pub fn decode_json(&self, text: &str) -> Result<RawClientMessage, Close> {
        (self.decode_json)(text).map_err(|error| self.fault(error, hello_start_json(text), true))
    }

    /// A server's message, which this process has encoded, as JSON.
    pub fn to_json(&self, message: &[u8]) -> Result<String, DecodeError> {
        (self.to_json)(message)
    }

    /// Whether a client that says this understands the server. A client that speaks JSON reads fields by their names, so it need not
    /// state a version. The game comes first: to load the page again helps against another version only.
    pub fn check(&self, protocol: ProtocolVersion, game: &str, is_json: bool) -> Result<(), Close> {
        if !game.is_empty() && game != self.name {
            let detail = format!("this server runs {}; open the server's own page", self.name);
            return Err(Close::with_detail(CloseReason::OtherGame, detail));
        }
        let is_ours = protocol == self.version || is_json && protocol == ProtocolVersion::OF_SERVER;
        if is_ours { Ok(()) } else { Err(CloseReason::VersionMismatch.into()) }
    }

    /// Why a message cannot be decoded. `start` is that of what may be a `Hello` of another version, which has other fields.
    fn fault(&self, error: DecodeError, start: Option<(ProtocolVersion, String)>, is_json: bool) -> Close {
        let other = start.and_then(|(protocol, game)| self.check(protocol, &game, is_json).err());
        other.unwrap_or_else(|| match error {
            // The reason says already that it is not a message of this protocol.
            DecodeError::Malformed(why) => Close::with_detail(CloseReason::InvalidPayload, why),
            error => Close::with_detail(CloseReason::InvalidPayload, error),
        })
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::{
        input::PlayerInput,
        protocol::{Hello, encode_client, encode_client_json, encode_server, server_samples},
        testing::TestGame,
    };

    use super::*;

    type Message = ClientMessage<PlayerInput>;

    fn codec() -> GameCodec {
        GameCodec::of::<TestGame>()
    }

    fn reason_of(hello: &Hello, is_json: bool) -> Option<CloseReason> {
        codec().check(hello.protocol, &hello.game, is_json).err().map(|close| close.reason)
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
        let (ours, any) = (ProtocolVersion(TestGame::PROTOCOL_VERSION), ProtocolVersion::OF_SERVER);
        let hello = |protocol, game: &str| Hello { protocol, game: game.into(), ..Hello::default() };
        let (version, game) = (Some(CloseReason::VersionMismatch), Some(CloseReason::OtherGame));
        for (hello, in_bincode, in_json) in [
            (Hello::of::<TestGame>(), None, None),
            (hello(ours, ""), None, None),
            (hello(any, ""), version, None),
            (hello(any, "test"), version, None),
            (hello(ProtocolVersion(8), "test"), version, version),
            (hello(ProtocolVersion(8), "tag"), game, game),
            (hello(any, "tag"), game, game),
        ] {
            assert_eq!(
                (reason_of(&hello, false), reason_of(&hello, true)),
                (in_bincode, in_json),
                "{hello:?}"
            );
        }
    }

    #[test]
    fn hello_of_another_version_is_told_apart_from_one_that_is_malformed() {
        let ours = TestGame::PROTOCOL_VERSION;
        for (protocol, game, expected) in [
            (8, "test", CloseReason::VersionMismatch),
            (8, "tag", CloseReason::OtherGame),
            (ours, "test", CloseReason::InvalidPayload),
        ] {
            let hello = Hello { protocol: ProtocolVersion(protocol), game: game.into(), ..Hello::default() };
            let longer = [encode_client(&Message::Hello(hello)), vec![0]].concat();
            assert_eq!(codec().decode(&longer).expect_err("too long").reason, expected);
            let text =
                format!(r#"{{"Hello":{{"protocol":"{protocol:016x}","game":"{game}","shoes":"red"}}}}"#);
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
