//! Reads the values of flags. Every error says what was expected; the flag is named by what shows it.

use std::{fmt::Display, net::SocketAddr, ops::RangeInclusive, str::FromStr};

use shared::engine::limits::PLAYERS_MAX;
use tracing_subscriber::filter::Targets;

use super::log_modules::is_module;
use crate::engine::join_ticket::JoinKey;

/// One of the server's arenas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArenaChoice {
    /// A built-in arena or a file.
    pub name_or_path: String,
    /// Bots fill it up to this many bodies; `None`: as many as in arenas without a number.
    pub bots: Option<u16>,
}

/// Reads the filter for log lines. One that matches nothing is refused.
pub(super) fn log_filter(text: &str) -> Result<Targets, String> {
    const EXAMPLES: &str = "use a level such as info, or info,server::engine::net=debug";
    // `Targets` reads an empty part as the level `error`.
    let parts: Vec<_> = text.split(',').filter(|part| !part.is_empty()).collect();
    let filter = parts.join(",").parse::<Targets>().map_err(|error| format!("{error}; {EXAMPLES}"))?;
    // A word that is no level is read as a module, and no module of that name ever logs.
    match filter.iter().map(|(module, _)| module).find(|module| !is_module(module)) {
        Some(module) => Err(format!("{module:?} is neither a level nor a module that logs; {EXAMPLES}")),
        None => Ok(filter),
    }
}

/// A parser of whole numbers. clap's own says "invalid digit found in string", and not what it expected.
pub(super) fn number<T>(
    range: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: FromStr + PartialOrd + Display + Clone + Send + Sync + 'static,
{
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| format!("expected a whole number from {} to {}", range.start(), range.end()))
    }
}

/// Reads a key, or the file that holds one.
pub(super) fn join_key(text: &str) -> Result<JoinKey, String> {
    let bytes = match text.strip_prefix('@') {
        Some(path) => {
            let read = std::fs::read(path).map_err(|error| format!("cannot read {path}: {error}"))?;
            read.trim_ascii_end().to_vec()
        }
        None => text.as_bytes().to_vec(),
    };
    JoinKey::new(&bytes)
        .ok_or_else(|| "expected a key of 32 bytes or more, or @FILE that holds one".to_owned())
}

/// Reads an address to listen at.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    let expected = "expected an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080";
    text.parse().map_err(|_| expected.to_owned())
}

/// A name or a path, and perhaps a number behind a colon. A colon with anything else behind it belongs to the path. Spaces
/// around it do not count, as in `drift, duel`.
pub(super) fn arena_choice(text: &str) -> Result<ArenaChoice, String> {
    let text = text.trim();
    let split = text.rsplit_once(':').filter(|(_, count)| count.bytes().all(|byte| byte.is_ascii_digit()));
    let (name, bots) = match split {
        None => (text, None),
        Some((name, count)) => {
            let bots = count.parse().ok().filter(|bots| usize::from(*bots) <= PLAYERS_MAX);
            let expected = || {
                format!("expected a number of bodies from 0 to {PLAYERS_MAX} after the colon, as in drift:3")
            };
            (name, Some(bots.ok_or_else(expected)?))
        }
    };
    if name.is_empty() {
        return Err("expected the name of a built-in arena or an arena file".to_owned());
    }
    Ok(ArenaChoice { name_or_path: name.to_owned(), bots })
}
