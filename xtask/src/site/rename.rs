//! Puts a hash of its contents into each file's name, and the new names into the files that refer to it.
//!
//! A reference is the path of a file, from the site's root or from the folder of the file that refers to it, between
//! quotes, parentheses or the like: `"./client.js"`, `url(icons/ship.svg)`, `<link href=style.css>`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use super::{Files, INDEX};

/// The kinds of file that refer to others.
const TEXTS: [&str; 8] = ["css", "html", "js", "json", "map", "mjs", "svg", "webmanifest"];

/// Returns the same site with hashed names. A file is renamed only after those it refers to, because their new
/// names are part of its contents.
pub(super) fn with_hashes(files: &Files) -> Result<Files> {
    let mut renaming = Renaming { files, renamed: BTreeMap::new(), open: Vec::new(), out: Files::new() };
    renaming.file(INDEX)?;
    for path in files.keys() {
        if !renaming.renamed.contains_key(path.as_str()) {
            eprintln!("warning: nothing refers to {path}, and browsers cannot guess the hash in its name");
            renaming.file(path)?;
        }
    }
    Ok(renaming.out)
}

/// The state of the walk from a file to those it refers to.
struct Renaming<'a> {
    files: &'a Files,
    /// New paths by old ones.
    renamed: BTreeMap<&'a str, String>,
    /// The files on the way from the start to here.
    open: Vec<&'a str>,
    out: Files,
}

impl<'a> Renaming<'a> {
    /// Renames the file `path`, all it refers to first.
    fn file(&mut self, path: &str) -> Result<()> {
        let Some((path, bytes)) = self.files.get_key_value(path) else { bail!("there is no {path}") };
        if self.renamed.contains_key(path.as_str()) {
            return Ok(());
        }
        if self.open.contains(&path.as_str()) {
            bail!(
                "{} refer to one another in a circle, so none can be named by its contents",
                self.open.join(", ")
            );
        }
        self.open.push(path);
        let bytes = if is_text(path) {
            let text = std::str::from_utf8(bytes).with_context(|| format!("{path} is not UTF-8 text"))?;
            self.text(path, text)?.into_bytes()
        } else {
            bytes.clone()
        };
        self.open.pop();
        let new = if path == INDEX { path.clone() } else { hashed(path, &bytes) };
        self.renamed.insert(path, new.clone());
        self.out.insert(new, bytes);
        Ok(())
    }

    /// The text of the file `path` with the new names of all it refers to.
    fn text(&mut self, path: &str, text: &str) -> Result<String> {
        let folder = path.rfind('/').map_or("", |end| &path[..=end]);
        let mut text = text.to_owned();
        for other in self.files.keys().filter(|other| *other != path) {
            let near = other.strip_prefix(folder).filter(|near| *near != other);
            for reference in [Some(other.as_str()), near].into_iter().flatten() {
                if references(&text, reference).next().is_some() {
                    self.file(other)?;
                    let new = &self.renamed[other.as_str()];
                    text = replace(&text, reference, file_name(new));
                }
            }
        }
        Ok(text)
    }
}

fn is_text(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, kind)| TEXTS.contains(&kind))
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `client.js` as `client.0123456789abcdef.js`.
fn hashed(path: &str, bytes: &[u8]) -> String {
    let hash = fnv1a(bytes);
    let name = file_name(path);
    let folder = &path[..path.len() - name.len()];
    match name.rsplit_once('.') {
        Some((stem, kind)) => format!("{folder}{stem}.{hash:016x}.{kind}"),
        None => format!("{folder}{name}.{hash:016x}"),
    }
}

/// FNV-1a, 64 bits: it tells versions of a file apart, and guards against nobody.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Where `text` refers to `path`.
fn references<'t>(text: &'t str, path: &'t str) -> impl Iterator<Item = usize> + 't {
    text.match_indices(path).map(|(start, _)| start).filter(move |&start| {
        let mut before = &text[..start];
        while let Some(up) = before.strip_suffix("../") {
            before = up;
        }
        let before = before.strip_suffix("./").or(before.strip_suffix('/')).unwrap_or(before);
        let opens = |c: char| c.is_whitespace() || "\"'`(=,".contains(c);
        let goes_on = |c: char| c.is_alphanumeric() || "_-./".contains(c);
        before.chars().next_back().is_none_or(opens) && !text[start + path.len()..].starts_with(goes_on)
    })
}

/// `text` with the last part of each reference to `path` replaced by `name`.
fn replace(text: &str, path: &str, name: &str) -> String {
    let kept = path.len() - file_name(path).len();
    let mut out = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for start in references(text, path) {
        out += &text[done..start + kept];
        out += name;
        done = start + path.len();
    }
    out += &text[done..];
    out
}

#[cfg(test)]
mod tests;
