//! Lays out a site that a server serves: the page's files from a folder of `assets` and the client's, compressed, and every
//! one but `index.html` with a hash in its name, so that browsers may keep it for ever.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use brotli::enc::BrotliEncoderParams;

use crate::workspace::Workspace;

/// What a first visit may download: all files but [`PICTURES`], in bytes, as gzip. To change the budget, change this number and the one
/// in README.md.
const PAGE_BUDGET: u64 = 260_000;
/// The page: the one file whose name stays.
const INDEX: &str = "index.html";
/// The kinds of file that can name others.
const TEXTS: [&str; 5] = ["css", "html", "js", "svg", "webmanifest"];
/// The kinds of file that no first visit downloads: icons of an installed page, and the picture in previews of links. They are
/// compressed already.
const PICTURES: [&str; 1] = ["png"];

/// The files of a site by name.
type Files = BTreeMap<String, Vec<u8>>;

/// What a site is made of, and where it is laid out.
pub(crate) struct Site {
    /// The folder with the page's files.
    assets: PathBuf,
    /// Modules of the JavaScript client that the page's scripts use.
    modules: Vec<PathBuf>,
    /// The folder that is filled.
    web: PathBuf,
}

impl Site {
    /// Emberdrift's, which its server embeds.
    pub(crate) fn emberdrift(workspace: &Workspace) -> Self {
        let root = workspace.root();
        let modules = vec![root.join("client-web/js/src/engine/identity.js")];
        Self { assets: root.join("assets/web"), modules, web: workspace.target("web") }
    }

    /// That of a game whose page is the engine's; in `target/web-NAME`.
    pub(crate) fn of_game(workspace: &Workspace, name: &str) -> Self {
        let web = workspace.target(format!("web-{name}"));
        Self { assets: workspace.engine().join("assets/engine"), modules: Vec::new(), web }
    }

    /// The same site, laid out in `folder` under the same name.
    pub(crate) fn in_folder(self, folder: &Path) -> Self {
        let web = self.web.file_name().map_or_else(|| folder.to_owned(), |name| folder.join(name));
        Self { web, ..self }
    }

    /// The folder that is filled.
    pub(crate) fn web(&self) -> &Path {
        &self.web
    }
}

/// Makes a site with `bindings`, the folder with the client's JavaScript and WASM. Returns what a first visit downloads, in bytes,
/// as gzip.
pub(crate) fn build(site: &Site, bindings: &Path) -> Result<u64> {
    let files = with_hashes(sources(site, bindings)?)?;
    let web = &site.web;
    // Left alone if nothing changed, so that cargo does not build the server again.
    let made = fs::read(web.join(INDEX)).is_ok_and(|index| index == files[INDEX]);
    if !made {
        write(web, &files).with_context(|| format!("cannot write the site to {}", web.display()))?;
    }
    print_sizes(&files, web)
}

/// The same for development: not compressed, and with a script by this name, which every page loads. Returns whether the site is another
/// one than before.
pub(crate) fn develop(site: &Site, bindings: &Path, script: (&str, &str)) -> Result<bool> {
    let files = with_hashes(with_script(sources(site, bindings)?, script)?)?;
    exchange(&site.web, &files).with_context(|| format!("cannot write the site to {}", site.web.display()))
}

fn with_script(mut files: Files, (name, text): (&str, &str)) -> Result<Files> {
    const END: &str = "</head>";
    let index = files.get_mut(INDEX).with_context(|| format!("the page has no {INDEX}"))?;
    let page = String::from_utf8(std::mem::take(index)).with_context(|| format!("{INDEX} is not UTF-8"))?;
    ensure!(page.contains(END), "{INDEX} has no {END}");
    let tag = format!("<script type=\"module\" src=\"{name}\"></script>{END}");
    *index = page.replacen(END, &tag, 1).into_bytes();
    files.insert(name.to_owned(), text.into());
    Ok(files)
}

/// Replaces what is in `web`, from which a server serves meanwhile: new files come first, then the page that names them, and at last
/// the old files go. Returns whether anything changed.
fn exchange(web: &Path, files: &Files) -> Result<bool> {
    if fs::read(web.join(INDEX)).is_ok_and(|index| index == files[INDEX]) {
        return Ok(false);
    }
    fs::create_dir_all(web)?;
    for (name, bytes) in files.iter().filter(|(name, _)| *name != INDEX) {
        fs::write(web.join(name), bytes)?;
    }
    let new = web.join(".new");
    fs::write(&new, &files[INDEX])?;
    fs::rename(new, web.join(INDEX))?;
    for file in web.read_dir()?.flatten() {
        if !files.contains_key(&*file.file_name().to_string_lossy()) {
            fs::remove_file(file.path())?;
        }
    }
    Ok(true)
}

/// Empties a site: no other build is to embed one for development.
pub(crate) fn remove(site: &Site) -> Result<()> {
    let web = &site.web;
    // The folder stays, because a server that embeds none does not compile.
    fs::remove_dir_all(web)
        .and_then(|()| fs::create_dir(web))
        .with_context(|| format!("cannot empty {}", web.display()))
}

