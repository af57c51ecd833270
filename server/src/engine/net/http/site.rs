//! Serves the browser client's files from inside the binary: the best precompressed variant, an entity tag, and a lifetime
//! in the browser's cache.

use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use bytes::Bytes;
use rust_embed::EmbeddedFile;
use sha2::{Digest, Sha256};

use super::{
    accept_encoding::{ContentEncoding, accepted, is_current},
    page_facts::{PageFacts, gzip},
    response::text,
};

/// Where the files of the site come from, by path without a leading slash.
#[derive(Debug)]
pub enum Site {
    /// From inside the binary: `get` of a type that derives [`RustEmbed`](rust_embed::RustEmbed).
    Embedded(fn(&str) -> Option<EmbeddedFile>),
    /// From memory.
    Files(HashMap<String, Vec<u8>>),
    /// From a folder, at each request. For development: it blocks a network thread.
    Folder(PathBuf),
    /// Another one's files, and a page that says what only the operator knows.
    Filled {
        /// Where all other files come from.
        site: Box<Self>,
        /// What the page says.
        facts: PageFacts,
        /// The page and its variants, made at the start; `None` if the page may change meanwhile.
        made: Option<HashMap<String, Vec<u8>>>,
    },
}

struct File {
    bytes: Bytes,
    etag: String,
}

/// How many folders above the program are looked into.
const FOLDERS_UP: usize = 3;

const INDEX: &str = "index.html";

const NOT_BUILT: &str = "This server was built without the browser client. Run `cargo xtask build`, and start the server it builds.\n";

impl Site {
    /// That of the game with this name, as `cargo xtask build --game NAME` makes it: the folder `web-NAME` beside the program, or one of
    /// the two folders above it, because cargo puts programs into `target/release`. Empty if there is none.
    pub fn of_game(name: &str) -> Self {
        let program = env::current_exe().unwrap_or_default();
        let folders =
            program.ancestors().skip(1).take(FOLDERS_UP).map(|folder| folder.join(format!("web-{name}")));
        let found = folders.into_iter().find(|folder| folder.is_dir());
        found.map_or_else(|| Self::Files(HashMap::new()), |folder| Self::of_folder(&folder))
    }

    /// The files in a folder and in those inside it, read now; by a debug build at each request, so that a page can be worked on. A file
    /// that cannot be read is left out.
    pub fn of_folder(folder: &Path) -> Self {
        if cfg!(debug_assertions) { Self::Folder(folder.to_owned()) } else { Self::Files(files_in(folder)) }
    }

    /// The same files, and the page with `facts`.
    pub(in crate::engine::net) fn with_facts(self, facts: PageFacts) -> Self {
        if facts == PageFacts::default() {
            return self;
        }
        // A debug build reads embedded files from their folder.
        if matches!(self, Self::Folder(_)) || cfg!(debug_assertions) && matches!(self, Self::Embedded(_)) {
            return Self::Filled { site: Box::new(self), facts, made: None };
        }
        let page = self.file(INDEX).map(|page| page.bytes).unwrap_or_default();
        let filled = facts.fill(&String::from_utf8_lossy(&page)).into_bytes();
        if page == filled {
            return self;
        }
        let mut made = HashMap::new();
        if let Some(packed) = gzip(&filled) {
            made.insert(format!("{INDEX}{}", ContentEncoding::Gzip.suffix()), packed);
        }
        made.insert(INDEX.to_owned(), filled);
        Self::Filled { site: Box::new(self), facts, made: Some(made) }
    }

    fn file(&self, path: &str) -> Option<File> {
        match self {
            Self::Embedded(get) => get(path).map(|file| File {
                etag: etag(&file.metadata.sha256_hash()),
                bytes: match file.data {
                    std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                    std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
                },
            }),
            Self::Files(files) => files.get(path).map(|bytes| of_bytes(bytes)),
            Self::Filled { site, .. } if !path.starts_with(INDEX) => site.file(path),
            Self::Filled { made: Some(made), .. } => made.get(path).map(|bytes| of_bytes(bytes)),
            // A compressed variant that lies there is of the page without facts.
            Self::Filled { made: None, .. } if path != INDEX => None,
            Self::Filled { site, facts, made: None } => site.file(INDEX).map(|page| {
                let page = String::from_utf8_lossy(&page.bytes).into_owned();
                of_bytes(facts.fill(&page).as_bytes())
            }),
            // What is asked for may lead out of the folder.
            Self::Folder(_) if path.split('/').any(|part| part.is_empty() || part.starts_with('.')) => None,
            Self::Folder(folder) => fs::read(folder.join(path)).ok().map(|bytes| of_bytes(&bytes)),
        }
    }

