//! Connects every few milliseconds, as a new visitor would, and counts what is refused.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
    time::{sleep, timeout},
};

const EVERY: Duration = Duration::from_millis(5);
/// As long as a browser waits.
const ANSWER: Duration = Duration::from_secs(20);
const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// What came of the connects.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Connects {
    pub(super) all: u32,
    /// No connection, or one that was closed without an answer.
    pub(super) refused: u32,
}

#[derive(Debug)]
pub(super) struct Probe {
    end: oneshot::Sender<()>,
    task: JoinHandle<Connects>,
}

impl Probe {
    pub(super) fn start(address: SocketAddr) -> Self {
        let (end, mut ended) = oneshot::channel();
        let task = tokio::spawn(async move {
            let mut connects = Connects::default();
            // One after the other: each has its answer before the next, however long that takes.
            while matches!(ended.try_recv(), Err(oneshot::error::TryRecvError::Empty)) {
                connects.all += 1;
                connects.refused += u32::from(!matches!(timeout(ANSWER, ask(address)).await, Ok(Ok(true))));
                sleep(EVERY).await;
            }
            connects
        });
        Self { end, task }
    }

    pub(super) async fn end(self) -> Connects {
        let _ = self.end.send(());
        self.task.await.unwrap_or_default()
    }
}

/// Whether it is answered.
async fn ask(address: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(REQUEST).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer.starts_with(b"HTTP/1.1 200"))
}