/// The page's files and the client's.
fn sources(site: &Site, bindings: &Path) -> Result<Files> {
    let mut files = Files::new();
    for folder in [&*site.assets, bindings] {
        let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        let paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        let modules = if *folder == site.assets { &site.modules[..] } else { &[] };
        for path in paths.iter().chain(modules) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !name.starts_with('.') {
                let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
                ensure!(files.insert(name.clone(), bytes).is_none(), "there are two files named {name}");
            }
        }
    }
    Ok(files)
}

/// An error if a first visit downloads more than the budget.
pub(crate) fn check_budget(gzip: u64) -> Result<()> {
    ensure!(
        gzip <= PAGE_BUDGET,
        "a first visit downloads {gzip} bytes as gzip and the budget is {PAGE_BUDGET}: make the client smaller, or \
         raise PAGE_BUDGET in xtask/src/site.rs and the number in README.md"
    );
    Ok(())
}

/// The same site with a hash of all of it in the name of each file but the page, and in whatever names the file between
/// quotes. One hash for all, because most files change with the client, and no order of renaming is needed.
fn with_hashes(mut files: Files) -> Result<Files> {
    ensure!(files.contains_key(INDEX), "the page has no {INDEX}");
    // Before the hash, so that other texts get other names.
    for (name, bytes) in &mut files {
        if name.ends_with(".css") || name.ends_with(".js") {
            let text = std::str::from_utf8(bytes).with_context(|| format!("{name} is not UTF-8"))?;
            *bytes = minified(text).into_bytes();
        }
    }
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    let hash = format!("{:016x}", hasher.finish());
    let renamed = |name: &str| match name.rsplit_once('.') {
        Some((stem, kind)) if name != INDEX => format!("{stem}.{hash}.{kind}"),
        _ => name.to_owned(),
    };
    let names: Vec<_> = files.keys().filter(|name| *name != INDEX).cloned().collect();
    let mut named = Vec::new();
    let mut out = Files::new();
    for (name, mut bytes) in files {
        let kind = name.rsplit('.').next().unwrap_or_default();
        if TEXTS.contains(&kind) {
            let mut text = String::from_utf8(bytes).with_context(|| format!("{name} is not UTF-8"))?;
            for other in &names {
                for quote in ["\"", "'", "\"./", "'./", "("] {
                    let reference = format!("{quote}{other}");
                    if text.contains(&reference) {
                        text = text.replace(&reference, &format!("{quote}{}", renamed(other)));
                        named.push(other.clone());
                    }
                }
            }
            bytes = text.into_bytes();
        }
        out.insert(renamed(&name), bytes);
    }
    match names.iter().find(|name| !named.contains(*name)) {
        Some(name) => bail!("no file names {name}, so no browser would load it: remove it, or name it"),
        None => Ok(out),
    }
}

/// The text without indentation, empty lines, and lines that are comments: 1 % of what is downloaded.
fn minified(text: &str) -> String {
    let mut in_comment = false;
    let mut out = String::with_capacity(text.len());
    for line in text.lines().map(str::trim) {
        let is_comment = in_comment || line.starts_with("/*") || line.starts_with("//");
        in_comment = is_comment && !line.starts_with("//") && !line.contains("*/");
        if !is_comment && !line.is_empty() {
            out += line;
            out.push('\n');
        }
    }
    out
}

/// Writes `files` and their compressed forms beside `web`, then puts them in its place.
fn write(web: &Path, files: &Files) -> Result<()> {
    let new = web.with_extension("new");
    for folder in [&*new, web] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    fs::create_dir_all(&new)?;
    for (name, bytes) in files {
        fs::write(new.join(name), bytes)?;
        if is_picture(name) {
            continue;
        }
        // Compressed as well as the formats allow: it is done once and pays at each visit.
        let params = BrotliEncoderParams { quality: 11, size_hint: bytes.len(), ..Default::default() };
        brotli::BrotliCompress(&mut &**bytes, &mut File::create(new.join(format!("{name}.br")))?, &params)?;
        let mut gzip = Vec::new();
        zopfli::compress(zopfli::Options::default(), zopfli::Format::Gzip, &**bytes, &mut gzip)?;
        fs::write(new.join(format!("{name}.gz")), gzip)?;
    }
    fs::rename(&new, web)?;
    Ok(())
}

fn is_picture(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, kind)| PICTURES.contains(&kind))
}

