//! WebSocket frames (RFC 6455, section 5) as a client with little to say needs them: bytes in, bytes out. It must
//! not know sockets. Whole frames only: the server sends none in parts.

use shared::engine::limits::SERVER_MESSAGE_BYTES_MAX;

/// Most bytes in front of a payload: two, eight for its length, four for a mask.
pub(super) const HEAD_BYTES_MAX: usize = 14;
/// Most bytes a control frame may carry.
pub(super) const CONTROL_BYTES_MAX: usize = 125;

const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opcode {
    Text = 1,
    Binary = 2,
    Close = 8,
    #[cfg_attr(not(test), expect(dead_code, reason = "clients have no need to ping"))]
    Ping = 9,
    Pong = 10,
}

/// What the server sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Incoming<'a> {
    /// A message, of either kind: in which of them it is written was agreed on before.
    Message(&'a [u8]),
    /// To be answered with the same in a pong.
    Ping(&'a [u8]),
    /// Nothing to do.
    Pong,
    /// It hangs up, perhaps with a code.
    Close(Option<u16>),
}

/// Why bytes are no frame that a server of this game sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FrameError {
    #[error("the server masked a frame")]
    Masked,
    #[error("the server sent a message in parts")]
    Fragment,
    #[error("the server sent a frame of an unknown kind")]
    Unknown,
    #[error("the server sent a frame of {0} bytes")]
    TooLong(u64),
}

/// Takes one frame off the front of `bytes`: the frame, and how many bytes it took. `None` if it is not all there.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Incoming<'_>, usize)>, FrameError> {
    let [first, second, rest @ ..] = bytes else {
        return Ok(None);
    };
    let opcode = first & 0x0f;
    if first & 0x70 != 0 {
        return Err(FrameError::Unknown);
    }
    if first & FIN == 0 || opcode == 0 {
        return Err(FrameError::Fragment);
    }
    if second & MASKED != 0 {
        return Err(FrameError::Masked);
    }
    let most = if opcode & 8 == 0 { SERVER_MESSAGE_BYTES_MAX } else { CONTROL_BYTES_MAX };
    let (length, at) = match (second & 0x7f, rest) {
        (126, [a, b, ..]) => (u64::from(u16::from_be_bytes([*a, *b])), 4),
        (127, [a, b, c, d, e, f, g, h, ..]) => (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), 10),
        (126 | 127, _) => return Ok(None),
        (short, _) => (u64::from(short), 2),
    };
    if length > most as u64 {
        return Err(FrameError::TooLong(length));
    }
    let end = at + length as usize;
    let Some(payload) = bytes.get(at..end) else {
        return Ok(None);
    };
    let incoming = match opcode {
        1 | 2 => Incoming::Message(payload),
        8 => Incoming::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code))),
        9 => Incoming::Ping(payload),
        10 => Incoming::Pong,
        _ => return Err(FrameError::Unknown),
    };
    Ok(Some((incoming, end)))
}

