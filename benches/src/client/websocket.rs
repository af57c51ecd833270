//! WebSocket frames (RFC 6455, section 5) of a client that reads many in one buffer. tungstenite codes the headers; its
//! `WebSocket` would cost each of thousands of bots a read buffer and each message a copy. The server never splits a
//! message, so a part of one is an error.

use std::io::Cursor;

use shared::engine::limits::SERVER_MESSAGE_BYTES_MAX;
use tokio_tungstenite::tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Control, Data, OpCode},
};

/// The longest header: two bytes, eight for the length, four for a mask.
pub(super) const HEADER_BYTES_MAX: usize = 14;
/// The longest payload of a control frame.
const CONTROL_BYTES_MAX: usize = 125;

/// What the server sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Incoming<'a> {
    Message(&'a [u8]),
    /// To be answered with the same bytes in a pong.
    Ping(&'a [u8]),
    Pong,
    /// It closes the connection, perhaps with a code.
    Close(Option<u16>),
}

/// Takes one frame off the front of `bytes`: the frame, and how many bytes it took. None if it is not complete.
/// `expected` is the kind of message that the handshake agreed on.
pub(super) fn parse(bytes: &[u8], expected: Data) -> Result<Option<(Incoming<'_>, usize)>, String> {
    let mut cursor = Cursor::new(bytes);
    let header =
        FrameHeader::parse(&mut cursor).map_err(|error| format!("not a WebSocket frame: {error}"))?;
    let Some((header, length)) = header else {
        return Ok(None);
    };
    if header.mask.is_some() || header.rsv1 || header.rsv2 || header.rsv3 {
        return Err("the server sent a frame that is masked or of an unknown extension".to_owned());
    }
    let is_control = matches!(header.opcode, OpCode::Control(_));
    if length > if is_control { CONTROL_BYTES_MAX } else { SERVER_MESSAGE_BYTES_MAX } as u64 {
        return Err(format!("the server sent a frame of {length} bytes"));
    }
    if !header.is_final || header.opcode == OpCode::Data(Data::Continue) {
        return Err("the server sent a message in parts".to_owned());
    }
    let start = cursor.position() as usize;
    let end = start + length as usize;
    let Some(payload) = bytes.get(start..end) else {
        return Ok(None);
    };
    let incoming = match header.opcode {
        OpCode::Data(kind) if kind == expected => Incoming::Message(payload),
        OpCode::Control(Control::Ping) => Incoming::Ping(payload),
        OpCode::Control(Control::Pong) => Incoming::Pong,
        OpCode::Control(Control::Close) => {
            Incoming::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code)))
        }
        OpCode::Data(_) | OpCode::Control(Control::Reserved(_)) => {
            return Err("the server sent a message of the other encoding".to_owned());
        }
    };
    Ok(Some((incoming, end)))
}