/// Prints the sizes of all files of a first visit; returns their sum as gzip.
fn print_sizes(files: &Files, web: &Path) -> Result<u64> {
    println!("{:>12} {:>10} {:>10}", "bytes", "gzip", "brotli");
    let mut total = [0; 3];
    for (name, bytes) in files.iter().filter(|(name, _)| !is_picture(name)) {
        let size = |form: &str| fs::metadata(web.join(format!("{name}.{form}"))).map(|file| file.len());
        let sizes = [bytes.len() as u64, size("gz")?, size("br")?];
        println!("{:>12} {:>10} {:>10}  {name}", sizes[0], sizes[1], sizes[2]);
        total.iter_mut().zip(sizes).for_each(|(sum, size)| *sum += size);
    }
    let [raw, gzip, brotli] = total;
    println!("{raw:>12} {gzip:>10} {brotli:>10}  in all");
    Ok(gzip)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(wasm: &str) -> Files {
        [
            (INDEX, "<link href=\"style.css\"><script type=\"module\" src='./boot.js'></script>"),
            ("style.css", "body { background: url(icon.svg) } /* restyle.css stays */\n"),
            ("boot.js", "import init from \"./client.js\"; await init();\n"),
            ("client.js", "new URL('client_bg.wasm', import.meta.url)\n"),
            ("client_bg.wasm", wasm),
            ("icon.svg", "<svg/>"),
        ]
        .map(|(name, text)| (name.to_owned(), text.into()))
        .into()
    }

    #[test]
    fn references_follow_the_new_names_and_none_may_be_missing() -> Result<()> {
        let files = with_hashes(site("\0asm"))?;
        let hash =
            files.keys().find_map(|name| name.strip_prefix("boot.")?.strip_suffix(".js")).context("boot")?;
        let text = |name: &str| String::from_utf8_lossy(&files[&name.replace('#', hash)]).replace(hash, "#");
        assert_eq!(
            text(INDEX),
            "<link href=\"style.#.css\"><script type=\"module\" src='./boot.#.js'></script>"
        );
        assert_eq!(text("style.#.css"), "body { background: url(icon.#.svg) } /* restyle.css stays */\n");
        assert_eq!(text("boot.#.js"), "import init from \"./client.#.js\"; await init();\n");
        assert_eq!(text("client.#.js"), "new URL('client_bg.#.wasm', import.meta.url)\n");
        assert_ne!(with_hashes(site("\0asm2"))?[INDEX], files[INDEX]);
        let mut files = site("");
        files.insert("unnamed.js".to_owned(), Vec::new());
        assert!(with_hashes(files).unwrap_err().to_string().contains("unnamed.js"));
        Ok(())
    }

    #[test]
    fn site_for_development_loads_its_script_and_replaces_what_was_there() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let web = folder.path().join("web");
        let laid_out = |wasm: &str, end: &str| {
            let mut files = site(wasm);
            files.insert(INDEX.to_owned(), [&files[INDEX], end.as_bytes()].concat());
            exchange(&web, &with_hashes(with_script(files, ("reload.js", "look();\n"))?)?)
        };
        assert!(laid_out("", "<body>").unwrap_err().to_string().contains("has no </head>"));
        assert!(laid_out("\0asm", "</head>")?);
        assert!(!laid_out("\0asm", "</head>")?, "it is there already");
        fs::write(web.join("index.html.br"), "of a release")?;
        assert!(laid_out("\0asm2", "</head>")?);
        let mut names: Vec<_> = web.read_dir()?.flatten().map(|file| file.file_name()).collect();
        names.sort();
        assert_eq!(names.len(), 7, "{names:?}");
        let page = fs::read_to_string(web.join(INDEX))?;
        let reload = names.iter().find_map(|name| name.to_str()?.starts_with("reload.").then_some(name));
        let reload = reload.context("reload")?.to_string_lossy().into_owned();
        assert!(
            page.ends_with(&format!("<script type=\"module\" src=\"{reload}\"></script></head>")),
            "{page}"
        );
        Ok(())
    }

    #[test]
    fn manifest_names_its_icons_and_pictures_are_not_compressed() -> Result<()> {
        let mut files = site("\0asm");
        files.insert(INDEX.to_owned(), [&files[INDEX], &b"<link href=\"app.webmanifest\">"[..]].concat());
        files.insert("app.webmanifest".to_owned(), b"{ \"src\": \"icon-192.png\" }".to_vec());
        files.insert("icon-192.png".to_owned(), vec![1; 100_000]);
        let files = with_hashes(files)?;
        let icon = files.keys().find(|name| name.starts_with("icon-192.")).context("icon")?.clone();
        let manifest = files.keys().find(|name| name.starts_with("app.")).context("manifest")?;
        assert!(String::from_utf8_lossy(&files[manifest]).contains(&format!("\"{icon}\"")));
        let folder = tempfile::tempdir()?;
        let web = folder.path().join("web");
        write(&web, &files)?;
        assert!(web.join(&icon).exists() && !web.join(format!("{icon}.gz")).exists());
        assert!(print_sizes(&files, &web)? < 10_000);
        Ok(())
    }

    #[test]
    fn comment_lines_and_indentation_are_left_out() {
        let script = "/**\n * Says.\n */\nexport function f(x) {\n    // why\n    return x; // how\n\n}\n";
        assert_eq!(minified(script), "export function f(x) {\nreturn x; // how\n}\n");
        assert_eq!(minified("/* a\n b */\n  a {}\n/* c */\nb {}\n"), "a {}\nb {}\n");
    }

    #[test]
    fn page_over_budget_fails() {
        assert!(check_budget(260_000).is_ok());
        assert!(check_budget(260_001).is_err());
    }
}
