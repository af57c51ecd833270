//! Which file of a crate imports from which other. No two files may import from one another, directly or through others.
//! A name that a file only hands on (`pub use`) counts as the file that defines it; what only tests compile is left out.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

use crate::{Source, assert_none, sources};

/// A path's segments, from the crate's root: `["server", "engine", "inbox", "Inbound"]`.
type Path = Vec<String>;

/// The crates of the workspace: the name in paths, and where its root is.
const CRATES: [(&str, &str); 5] = [
    ("shared", "shared/src"),
    ("server", "server/src"),
    ("client_web", "client-web/src"),
    ("benches", "benches/src"),
    ("xtask", "xtask/src"),
];

/// How often a name that is handed on is followed.
const HOPS_MAX: usize = 8;

/// A file as a module.
#[derive(Default)]
struct Module<'a> {
    file: &'a str,
    /// What its paths name, absolute.
    paths: BTreeSet<Path>,
    /// Names that its `use` lines bring in, and what they stand for.
    names: BTreeMap<String, Path>,
}

impl<'a> Module<'a> {
    /// Reads a file of a crate, with its path in the crate: `server/src/engine/inbox.rs` is `["server", "engine", "inbox"]`.
    fn read(source: &'a Source) -> Option<(Path, Self)> {
        let (name, rest) = CRATES.iter().find_map(|(name, root)| {
            Some((name, source.path.strip_prefix(root)?.strip_prefix('/')?.strip_suffix(".rs")?))
        })?;
        let parts = [*name].into_iter().chain(rest.split('/').filter(|part| *part != "lib"));
        let at: Path = parts.map(str::to_owned).collect();
        let mut module = Self { file: &source.path, ..Self::default() };
        let tokens = source.text.parse().unwrap_or_else(|error| panic!("{}: {error}", source.path));
        module.read_tokens(tokens, &at, &[]);
        Some((at, module))
    }

    /// Reads code of the module `at`, or what a `use` has in braces behind the path `prefix`.
    fn read_tokens(&mut self, tokens: TokenStream, at: &[String], prefix: &[String]) {
        let mut tokens = tokens.into_iter().peekable();
        let (mut path, mut is_use) = (prefix.to_vec(), !prefix.is_empty());
        while let Some(token) = tokens.next() {
            let mut is_whole = path.len() > prefix.len();
            let mut name = None;
            match token {
                TokenTree::Group(group) if group.to_string().replace(' ', "") == "[cfg(test)]" => {
                    // What it stands before ends with a semicolon or a block.
                    let _ = tokens.find(|token| match token {
                        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                        token => token.to_string() == ";",
                    });
                }
                TokenTree::Group(group) => {
                    self.read_tokens(group.stream(), at, if is_whole { &path } else { &[] });
                    path.truncate(prefix.len());
                    is_whole = false;
                }
                TokenTree::Ident(word) if word == "use" => is_use = true,
                // Who may see a name imports nothing: `pub(in crate::game)`.
                TokenTree::Ident(word) if word == "pub" => {
                    tokens.next_if(|next| next.to_string().starts_with("(in "));
                }
                TokenTree::Ident(word) if word == "mod" => {
                    let name = tokens.next().map(|name| name.to_string());
                    if let Some(TokenTree::Group(inside)) = tokens.next() {
                        self.read_tokens(inside.stream(), &[at, name.as_slice()].concat(), &[]);
                    }
                }
                TokenTree::Ident(word) => {
                    path.push(word.to_string());
                    is_whole = tokens.next_if(is_colon).and_then(|_| tokens.next()).is_none();
                    if is_whole && is_use && tokens.next_if(|next| next.to_string() == "as").is_some() {
                        name = tokens.next().map(|name| name.to_string());
                    }
                }
                // A path may end with a star or before generic arguments.
                token => is_use &= token.to_string() != ";",
            }
            if is_whole {
                self.add(&path, name, at, is_use);
                path.truncate(prefix.len());
            }
        }
    }