/// Appends a client's frame, which is masked.
pub(super) fn write(out: &mut Vec<u8>, opcode: OpCode, payload: &[u8], mask: [u8; 4]) {
    let header = FrameHeader { opcode, mask: Some(mask), ..FrameHeader::default() };
    header.format(payload.len() as u64, out).expect("a vector takes all bytes");
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio_tungstenite::tungstenite::{
        Message, WebSocket,
        protocol::{Role, frame::coding::CloseCode},
    };

    use super::*;

    /// What is parsed from a stream that arrives in parts, as it does in a socket.
    fn received(stream: &[u8], parts: &[usize]) -> Vec<(u8, Vec<u8>)> {
        let mut received = Vec::new();
        let (mut tail, mut rest) = (Vec::new(), stream);
        for part in parts.iter().chain([&stream.len()]) {
            let (now, later) = rest.split_at((*part).min(rest.len()));
            rest = later;
            tail.extend_from_slice(now);
            let mut used = 0;
            while let Some((incoming, bytes)) = parse(&tail[used..], Data::Binary).unwrap() {
                received.push(match incoming {
                    Incoming::Message(payload) => (2, payload.to_vec()),
                    Incoming::Ping(payload) => (9, payload.to_vec()),
                    Incoming::Pong | Incoming::Close(_) => panic!("none was sent"),
                });
                used += bytes;
            }
            tail.drain(..used);
        }
        assert!(tail.is_empty());
        received
    }

    /// Reads and writes memory.
    #[derive(Default)]
    struct Pipe {
        input: Cursor<Vec<u8>>,
        output: Vec<u8>,
    }

    impl std::io::Read for Pipe {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            self.input.read(out)
        }
    }

    impl std::io::Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.output.write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    proptest! {
        #[test]
        fn messages_are_the_same_however_the_stream_is_cut(
            payloads in proptest::collection::vec(
                (any::<bool>(), proptest::collection::vec(any::<u8>(), 0..400)), 0..12),
            parts in proptest::collection::vec(1_usize..300, 0..60),
            large in prop_oneof![Just(0_usize), Just(65_535), Just(65_536), Just(SERVER_MESSAGE_BYTES_MAX)],
        ) {
            let mut socket = WebSocket::from_raw_socket(Pipe::default(), Role::Server, None);
            let mut expected = Vec::new();
            for (is_ping, mut payload) in payloads.into_iter().chain([(false, vec![7; large])]) {
                if is_ping {
                    payload.truncate(CONTROL_BYTES_MAX);
                }
                expected.push((if is_ping { 9 } else { 2 }, payload.clone()));
                let payload = payload.into();
                socket.send(if is_ping { Message::Ping(payload) } else { Message::Binary(payload) }).unwrap();
            }
            prop_assert_eq!(received(&socket.get_ref().output, &parts), expected);
        }

        #[test]
        fn server_side_implementation_reads_what_is_written(
            payload in proptest::collection::vec(any::<u8>(), 0..70_000),
            mask: [u8; 4],
        ) {
            let mut stream = Vec::new();
            let control = &payload[..payload.len().min(CONTROL_BYTES_MAX)];
            write(&mut stream, OpCode::Data(Data::Binary), &payload, mask);
            write(&mut stream, OpCode::Control(Control::Pong), control, mask);
            write(&mut stream, OpCode::Control(Control::Close), &1000_u16.to_be_bytes(), mask);
            let pipe = Pipe { input: Cursor::new(stream), output: Vec::new() };
            let mut server = WebSocket::from_raw_socket(pipe, Role::Server, None);
            prop_assert_eq!(server.read().unwrap(), Message::Binary(payload.clone().into()));
            prop_assert_eq!(server.read().unwrap(), Message::Pong(control.to_vec().into()));
            let Message::Close(Some(frame)) = server.read().unwrap() else { panic!("no close") };
            prop_assert_eq!(frame.code, CloseCode::Normal);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(Some((_, used))) = parse(&bytes, Data::Binary) {
                prop_assert!(used <= bytes.len());
            }
        }
    }

    #[test]
    fn frames_that_the_server_never_sends_are_errors() {
        let error = |bytes: &[u8]| parse(bytes, Data::Binary).unwrap_err();
        for part in [[0x02, 0], [0x80, 0]] {
            assert_eq!(error(&part), "the server sent a message in parts");
        }
        for strange in [&[0x82, 0x80, 1, 2, 3, 4][..], &[0xc2, 0]] {
            assert!(error(strange).contains("masked or of an unknown extension"));
        }
        assert!(error(&[0x83, 0]).contains("not a WebSocket frame"));
        assert_eq!(error(&[0x81, 0]), "the server sent a message of the other encoding");
        assert_eq!(error(&[0x89, 126, 0, 200]), "the server sent a frame of 200 bytes");
        let too_long = [0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 1];
        assert_eq!(error(&too_long), format!("the server sent a frame of {} bytes", (1 << 20) + 1));
    }

    #[test]
    fn close_has_a_code_or_none() {
        let close = |bytes: &'static [u8]| parse(bytes, Data::Binary).unwrap().unwrap().0;
        assert_eq!(close(&[0x88, 2, 0x0f, 0xa1]), Incoming::Close(Some(4001)));
        assert_eq!(close(&[0x88, 0]), Incoming::Close(None));
    }
}