    /// The response to a GET or HEAD of `path`.
    pub(super) fn response(&self, path: &str, request: &HeaderMap) -> Response<Body> {
        let path = path.trim_start_matches('/');
        let path = if path.is_empty() { INDEX } else { path };
        // Compressed files are variants of their originals, and have no address of their own.
        let is_variant = |encoding: ContentEncoding| {
            encoding != ContentEncoding::Identity && path.ends_with(encoding.suffix())
        };
        if ContentEncoding::PREFERRED.into_iter().any(is_variant) {
            return not_found();
        }
        let found = accepted(request)
            .into_iter()
            .find_map(|encoding| Some((encoding, self.file(&format!("{path}{}", encoding.suffix()))?)));
        match found {
            Some((encoding, file)) => file_response(path, encoding, file, request),
            None if path == INDEX => text(StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT),
            None => not_found(),
        }
    }
}

fn of_bytes(bytes: &[u8]) -> File {
    File { etag: etag(&Sha256::digest(bytes).into()), bytes: Bytes::copy_from_slice(bytes) }
}

/// All files below a folder.
fn files_in(folder: &Path) -> HashMap<String, Vec<u8>> {
    let mut files = HashMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        for entry in fs::read_dir(&inside).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let (Ok(name), Ok(bytes)) = (path.strip_prefix(folder), fs::read(&path)) {
                let parts: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
                files.insert(parts.join("/"), bytes);
            }
        }
    }
    files
}

fn file_response(path: &str, encoding: ContentEncoding, file: File, request: &HeaderMap) -> Response<Body> {
    let is_current = is_current(request, &file.etag);
    let mut response = Response::new(if is_current { Body::empty() } else { Body::from(file.bytes) });
    if is_current {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&file.etag) {
        headers.insert(header::ETAG, etag);
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control(path)));
    if !is_current {
        if let Ok(mime) = HeaderValue::from_str(&mime(path)) {
            headers.insert(header::CONTENT_TYPE, mime);
        }
        if encoding != ContentEncoding::Identity {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
        }
    }
    response
}

fn not_found() -> Response<Body> {
    text(StatusCode::NOT_FOUND, "Not found. The game is at the server's root.\n")
}

/// A file with a hash of its content in its name never changes. Any other is revalidated each time, which costs one round
/// trip and no content.
fn cache_control(path: &str) -> &'static str {
    if is_hashed(path) { "public, max-age=31536000, immutable" } else { "no-cache" }
}

/// Whether the name is like `client.0123abcd.js`: a part between dots that is eight or more hexadecimal digits.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let hash = |part: &str| part.len() >= 8 && part.bytes().all(|b| b.is_ascii_hexdigit());
    name.split('.').skip(1).any(hash)
}

fn mime(path: &str) -> String {
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    if mime.type_() == "text" { format!("{mime}; charset=utf-8") } else { mime.to_string() }
}

/// Half of a SHA-256 is enough to tell versions apart. Each compressed variant has its own tag, as strong tags must.
fn etag(hash: &[u8; 32]) -> String {
    let digits: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_immutable() {
        assert!(is_hashed("client.0123abcdef.js"));
        assert!(is_hashed("sounds/click.00c0ffee.ogg"));
        for name in ["index.html", "client.js", "deadbeef.js", "client.beta.js", "a.12/b"] {
            assert!(!is_hashed(name), "{name}");
        }
    }

    #[test]
    fn folder_is_read_with_those_inside_it() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        fs::create_dir(folder.path().join("sounds")).expect("writable");
        fs::write(folder.path().join("index.html"), "page").expect("writable");
        fs::write(folder.path().join("sounds/click.ogg"), "click").expect("writable");
        fs::write(folder.path().join(".secret"), "no").expect("writable");
        let outside =
            format!("../{}/index.html", folder.path().file_name().unwrap_or_default().to_string_lossy());
        for site in [Site::Files(files_in(folder.path())), Site::Folder(folder.path().to_owned())] {
            let file = |path: &str| site.file(path).map(|file| file.bytes);
            assert_eq!(file("sounds/click.ogg"), Some(Bytes::from_static(b"click")));
            assert!(file("index.html").is_some() && file("none").is_none());
            for path in ["../index.html", &outside, "/etc/hostname", "sounds//click.ogg"] {
                assert!(file(path).is_none(), "{path}");
            }
        }
        assert!(files_in(&folder.path().join("none")).is_empty());
    }

    #[test]
    fn mime_types_are_those_that_browsers_require() {
        assert_eq!(mime("client.0123abcd.wasm"), "application/wasm");
        assert_eq!(mime("index.html"), "text/html; charset=utf-8");
        assert!(mime("client.js").starts_with("text/javascript"));
        assert_eq!(mime("mystery"), "application/octet-stream");
    }
}
