//! Flags from environment variables. Every variable is the flag whose help names it; spaces around its value do not count,
//! an empty one is not set, and a switch takes the usual booleans. Errors name the variable.

use std::ffi::OsString;

use clap::{ArgAction, Command, builder::Resettable, error::ContextKind};

/// The flags whose values are never shown.
const SECRET_FLAGS: [&str; 2] = ["--join-key", "--database"];

/// Values of a switch.
const TRUE: [&str; 4] = ["1", "true", "yes", "on"];
const FALSE: [&str; 4] = ["0", "false", "no", "off"];

/// `command` with the values of the environment as its defaults. `variable` reads one.
///
/// # Errors
/// If a value is invalid: which, and what was expected.
pub(super) fn applied(
    command: &Command,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Command, String> {
    // clap's own reading knows neither empty values nor whose fault one is.
    let plain = command.clone().mut_args(|arg| arg.env(Resettable::Reset));
    let mut applied = plain.clone();
    for arg in command.get_arguments() {
        let Some(name) = arg.get_env().and_then(|name| name.to_str()) else { continue };
        let Some(value) = variable(name) else { continue };
        let value = value.into_string().map_err(|_| invalid(name, "it is not UTF-8"))?;
        let mut value = value.trim().to_owned();
        if value.is_empty() {
            continue;
        }
        let id = arg.get_id().clone();
        if matches!(arg.get_action(), ArgAction::SetTrue) {
            value = switch(&value).map_err(|why| invalid(name, &why))?.to_string();
        } else {
            let flag = format!("--{}={value}", arg.get_long().unwrap_or_default());
            let tried = plain.clone().try_get_matches_from([command.get_name(), &flag]);
            tried.map_err(|error| invalid(name, &one_line(&error)))?;
        }
        applied = applied.mut_arg(id, |arg| arg.default_value(value));
    }
    Ok(applied)
}

fn switch(value: &str) -> Result<bool, String> {
    let is_in = |values: [&str; 4]| values.iter().any(|known| known.eq_ignore_ascii_case(value));
    match (is_in(TRUE), is_in(FALSE)) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(format!("invalid value '{value}': expected {} or {}", TRUE.join(", "), FALSE.join(", "))),
    }
}

fn invalid(name: &str, why: &str) -> String {
    format!("environment variable {name}: {why}")
}

/// clap's messages span several lines; the first paragraph says what is wrong. Keeps its hint at a similar flag.
pub(super) fn one_line(error: &clap::Error) -> String {
    let mut whole = error.to_string();
    // A key that is not valid is one that was mistyped, and the log is no place for it.
    if let (Some(arg), Some(value)) =
        (error.get(ContextKind::InvalidArg), error.get(ContextKind::InvalidValue))
        && SECRET_FLAGS.iter().any(|flag| arg.to_string().contains(flag))
    {
        // Before whitespace is touched, which the key may have.
        whole = whole.replacen(&format!("'{value}'"), "(hidden)", 1);
    }
    let first = whole.split("\n\n").next().unwrap_or(&whole);
    let line = first.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.strip_prefix("error: ").unwrap_or(&line).to_owned();
    match error.get(ContextKind::SuggestedArg) {
        Some(flag) => format!("{line}, did you mean {flag}?"),
        None => line,
    }
}
