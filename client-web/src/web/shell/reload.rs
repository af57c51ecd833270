//! The page is loaded again: for another version of the server, or for nodes of the cluster that are newer than the page. Its security
//! policy lists the nodes as they were when it was loaded, so browsers refuse a connection to a newer one. If it had a player, the new
//! page goes on by itself.
//!
//! Invariant: a reload that does not help is not repeated. For a version there is one until frames come, for nodes one in [`PAUSE_MS`],
//! and none if the browser stores nothing for the tab.

use web_sys::SecurityPolicyViolationEvent;

use super::dom::{Listener, Result, document, storage, window};
use crate::engine::page::storage::game_key;

/// Shortest time between two reloads for nodes, in milliseconds: a policy that a proxy has set forbids them after a reload too.
const PAUSE_MS: u64 = 60_000;

/// What the browser keeps for the tab, behind the game's name: a reload for a version, the time of the last one for nodes, and whether
/// the page that comes goes on.
const FOR_VERSION: &str = "reloaded";
const FOR_NODES_AT: &str = "reloaded_for_nodes";
const GOES_ON: &str = "goes_on";

/// Loads the page again for another version of the server. `has_player`: the new page goes on.
pub(crate) fn for_version(game: &str, has_player: bool) -> Result<()> {
    storage::save_for_tab(&game_key(game, FOR_VERSION), "1");
    reload(game, has_player)
}

/// Whether this page was loaded again for the version, and no frame has come since.
pub(crate) fn was_for_version(game: &str) -> bool {
    storage::load_for_tab(&game_key(game, FOR_VERSION)).is_some()
}

/// A frame has come: this page has the server's version.
pub(crate) fn on_frame(game: &str) {
    storage::remove_for_tab(&game_key(game, FOR_VERSION));
}

/// Loads the page again whenever its policy forbids a WebSocket, until what is returned is dropped. `has_player`: the new page goes on.
pub(crate) fn for_new_nodes(game: &'static str, has_player: bool) -> Result<Listener> {
    let document = document()?;
    Listener::new(&document, "securitypolicyviolation", move |event: SecurityPolicyViolationEvent| {
        let is_socket = event.effective_directive() == "connect-src" && event.blocked_uri().starts_with("ws");
        if is_socket && may_reload_for_nodes(game) {
            // If the browser does not reload, the connection is tried again as any other that is lost.
            let _ = reload(game, has_player);
        }
    })
}

/// Whether the last reload for nodes is long ago. From then on it is not.
fn may_reload_for_nodes(game: &str) -> bool {
    let key = game_key(game, FOR_NODES_AT);
    // Unix time, whole: to read and write fractions is 15 kB of the compressed page.
    let now_ms = js_sys::Date::now() as u64;
    let last_ms = storage::load_for_tab(&key).and_then(|text| text.parse::<u64>().ok());
    if last_ms.and_then(|last_ms| now_ms.checked_sub(last_ms)).is_some_and(|passed_ms| passed_ms < PAUSE_MS) {
        return false;
    }
    let text = now_ms.to_string();
    storage::save_for_tab(&key, &text);
    storage::load_for_tab(&key) == Some(text)
}

fn reload(game: &str, has_player: bool) -> Result<()> {
    if has_player {
        storage::save_for_tab(&game_key(game, GOES_ON), "1");
    }
    window()?.location().reload()
}

/// Whether this page goes on with the game of the one before it. Asked once.
pub(crate) fn take_goes_on(game: &str) -> bool {
    let key = game_key(game, GOES_ON);
    let goes_on = storage::load_for_tab(&key).is_some();
    storage::remove_for_tab(&key);
    goes_on
}
