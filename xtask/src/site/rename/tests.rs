//! Tests of how files are renamed and references follow.

use super::*;

fn site(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
}

/// The new name and text of the file whose old name was `stem.kind`.
fn find<'a>(files: &'a Files, stem: &str, kind: &str) -> (&'a str, &'a str) {
    let (name, bytes) = files
        .iter()
        .find(|(name, _)| name.starts_with(&format!("{stem}.")) && name.ends_with(&format!(".{kind}")))
        .expect("no such file");
    (name, std::str::from_utf8(bytes).expect("text"))
}

const PAGE: [(&str, &str); 6] = [
    ("index.html", "<link href=style.css rel=stylesheet><script type=module src='./boot.js'></script>"),
    ("style.css", "body { background: url(icons/ship.svg) } /* restyle.css stays */"),
    ("boot.js", "import init from \"./client.js\"; await init();"),
    ("client.js", "new URL('client_bg.wasm', import.meta.url)"),
    ("client_bg.wasm", "\0asm"),
    ("icons/ship.svg", "<svg/>"),
];

#[test]
fn every_reference_names_a_file_that_is_there() -> Result<()> {
    let files = with_hashes(&site(&PAGE))?;
    assert_eq!(files.len(), PAGE.len());
    let index = find(&files, "index", "html");
    assert_eq!(index.0, "index.html");
    let (css, boot, client) =
        (find(&files, "style", "css"), find(&files, "boot", "js"), find(&files, "client", "js"));
    assert!(index.1.contains(&format!("href={} ", css.0)), "{}", index.1);
    assert!(index.1.contains(&format!("'./{}'", boot.0)), "{}", index.1);
    assert!(boot.1.contains(&format!("\"./{}\"", client.0)), "{}", boot.1);
    assert!(client.1.contains(&format!("'{}'", find(&files, "client_bg", "wasm").0)), "{}", client.1);
    assert!(css.1.contains(&format!("url({})", find(&files, "icons/ship", "svg").0)), "{}", css.1);
    assert!(css.1.contains("restyle.css stays"));
    Ok(())
}

#[test]
fn a_change_renames_the_file_and_all_that_lead_to_it() -> Result<()> {
    let before = with_hashes(&site(&PAGE))?;
    let mut page = PAGE;
    page[4].1 = "\0asm2";
    let after = with_hashes(&site(&page))?;
    for (stem, kind) in [("client_bg", "wasm"), ("client", "js"), ("boot", "js")] {
        assert_ne!(find(&before, stem, kind).0, find(&after, stem, kind).0);
    }
    assert_eq!(find(&before, "style", "css").0, find(&after, "style", "css").0);
    Ok(())
}

#[test]
fn references_may_start_from_the_folder_of_the_file() -> Result<()> {
    let files = with_hashes(&site(&[
        ("index.html", "\"css/a.css\" \"lib/x.js\""),
        ("css/a.css", "url(b.png) url(\"../icons/c.png\")"),
        ("css/b.png", "b"),
        ("icons/c.png", "c"),
        ("lib/x.js", "\"https://x.example/b.png\""),
    ]))?;
    let css = find(&files, "css/a", "css").1;
    assert!(css.contains(&format!("url({})", file_name(find(&files, "css/b", "png").0))), "{css}");
    assert!(css.contains(&format!("\"../{}\"", find(&files, "icons/c", "png").0)), "{css}");
    assert_eq!(find(&files, "lib/x", "js").1, "\"https://x.example/b.png\"");
    Ok(())
}

#[test]
fn a_circle_is_an_error_and_a_file_may_name_itself() {
    let circle = site(&[("index.html", "'a.js'"), ("a.js", "'./b.js'"), ("b.js", "'./a.js'")]);
    let error = with_hashes(&circle).expect_err("a circle").to_string();
    assert!(error.contains("a.js, b.js"), "{error}");
    assert!(with_hashes(&site(&[("index.html", "'a.js'"), ("a.js", "'a.js'")])).is_ok());
}

#[test]
fn the_hash_is_fnv1a() {
    assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    assert_eq!(hashed("icons/a.png", b""), "icons/a.cbf29ce484222325.png");
    assert_eq!(hashed("LICENSE", b""), "LICENSE.cbf29ce484222325");
}
