//! The files of each page, Emberdrift's and the engine's, and the code that drives them name the same elements.

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

/// A page: the folder with its files, and of the code in `client-web/src/web` what is not for it.
struct Page {
    folder: &'static str,
    others: &'static [&'static str],
}

const PAGES: [Page; 2] = [
    Page { folder: "assets/web", others: &["/shell/page"] },
    Page { folder: "assets/engine", others: &["/app", "/emberdrift"] },
];

impl Page {
    fn file(&self, name: &str) -> String {
        read(&root().join(self.folder).join(name))
    }

    /// Of the elements in the page's text, and of those that its scripts make.
    fn ids(&self) -> BTreeSet<String> {
        self.all_ids().into_iter().collect()
    }

    fn all_ids(&self) -> Vec<String> {
        let page = self.file("index.html");
        let mut ids: Vec<_> = quoted_after(&page, " id=").into_iter().map(str::to_owned).collect();
        let folder = root().join(self.folder);
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry of a folder").path();
            if path.extension().is_some_and(|extension| extension == "js") {
                ids.extend(quoted_after(&read(&path), "{ id: ").into_iter().map(str::to_owned));
            }
        }
        ids
    }

    fn sources(&self) -> Vec<(PathBuf, String)> {
        let is_others = |path: &Path| {
            let path = path.to_string_lossy();
            self.others.iter().any(|other| path.contains(&format!("src/web{other}")))
        };
        let mut found = sources(&root().join("client-web/src/web"));
        found.retain(|(path, _)| !is_others(path));
        found
    }
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

#[test]
fn every_id_in_the_code_is_on_its_page() {
    for page in &PAGES {
        let ids = page.ids();
        let mut checked = 0;
        for (path, text) in page.sources() {
            // `element::<T>("id")`, `element("id")`, `by_id("id")`, and constants such as `SCENE_ID`.
            for before in
                ["element(", "Element>(", "EventTarget>(", "by_id(", "_ID: &str = ", "StickView::new("]
            {
                for id in quoted_after(&text, before).into_iter().filter(|id| !id.contains('{')) {
                    checked += 1;
                    let (path, folder) = (path.display(), page.folder);
                    assert!(ids.contains(id) || id == "canvas", "{path}: the page of {folder} has no #{id}");
                }
            }
        }
        assert!(checked > 20, "only {checked} ids were found: the test looks in the wrong place");
    }
}

#[test]
fn every_id_in_the_style_sheet_is_on_the_page() {
    for page in &PAGES {
        let (ids, css) = (page.ids(), page.file("style.css"));
        let mut checked = 0;
        for rest in css.split('#').skip(1) {
            let id: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            // What begins with a digit or has only hexadecimal digits is a colour.
            let is_colour = id.chars().all(|c| c.is_ascii_hexdigit()) && [3, 6].contains(&id.len());
            if id.is_empty() || is_colour {
                continue;
            }
            checked += 1;
            assert!(ids.contains(&id), "{} styles #{id}, which the page does not have", page.folder);
        }
        assert!(checked > 50, "only {checked} ids were found: the test looks in the wrong place");
    }
}

#[test]
fn no_id_is_given_twice() {
    for page in &PAGES {
        assert_eq!(page.all_ids().len(), page.ids().len(), "two elements of {} share an id", page.folder);
    }
}

/// The server's policy allows neither, and a browser leaves them out without a word.
#[test]
fn page_has_no_script_or_style_of_its_own() {
    for page in &PAGES {
        let html = page.file("index.html");
        assert!(
            !html.contains("<style") && !html.contains(" style=") && !html.contains("<script>"),
            "{}",
            page.folder
        );
    }
}

#[test]
fn every_address_is_relative() {
    // An address from the server's root would leave the path below which a proxy serves the page.
    for page in &PAGES {
        let mut checked = 0;
        for (file, before) in [
            ("index.html", &[" href=", " src=", " action="][..]),
            ("boot.js", &["import(", "from ", "fetch(", "URL("]),
            ("style.css", &["url("]),
        ] {
            let text = page.file(file);
            let addresses: Vec<_> = before.iter().flat_map(|before| quoted_after(&text, before)).collect();
            checked += addresses.len();
            for address in addresses {
                assert!(!address.starts_with('/') && !address.contains("://"), "{file}: {address}");
            }
        }
        assert!(checked >= 5, "only {checked} addresses were found: the test looks in the wrong place");
    }
    let mut checked = 0;
    for (path, text) in sources(&root().join("client-web/src/web")) {
        let path = path.display();
        for address in quoted_after(&text, "\"GET\", ") {
            checked += 1;
            assert!(!address.starts_with('/'), "{path}: {address}");
        }
        assert!(!text.contains("://{host}"), "{path}: an address is not made from the page's own");
    }
    assert!(checked >= 1, "no request was found: the test looks in the wrong place");
}