/// Appends a client's frame. Clients mask what they say.
pub(super) fn write(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8], mask: [u8; 4]) {
    out.push(FIN | opcode as u8);
    match payload.len() {
        short @ 0..126 => out.push(MASKED | short as u8),
        long @ 126..=0xffff => {
            out.push(MASKED | 126);
            out.extend_from_slice(&(long as u16).to_be_bytes());
        }
        longer => {
            out.push(MASKED | 127);
            out.extend_from_slice(&(longer as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&mask);
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

    /// What comes of a whole stream of bytes that arrives in parts, as it does in `Link`.
    fn heard(stream: &[u8], parts: &[usize]) -> Vec<(u8, Vec<u8>)> {
        let mut heard = Vec::new();
        let (mut tail, mut rest) = (Vec::new(), stream);
        for part in parts.iter().chain([&stream.len()]) {
            let (now, later) = rest.split_at((*part).min(rest.len()));
            rest = later;
            tail.extend_from_slice(now);
            let mut used = 0;
            while let Some((incoming, bytes)) = parse(&tail[used..]).unwrap() {
                heard.push(match incoming {
                    Incoming::Message(payload) => (2, payload.to_vec()),
                    Incoming::Ping(payload) => (9, payload.to_vec()),
                    Incoming::Pong => (10, Vec::new()),
                    Incoming::Close(code) => (8, code.unwrap_or_default().to_be_bytes().to_vec()),
                });
                used += bytes;
            }
            tail.drain(..used);
        }
        assert!(tail.is_empty());
        heard
    }

    /// Reads and writes memory.
    #[derive(Default)]
    struct Pipe {
        input: std::io::Cursor<Vec<u8>>,
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

    /// What another implementation sends as the server.
    fn sent(messages: &[Message]) -> Vec<u8> {
        let mut socket = WebSocket::from_raw_socket(Pipe::default(), Role::Server, None);
        for message in messages {
            socket.send(message.clone()).unwrap();
        }
        socket.get_ref().output.clone()
    }

    proptest! {
        #[test]
        fn however_a_stream_is_cut_the_messages_are_the_same(
            payloads in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..400)), 0..12),
            parts in proptest::collection::vec(1_usize..300, 0..60),
            large in prop_oneof![Just(0_usize), Just(65_535), Just(65_536), Just(SERVER_MESSAGE_BYTES_MAX)],
        ) {
            let mut messages: Vec<Message> = payloads
                .into_iter()
                .map(|(ping, mut payload)| {
                    if ping {
                        payload.truncate(CONTROL_BYTES_MAX);
                        Message::Ping(payload.into())
                    } else {
                        Message::Binary(payload.into())
                    }
                })
                .collect();
            messages.push(Message::Binary(vec![7; large].into()));
            let stream = sent(&messages);
            let expected: Vec<_> = messages
                .into_iter()
                .map(|message| match message {
                    Message::Ping(payload) => (9, payload.to_vec()),
                    other => (2, other.into_data().to_vec()),
                })
                .collect();
            prop_assert_eq!(heard(&stream, &parts), expected);
        }

        #[test]
        fn another_implementation_reads_what_is_written(
            payload in proptest::collection::vec(any::<u8>(), 0..70_000),
            mask: [u8; 4],
        ) {
            let mut stream = Vec::new();
            let control = &payload[..payload.len().min(CONTROL_BYTES_MAX)];
            write(&mut stream, Opcode::Binary, &payload, mask);
            write(&mut stream, Opcode::Ping, control, mask);
            write(&mut stream, Opcode::Pong, control, mask);
            write(&mut stream, Opcode::Close, &1000_u16.to_be_bytes(), mask);
            let pipe = Pipe { input: std::io::Cursor::new(stream), output: Vec::new() };
            let mut server = WebSocket::from_raw_socket(pipe, Role::Server, None);
            prop_assert_eq!(server.read().unwrap(), Message::Binary(payload.clone().into()));
            prop_assert_eq!(server.read().unwrap(), Message::Ping(control.to_vec().into()));
            prop_assert_eq!(server.read().unwrap(), Message::Pong(control.to_vec().into()));
            let Message::Close(Some(frame)) = server.read().unwrap() else { panic!("no close") };
            prop_assert_eq!(frame.code, CloseCode::Normal);
        }

        #[test]
        fn any_bytes_are_a_frame_or_not_yet_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(Some((_, used))) = parse(&bytes) {
                prop_assert!(used <= bytes.len());
            }
        }
    }

    #[test]
    fn what_the_server_never_sends_is_named() {
        assert_eq!(parse(&[0x02, 0]), Err(FrameError::Fragment));
        assert_eq!(parse(&[0x80, 0]), Err(FrameError::Fragment));
        assert_eq!(parse(&[0x82, 0x80]), Err(FrameError::Masked));
        assert_eq!(parse(&[0x83, 0]), Err(FrameError::Unknown));
        assert_eq!(parse(&[0xc2, 0]), Err(FrameError::Unknown));
        assert_eq!(parse(&[0x89, 126, 0, 200]), Err(FrameError::TooLong(200)));
        assert_eq!(parse(&[0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 1]), Err(FrameError::TooLong((1 << 20) + 1)));
    }

    #[test]
    fn a_close_has_a_code_or_none() {
        assert_eq!(parse(&[0x88, 2, 0x0f, 0xa1]), Ok(Some((Incoming::Close(Some(4001)), 4))));
        assert_eq!(parse(&[0x88, 0]), Ok(Some((Incoming::Close(None), 2))));
    }
}
