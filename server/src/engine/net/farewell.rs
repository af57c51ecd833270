//! The end of a WebSocket: the close frame leaves, the answer comes, nothing is cut off half-way. Must not
//! know what a reason means.

use std::{future::poll_fn, task::Poll, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};
use tokio_tungstenite::tungstenite::{Message, protocol::CloseFrame};

use super::{error::Ending, meter::Wire, socket::Socket};

/// What a peer may still send while it is shown out. A client has some inputs under way; a flood is not waited for.
const DISCARDED_BYTES_MAX: u64 = 256 * 1024;

impl<S: Wire> Socket<S> {
    /// Says why it ends, if there is something to say, behind whatever is still to be flushed, and waits for the peer's
    /// answer, for at most `within`.
    pub(super) async fn farewell(&mut self, ending: &Ending, within: Duration) {
        // Whether in time or not, there is nobody left to tell.
        let _ = timeout(within, async {
            if !self.close_handshake(ending).await {
                self.linger().await;
            }
        })
        .await;
    }

    /// Sends the close frame, if any, and reads until the WebSocket is over. Both at once: a peer that only reads
    /// when its own writes are taken would wait for ever otherwise. True if it came to a good end.
    async fn close_handshake(&mut self, ending: &Ending) -> bool {
        let read_before = self.stream.read;
        let mut goodbye = ending.reason().map(|reason| {
            Message::Close(Some(CloseFrame { code: reason.code().into(), reason: ending.text().into() }))
        });
        let mut reading = true;
        poll_fn(|cx| {
            let mut writing = true;
            if let Some(frame) = goodbye.take()
                && self.start(cx, frame).is_err()
            {
                return Poll::Ready(false);
            }
            match self.poll_flush(cx) {
                Poll::Ready(Ok(())) => writing = false,
                Poll::Ready(Err(_)) => return Poll::Ready(false),
                Poll::Pending => {}
            }
            while reading {
                match self.poll_receive(cx) {
                    Poll::Ready(Some(Ok(_))) => {}
                    Poll::Ready(Some(Err(_)) | None) => reading = false,
                    Poll::Pending => break,
                }
                if self.stream.read - read_before > DISCARDED_BYTES_MAX {
                    return Poll::Ready(false);
                }
            }
            if writing || reading { Poll::Pending } else { Poll::Ready(!self.failed) }
        })
        .await
    }

    /// After an error the answer can no longer be read as frames. Dropping a socket with unread bytes in it resets
    /// the connection, which can destroy the close frame on its way: so end our half, and read until the peer ends
    /// its own.
    async fn linger(&mut self) {
        let stream = &mut self.stream.stream;
        let _ = stream.shutdown().await;
        let mut scratch = [0; 2048];
        let mut budget = DISCARDED_BYTES_MAX;
        while let Ok(count) = stream.read(&mut scratch).await {
            budget = budget.saturating_sub(count as u64);
            if count == 0 || budget == 0 {
                return;
            }
        }
    }
}
