//! What the browser keeps for this site: for good, for this tab, and in the page's address. A browser may keep nothing;
//! then each visit starts as the first.

use web_sys::Storage;

use super::elements::{Result, window};
use crate::engine::page::fragment;

/// Kept until the visitor clears it.
fn local() -> Option<Storage> {
    window().ok()?.local_storage().ok().flatten()
}

/// Kept while the tab is open, also when the page is loaded again.
fn session() -> Option<Storage> {
    window().ok()?.session_storage().ok().flatten()
}

pub(crate) fn load(key: &str) -> Option<String> {
    local()?.get_item(key).ok().flatten()
}

pub(crate) fn save(key: &str, value: &str) {
    if let Some(store) = local() {
        let _ = store.set_item(key, value);
    }
}

/// As [`load`], for this tab.
pub(crate) fn load_for_tab(key: &str) -> Option<String> {
    session()?.get_item(key).ok().flatten()
}

/// As [`save`], for this tab.
pub(crate) fn save_for_tab(key: &str, value: &str) {
    if let Some(store) = session() {
        let _ = store.set_item(key, value);
    }
}

pub(crate) fn remove_for_tab(key: &str) {
    if let Some(store) = session() {
        let _ = store.remove_item(key);
    }
}

/// The value of `key` behind `#` in the page's address; see [`fragment::value`].
pub(crate) fn from_address(key: &str) -> Result<Option<String>> {
    let hash = window()?.location().hash()?;
    Ok(fragment::value(&hash, key).map(str::to_owned))
}
