//! The page's files and the code that drives them name the same elements.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

fn page(file: &str) -> String {
    read(&root().join("assets/web").join(file))
}

/// The text of every Rust file below `folder`, with its path.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in
        fs::read_dir(folder).unwrap_or_else(|error| panic!("cannot list {}: {error}", folder.display()))
    {
        let path = entry.expect("an entry of a folder").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = read(&path);
            found.push((path, text));
        }
    }
    found
}

/// What stands between quotes right behind each `before`.
fn quoted_after<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
    let parts = text.split(before).skip(1);
    parts.filter_map(|rest| rest.strip_prefix('"')?.split('"').next()).collect()
}

fn ids_on_the_page() -> BTreeSet<String> {
    quoted_after(&page("index.html"), " id=").into_iter().map(str::to_owned).collect()
}

#[test]
fn every_id_in_the_code_is_on_the_page() {
    let ids = ids_on_the_page();
    let mut checked = 0;
    for (path, text) in sources(&root().join("client-web/src/web")) {
        // `element::<T>("id")`, `element("id")`, `by_id("id")`, and constants such as `SCENE_ID`.
        for before in ["element(", "Element>(", "EventTarget>(", "by_id(", "_ID: &str = "] {
            for id in quoted_after(&text, before).into_iter().filter(|id| !id.contains('{')) {
                checked += 1;
                assert!(ids.contains(id) || id == "canvas", "{}: the page has no #{id}", path.display());
            }
        }
    }
    assert!(checked > 30, "only {checked} ids were found: the test looks in the wrong place");
}

#[test]
fn every_id_in_the_style_sheet_is_on_the_page() {
    let (ids, css) = (ids_on_the_page(), page("style.css"));
    let mut checked = 0;
    for rest in css.split('#').skip(1) {
        let id: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        // What begins with a digit or has only hexadecimal digits is a colour.
        let is_colour = id.chars().all(|c| c.is_ascii_hexdigit()) && [3, 6].contains(&id.len());
        if id.is_empty() || is_colour {
            continue;
        }
        checked += 1;
        assert!(ids.contains(&id), "style.css styles #{id}, which the page does not have");
    }
    assert!(checked > 100, "only {checked} ids were found: the test looks in the wrong place");
}

#[test]
fn no_id_is_given_twice() {
    let html = page("index.html");
    let all = quoted_after(&html, " id=");
    assert_eq!(all.len(), ids_on_the_page().len(), "two elements share an id");
}

#[test]
fn every_address_is_relative() {
    // An address from the server's root would leave the path below which a proxy serves the page.
    let mut checked = 0;
    for (file, before) in [
        ("index.html", &[" href=", " src=", " action="][..]),
        ("boot.js", &["import(", "from ", "fetch(", "URL("]),
        ("style.css", &["url("]),
    ] {
        let text = page(file);
        let addresses: Vec<_> = before.iter().flat_map(|before| quoted_after(&text, before)).collect();
        checked += addresses.len();
        for address in addresses {
            assert!(!address.starts_with('/') && !address.contains("://"), "{file}: {address}");
        }
    }
    assert!(checked >= 5, "only {checked} addresses were found: the test looks in the wrong place");
    for (path, text) in sources(&root().join("client-web/src/web")) {
        let path = path.display();
        for address in quoted_after(&text, "\"GET\", ") {
            checked += 1;
            assert!(!address.starts_with('/'), "{path}: {address}");
        }
        assert!(!text.contains("://{host}"), "{path}: an address is not made from the page's own");
    }
    assert!(checked >= 6, "no request was found: the test looks in the wrong place");
}
