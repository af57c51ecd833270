//! What the two processes say to one another, who the other is, and how an open socket goes through a Unix socket (SCM_RIGHTS).

use std::{
    fmt,
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{BorrowedFd, OwnedFd},
    time::Duration,
};

use rustix::{
    cmsg_space,
    net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
        SendFlags, recvmsg, sendmsg,
    },
    process::geteuid,
};
use tokio::{
    io::{AsyncReadExt, Interest},
    net::UnixStream,
};

use crate::engine::net::running_time;

pub(super) const GREETING: &[u8] = b"emberdrift takeover 1\n";
pub(super) const STOP: &[u8] = b"stop\n";
pub(super) const STOPPING: &[u8] = b"stopping\n";
pub(super) const KEPT: &[u8] = b"players are kept\n";
pub(super) const LOST: &[u8] = b"players are lost\n";

/// How long a process has for each thing that it says.
pub(super) const ANSWER: Duration = Duration::from_secs(5);

/// The other process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer {
    pub(super) user: u32,
    pub(super) process: Option<i32>,
}

impl Peer {
    pub(super) fn of(stream: &UnixStream) -> io::Result<Self> {
        let credentials = stream.peer_cred()?;
        Ok(Self { user: credentials.uid(), process: credentials.pid() })
    }

    /// Whether it runs as the same user as this process.
    pub(super) fn is_trusted(self) -> bool {
        self.user == geteuid().as_raw()
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.process {
            Some(process) => write!(out, "process {process}"),
            None => write!(out, "the process"),
        }
    }
}

/// Whether the next bytes are these, in time.
pub(super) async fn hears(stream: &mut UnixStream, expected: &[u8]) -> bool {
    let mut said = vec![0; expected.len()];
    matches!(running_time::timeout(ANSWER, stream.read_exact(&mut said)).await, Ok(Ok(_))) && said == expected
}

/// The longest text that comes with a descriptor, in bytes.
const TEXT_BYTES_MAX: usize = 64;

/// Sends a text together with a descriptor. The text must fit into the socket's buffer.
pub(super) async fn send_with(
    stream: &UnixStream,
    text: &[u8],
    descriptor: BorrowedFd<'_>,
) -> io::Result<()> {
    let sent = stream.async_io(Interest::WRITABLE, || {
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let descriptors = [descriptor];
        control.push(SendAncillaryMessage::ScmRights(&descriptors));
        Ok(sendmsg(stream, &[IoSlice::new(text)], &mut control, SendFlags::empty())?)
    });
    match sent.await? {
        all if all == text.len() => Ok(()),
        _ => Err(io::ErrorKind::WriteZero.into()),
    }
}

/// Receives a text and the descriptor that came with it, if one did.
pub(super) async fn receive_with(stream: &UnixStream) -> io::Result<(Vec<u8>, Option<OwnedFd>)> {
    let received = stream.async_io(Interest::READABLE, || {
        let mut text = [0; TEXT_BYTES_MAX];
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let message = recvmsg(stream, &mut [IoSliceMut::new(&mut text)], &mut control, RecvFlags::empty())?;
        let descriptor = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        });
        Ok((text[..message.bytes].to_vec(), descriptor))
    });
    received.await
}
