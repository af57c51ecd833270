//! The network side: accepts sockets, answers HTTP, and carries messages between WebSockets and the engine. Bounds every
//! socket in time, rate and memory. Does not know what messages mean: `connection_state` does.

mod accepted;
mod arenas;
mod feed;
mod http;
mod limits;
mod listener;
mod metrics_page;
mod peers;
mod phase;
mod prefixed_io;
mod proxy;
mod rooms;
mod running_time;
mod state;
mod takeover;
mod tls;
mod websocket;

pub use arenas::{ArenaHandle, ArenaListing, Arenas, slug};
pub use feed::{Beside, Document, Feed, Topics};
pub use http::{
    access::Access,
    in_memory::InMemory,
    origin::{Origin, PublicUrl},
    site::Site,
};
pub use limits::Limits;
pub use listener::{ListenError, bind, default_workers, runtime, serve};
pub use peers::{Peers, Place, Seat, socket_of_room};
pub use phase::{Phase, PhaseReceiver};
pub use proxy::TrustedProxies;
pub use rooms::{Entered, Presence, RoomHost, RoomRefusal};
pub use state::ServerState;
pub use takeover::{HandOver, HandOverSocket, Offer, Successor, TakeoverError};
pub use tls::{Reloaded, Tls, TlsError, TlsSource, reload_certificate, unchecked_client, watch_certificate};
pub use websocket::{connection::serve_upgraded, subprotocol::Subprotocol, transport::Transport};