    /// Adds a path if it starts at the crate's root, at a crate of the workspace, or with `self` or `super`; in a `use` it may
    /// start with a child of the module too.
    fn add(&mut self, path: &[String], name: Option<String>, at: &[String], is_use: bool) {
        let mut whole = match path[0].as_str() {
            _ if path.len() == 1 && !is_use => return,
            "crate" => vec![at[0].clone()],
            first if CRATES.iter().any(|(name, _)| *name == first) => Path::new(),
            first if is_use || ["self", "super"].contains(&first) => at.to_vec(),
            _ => return,
        };
        for word in path {
            match word.as_str() {
                "crate" | "self" => {}
                "super" => drop(whole.pop()),
                _ => whole.push(word.clone()),
            }
        }
        if let Some(name) = name.or_else(|| whole.last().cloned()).filter(|_| is_use) {
            self.names.insert(name, whole.clone());
        }
        self.paths.insert(whole);
    }
}

/// Whether it is the first half of `::`.
fn is_colon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint)
}

/// The module that defines what `path` names; `None` if the path leads out of the workspace.
fn defining<'m>(modules: &'m BTreeMap<Path, Module<'_>>, path: &Path, from: &Path) -> Option<&'m Path> {
    let mut path = path.clone();
    for _ in 0..HOPS_MAX {
        let depth = (1..=path.len()).rev().find(|depth| modules.contains_key(&path[..*depth]))?;
        let (at, module) = modules.get_key_value(&path[..depth])?;
        let handed_on = path.get(depth).and_then(|name| module.names.get(name));
        match handed_on.map(|target| [target, &path[depth + 1..]].concat()) {
            // A file that hands a name on to its own child, say.
            Some(next) if next != path && at != from => path = next,
            _ => return Some(at),
        }
    }
    None
}

/// The imports that are part of a loop.
fn loops(sources: &[Source]) -> Vec<String> {
    let modules: BTreeMap<_, _> =
        sources.iter().filter(|source| !source.is_test()).filter_map(Module::read).collect();
    // The importing file, the other, and one path that is named there.
    let mut imports = BTreeMap::new();
    for (at, module) in &modules {
        for path in &module.paths {
            if let Some(target) = defining(&modules, path, at).filter(|target| *target != at) {
                imports.entry((module.file, modules[target].file)).or_insert(path);
            }
        }
    }
    let targets = |file| {
        imports
            .range((file, "")..)
            .map(|(files, _)| *files)
            .take_while(move |(from, _)| *from == file)
            .map(|(_, to)| to)
    };
    let reaches = |start, goal| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![start]);
        while let Some(file) = open.pop() {
            open.extend(targets(file).filter(|next| seen.insert(*next)));
        }
        seen.contains(goal)
    };
    let in_loop = imports.iter().filter(|((from, to), _)| reaches(*to, *from));
    in_loop.map(|((from, to), path)| format!("{from} imports {} from {to}", path.join("::"))).collect()
}

#[test]
fn no_files_import_each_other() {
    assert_none(&loops(&sources(&["rs"])), "these files import one another, so none can be read alone");
}

#[test]
fn files_that_import_each_other_are_reported() {
    let loops = |files: &[(&str, &str)]| {
        let sources: Vec<_> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
        loops(&sources)
    };
    let a = ("server/src/a.rs", "use crate::b::{self, B as C}; pub struct A;");
    let found = loops(&[a, ("server/src/b.rs", "pub struct B(super::a::A);")]);
    let expected =
        ["a.rs imports server::b from server/src/b.rs", "b.rs imports server::a::A from server/src/a.rs"];
    assert_eq!(found, expected.map(|line| format!("server/src/{line}")));
    assert_eq!(loops(&[a, ("server/src/b.rs", "fn f() { dbg!(1, crate::a::A); }")]).len(), 2);
    // Neither tests nor comments nor strings count.
    let tests =
        "/// [`crate::a::A`]\nconst S: &str = \"crate::a::A\"; #[cfg(test)] mod tests { use crate::a::A; }";
    assert!(loops(&[a, ("server/src/b.rs", tests)]).is_empty());
    let sees = ("server/src/a.rs", "pub(in crate::b) struct A;");
    assert!(loops(&[sees, ("server/src/b.rs", "pub struct B(super::a::A);")]).is_empty());
    // A child may use what its parent hands on, and not what its parent defines.
    let child = ("server/src/a/b.rs", "use super::Limit; pub struct B(Limit);");
    let defines = ("server/src/a.rs", "mod b; pub struct Limit; fn f(_: b::B) {} use self::b::B;");
    assert_eq!(loops(&[defines, child]).len(), 2);
    let hands_on = ("server/src/a.rs", "mod b; mod limit; pub use limit::Limit; pub use b::B;");
    assert!(loops(&[hands_on, child, ("server/src/a/limit.rs", "pub struct Limit;")]).is_empty());
}
