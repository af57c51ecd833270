//! Lays out the site that the server embeds: the page's files from `assets/web` and the client's, every one but
//! `index.html` with a hash of its contents in its name (so that browsers may keep it for ever), and compressed.

mod compress;
mod rename;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::client::lean;
use crate::workspace::Workspace;

/// The files of a site by their path from its root, with `/` between folders.
type Files = BTreeMap<String, Vec<u8>>;

/// The page: the one file whose name stays.
const INDEX: &str = "index.html";

/// Makes `target/web` out of `assets/web` and the folder with the client's JavaScript and WASM.
///
/// The folder is replaced as a whole, and left alone if nothing changed, for cargo not to build the server anew. Returns
/// what a first visit downloads, in bytes, as gzip.
pub(crate) fn build(workspace: &Workspace, bindings: &Path) -> Result<u64> {
    let assets = workspace.root().join("assets/web");
    let mut files = Files::new();
    for folder in [&*assets, bindings] {
        read(folder, "", &mut files).with_context(|| format!("cannot read {}", folder.display()))?;
    }
    ensure!(files.contains_key(INDEX), "there is no {}", assets.join(INDEX).display());
    for (path, bytes) in &mut files {
        let lean = match (path.rsplit_once('.'), str::from_utf8(bytes)) {
            (Some((_, "css")), Ok(text)) => lean::style(text),
            (Some((_, "js")), Ok(text)) => lean::script(text),
            _ => continue,
        };
        *bytes = lean.into_bytes();
    }
    let files = rename::with_hashes(&files)?;

    let web = workspace.target("web");
    if is_there(&files, &web) {
        println!("{} is up to date", web.display());
    } else {
        replace(&web, &files).with_context(|| format!("cannot replace {}", web.display()))?;
        println!("{} is new", web.display());
    }
    Ok(print_sizes(&files, &web))
}

/// Reads all files under `folder`, but for hidden ones, into `files`.
fn read(folder: &Path, prefix: &str, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| {
            anyhow::anyhow!("{} is no name for a file that browsers ask for", Path::new(&name).display())
        })?;
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &format!("{path}/"), files)?;
        } else {
            let bytes = fs::read(entry.path()).with_context(|| format!("cannot read {path}"))?;
            ensure!(files.insert(path.clone(), bytes).is_none(), "there are two files named {path}");
        }
    }
    Ok(())
}

/// Whether `web` already holds exactly `files` (and their compressed siblings, which were written with them).
fn is_there(files: &Files, web: &Path) -> bool {
    let mut old = Files::new();
    if read(web, "", &mut old).is_err() {
        return false;
    }
    let siblings = files.keys().filter(|path| compress::pays(path)).all(|path| {
        compress::SIBLINGS.iter().all(|extension| old.remove(&format!("{path}.{extension}")).is_some())
    });
    siblings && old == *files
}

/// Writes `files` and their siblings beside `web`, then puts them in its place.
fn replace(web: &Path, files: &Files) -> Result<()> {
    let (new, old) = (web.with_extension("new"), web.with_extension("old"));
    for folder in [&new, &old] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    for (path, bytes) in files {
        let file = new.join(path);
        fs::create_dir_all(file.parent().unwrap_or(&new))?;
        fs::write(&file, bytes)?;
        if compress::pays(path) {
            for (extension, bytes) in compress::siblings(bytes)? {
                fs::write(new.join(format!("{path}.{extension}")), bytes)?;
            }
        }
    }
    if web.exists() {
        fs::rename(web, &old)?;
    }
    fs::rename(&new, web)?;
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    Ok(())
}

/// Prints the sizes of all files; returns what they are together, as gzip.
fn print_sizes(files: &Files, web: &Path) -> u64 {
    let size = |path: String| fs::metadata(web.join(path)).ok().map(|file| file.len());
    println!("{:>12} {:>10} {:>10}", "bytes", "gzip", "brotli");
    let mut total = [0; 3];
    for (path, bytes) in files {
        let raw = bytes.len() as u64;
        let [brotli, gzip] =
            compress::SIBLINGS.map(|sibling| size(format!("{path}.{sibling}")).unwrap_or(raw));
        println!("{raw:>12} {gzip:>10} {brotli:>10}  {path}");
        for (sum, size) in total.iter_mut().zip([raw, gzip, brotli]) {
            *sum += size;
        }
    }
    let [raw, gzip, brotli] = total;
    println!("{raw:>12} {gzip:>10} {brotli:>10}  in all: a first visit downloads {gzip} bytes as gzip");
    gzip
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_replaced_as_a_whole_and_known_again() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("xtask-site-{}", std::process::id()));
        let web = folder.join("web");
        let site =
            |text: &str| Files::from([(INDEX.to_owned(), text.into()), ("a/b.png".to_owned(), vec![1])]);

        replace(&web, &site("one"))?;
        assert!(is_there(&site("one"), &web));
        assert!(!is_there(&site("two"), &web));
        fs::write(web.join("left-over.txt"), "x")?;
        assert!(!is_there(&site("one"), &web));
        replace(&web, &site("two"))?;
        assert!(is_there(&site("two"), &web));
        fs::remove_file(web.join("index.html.br"))?;
        assert!(!is_there(&site("two"), &web));
        fs::remove_dir_all(&folder)?;
        Ok(())
    }
}
