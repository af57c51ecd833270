//! The head of an HTTP request: checked, parsed, routed and answered by the addresses of a real server.

use std::{
    cell::LazyCell,
    sync::{Arc, atomic::Ordering},
};

use server::{
    engine::{
        connection_state::Admission,
        feed_channel::FeedSender,
        game_codec::GameCodec,
        json::{FEED_TOPICS, Listing},
        net::{
            Access, ArenaHandle, Arenas, Feed, InMemory, Limits, PhaseReceiver, ServerState, Site,
            TrustedProxies,
        },
    },
    game::{NetworkSide, arena_file},
};
use shared::{engine::feed::FeedDocument, game::Emberdrift};

/// What the server's files are, in place of the client: with and without a hash in the name, and compressed.
const FILES: [&str; 4] = ["index.html", "client.0123abcd.js", "client.0123abcd.js.gz", "style.css"];

const PROXY: [u8; 4] = [10, 0, 0, 1];
const STRANGER: [u8; 4] = [192, 0, 2, 1];

/// A server with two arenas, both open, behind a proxy.
fn server() -> InMemory {
    let arenas = ["drift", "duel"].map(|name| {
        let arena = arena_file::load(name).expect("it is embedded");
        let (network, inbox) = NetworkSide::detached(8).expect("the system has random numbers");
        let telemetry = Arc::clone(&network.telemetry);
        let feed = Feed::new(FeedSender::<FeedDocument<Emberdrift>>::new().0.subscribers(), &FEED_TOPICS);
        let listing = Listing::new(&arena, 2, Arc::clone(&telemetry));
        let admission = Admission::new(inbox, telemetry, network.resume_key);
        let handle = ArenaHandle::new(&arena.name, admission, feed, listing);
        handle.ready.store(true, Ordering::Relaxed);
        Arc::new(handle)
    });
    let proxies = TrustedProxies::new(["10.0.0.0/8".parse().expect("a network")]);
    let access = Access::new(vec!["https://play.example/game".parse().expect("an address")], &[], proxies);
    let (_, phase) = PhaseReceiver::new();
    // With the server's own rate all requests but the first would be refused.
    let limits = Limits { requests_per_second: u32::MAX, ..Limits::for_players(2) };
    let state =
        ServerState::new(Arenas::new(arenas.into()), limits, site(), GameCodec::of::<Emberdrift>(), phase);
    InMemory::new(Arc::new(state.with_access(access))).expect("a runtime can be made")
}

thread_local! {
    static SERVER: LazyCell<InMemory> = const { LazyCell::new(server) };
}

fn site() -> Site {
    Site::Files(FILES.map(|path| (path.to_owned(), path.into())).into())
}

/// Answers a request that is whole, and arrives in two parts: from a trusted proxy if the first byte is even, and cut where this
/// byte says. The answer is one of those that are documented, except that a handshake ends with 500 because there is no socket
/// to upgrade.
pub(crate) fn run(bytes: &[u8]) {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let parts = bytes.split_at(usize::from(*first).min(bytes.len()));
    let peer = if first % 2 == 0 { PROXY } else { STRANGER };
    let Some(answer) = SERVER.with(|server| server.answer((peer, 443).into(), parts.into())) else { return };
    let status = answer.status().as_u16();
    let is_handshake =
        status == 500 && bytes.to_ascii_lowercase().windows(17).any(|name| name == b"sec-websocket-key");
    assert!(is_handshake || [200, 204, 304, 400, 403, 404, 405, 426, 503].contains(&status), "{status}");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
}
