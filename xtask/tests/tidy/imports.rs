//! Which file of a crate names which other, read from the tokens of its paths: comments and strings do not count.
//! A name that a file only hands on (`pub use`) counts as the file that defines it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::sources::Source;

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
struct Module {
    file: String,
    /// What its paths name, absolute.
    paths: Vec<Path>,
    /// Names that its `use` lines bring in, and what they stand for. A glob stands under `*`.
    names: Vec<(String, Path)>,
}

/// All modules that are more than tests.
pub(crate) struct Imports {
    modules: BTreeMap<Path, Module>,
}

impl Imports {
    /// Reads the modules of all crates in `sources`; what only tests compile is left out.
    pub(crate) fn read(sources: &[Source]) -> Self {
        let mut modules = BTreeMap::new();
        for source in sources.iter().filter(|source| !source.is_test()) {
            let Some(path) = module_path(&source.path) else { continue };
            let tokens: TokenStream =
                source.text.parse().unwrap_or_else(|error| panic!("cannot read {}: {error}", source.path));
            let mut module = Module { file: source.path.clone(), paths: Vec::new(), names: Vec::new() };
            module.read(&tokens.into_iter().collect::<Vec<_>>(), &path, 0);
            modules.insert(path, module);
        }
        Self { modules }
    }

    /// The files that each file imports from, each with one path that it names there.
    fn edges(&self) -> BTreeMap<&str, BTreeMap<&str, String>> {
        let mut edges = BTreeMap::new();
        for (at, module) in &self.modules {
            let mut targets = BTreeMap::new();
            for path in &module.paths {
                if let Some(target) = self.defining(path, at).filter(|target| *target != at) {
                    targets.entry(self.modules[target].file.as_str()).or_insert_with(|| path.join("::"));
                }
            }
            edges.insert(module.file.as_str(), targets);
        }
        edges
    }

    /// The module that defines what `path` names; `None` if the path leads out of the workspace.
    fn defining<'a>(&'a self, path: &[String], from: &Path) -> Option<&'a Path> {
        let mut path = path.to_vec();
        for _ in 0..HOPS_MAX {
            let depth = (1..=path.len()).rev().find(|depth| self.modules.contains_key(&path[..*depth]))?;
            let (at, module) = self.modules.get_key_value(&path[..depth])?;
            let handed_on = path.get(depth).and_then(|name| {
                let named = module.names.iter().find(|(own, _)| own == name);
                named.map(|(_, target)| target.iter().chain(&path[depth + 1..]).cloned().collect::<Path>())
            });
            match handed_on {
                // A file that hands a name on to its own child, say.
                Some(next) if next != path && at != from => path = next,
                _ => return Some(at),
            }
        }
        None
    }

    /// Every group of files that import from one another in a loop, as one line for each import inside the group.
    pub(crate) fn cycles(&self) -> Vec<Vec<String>> {
        let edges = self.edges();
        let reach: BTreeMap<&str, BTreeSet<&str>> =
            edges.keys().map(|file| (*file, reachable(&edges, file))).collect();
        let mut seen = BTreeSet::new();
        let mut cycles = Vec::new();
        for file in edges.keys() {
            let group: BTreeSet<_> =
                reach[file].iter().copied().filter(|other| reach[other].contains(file)).collect();
            if group.is_empty() || !seen.insert(group.clone()) {
                continue;
            }
            let inside = group.iter().flat_map(|from| {
                let targets = edges[from].iter().filter(|(to, _)| group.contains(*to));
                targets.map(move |(to, path)| format!("{from} imports {path} from {to}"))
            });
            cycles.push(inside.collect());
        }
        cycles
    }
}

/// All files that `start` imports from, directly or through others; itself only if it is in a loop.
fn reachable<'a>(edges: &BTreeMap<&'a str, BTreeMap<&'a str, String>>, start: &'a str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![start];
    while let Some(file) = open.pop() {
        open.extend(edges.get(file).into_iter().flat_map(BTreeMap::keys).filter(|next| found.insert(**next)));
    }
    found
}

/// `server/src/engine/inbox.rs` is `["server", "engine", "inbox"]`.
fn module_path(file: &str) -> Option<Path> {
    let (name, rest) = CRATES.iter().find_map(|(name, root)| {
        Some((*name, file.strip_prefix(root)?.strip_prefix('/')?.strip_suffix(".rs")?))
    })?;
    let mut path = vec![name.to_owned()];
    if rest != "lib" {
        path.extend(rest.split('/').map(str::to_owned));
    }
    Some(path)
}

impl Module {
    /// Reads `tokens`, which are in the module `at`; `depth` counts the inline modules around them.
    fn read(&mut self, tokens: &[TokenTree], at: &[String], depth: usize) {
        let mut i = 0;
        while i < tokens.len() {
            if is_cfg_test(&tokens[i..]) {
                // Up to the end of the item: its body or its semicolon.
                i += 2;
                while i < tokens.len() && !ends_item(&tokens[i]) {
                    i += 1;
                }
            } else if let (Some("mod"), Some(name), Some(TokenTree::Group(body))) =
                (ident(tokens.get(i)).as_deref(), ident(tokens.get(i + 1)), tokens.get(i + 2))
            {
                let inner: Vec<_> = at.iter().cloned().chain([name]).collect();
                self.read(&body.stream().into_iter().collect::<Vec<_>>(), &inner, depth + 1);
                i += 2;
            } else if ident(tokens.get(i)).as_deref() == Some("use") {
                let end = (i..tokens.len()).find(|end| ends_item(&tokens[*end])).unwrap_or(tokens.len());
                let end = (end..tokens.len()).find(|at| is_punct(&tokens[*at], ';')).unwrap_or(tokens.len());
                self.read_use(&tokens[i + 1..end], &[], at, depth);
                i = end;
            } else if let Some((path, next)) = path_at(tokens, i) {
                if path.len() > 1
                    && let Some(absolute) = absolute(&path, at)
                {
                    self.paths.push(absolute);
                }
                i = next - 1;
            } else if let TokenTree::Group(group) = &tokens[i] {
                self.read(&group.stream().into_iter().collect::<Vec<_>>(), at, depth);
            }
            i += 1;
        }
    }

    /// Reads one tree of a `use`: `prefix` is what stands before it.
    fn read_use(&mut self, tokens: &[TokenTree], prefix: &[String], at: &[String], depth: usize) {
        let mut path = prefix.to_vec();
        let mut i = 0;
        while i < tokens.len() {
            match &tokens[i] {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<_> = group.stream().into_iter().collect();
                    for tree in inner.split(|token| is_punct(token, ',')).filter(|tree| !tree.is_empty()) {
                        self.read_use(tree, &path, at, depth);
                    }
                    return;
                }
                TokenTree::Ident(word) if word == "as" => break,
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Punct(star) if star.as_char() == '*' => path.push("*".to_owned()),
                _ => {}
            }
            i += 1;
        }
        if path.len() > prefix.len() && path.last().is_some_and(|last| last == "self") && !prefix.is_empty() {
            path.pop();
        }
        let alias = ident(tokens.get(i + 1)).filter(|_| i < tokens.len());
        // Since the 2018 edition a path may also start with a child of this module.
        let absolute =
            absolute(&path, at).unwrap_or_else(|| at.iter().cloned().chain(path.clone()).collect());
        let name = alias.or_else(|| absolute.last().cloned()).unwrap_or_default();
        if depth == 0 {
            self.names.push((name, absolute.clone()));
        }
        self.paths.push(absolute);
    }
}

/// The path from the crate's root, if it starts there, at a crate of the workspace, or with `self` or `super`.
fn absolute(path: &[String], at: &[String]) -> Option<Path> {
    let first = path.first()?.as_str();
    if CRATES.iter().any(|(name, _)| *name == first) {
        return Some(path.to_vec());
    }
    let mut base = match first {
        "crate" => vec![at[0].clone()],
        "self" | "super" => at.to_vec(),
        _ => return None,
    };
    let mut rest = path;
    while let Some(word) = rest.first().filter(|word| matches!(word.as_str(), "crate" | "self" | "super")) {
        if word == "super" {
            base.pop();
        }
        rest = &rest[1..];
    }
    base.extend(rest.iter().cloned());
    Some(base)
}

/// The path that starts at `i`, and where it ends.
fn path_at(tokens: &[TokenTree], i: usize) -> Option<(Path, usize)> {
    let mut path = vec![ident(tokens.get(i))?];
    let mut next = i + 1;
    while tokens.get(next).is_some_and(|token| is_punct(token, ':'))
        && tokens.get(next + 1).is_some_and(|token| is_punct(token, ':'))
        && let Some(word) = ident(tokens.get(next + 2))
    {
        path.push(word);
        next += 3;
    }
    Some((path, next))
}

fn is_cfg_test(tokens: &[TokenTree]) -> bool {
    let [TokenTree::Punct(hash), TokenTree::Group(attribute), ..] = tokens else { return false };
    hash.as_char() == '#' && attribute.to_string().replace(' ', "") == "[cfg(test)]"
}

fn ends_item(token: &TokenTree) -> bool {
    is_punct(token, ';') || matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

fn ident(token: Option<&TokenTree>) -> Option<String> {
    match token? {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    }
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycles(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let sources: Vec<_> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
        Imports::read(&sources).cycles()
    }

    #[test]
    fn two_files_that_import_each_other_are_a_cycle() {
        let found = cycles(&[
            ("server/src/lib.rs", "mod a; mod b;"),
            ("server/src/a.rs", "use crate::b::B; pub struct A;"),
            ("server/src/b.rs", "pub struct B(super::a::A);"),
        ]);
        assert_eq!(
            found,
            [[
                "server/src/a.rs imports server::b::B from server/src/b.rs",
                "server/src/b.rs imports server::a::A from server/src/a.rs"
            ]]
        );
    }

    #[test]
    fn parent_and_child_are_a_cycle_if_the_child_uses_what_the_parent_defines() {
        let child = ("server/src/a/b.rs", "use super::Limit; pub struct B(Limit);");
        let defines = ("server/src/a.rs", "mod b; pub struct Limit; fn f(_: b::B) {} use self::b::B;");
        assert_eq!(cycles(&[defines, child]).len(), 1);
        let hands_on = ("server/src/a.rs", "mod b; mod limit; pub use limit::Limit; pub use b::B;");
        assert_eq!(cycles(&[hands_on, child, ("server/src/a/limit.rs", "pub struct Limit;")]).len(), 0);
    }

    #[test]
    fn tests_comments_and_strings_do_not_count() {
        let found = cycles(&[
            ("server/src/a.rs", "use crate::b::B; pub struct A;"),
            (
                "server/src/b.rs",
                "/// [`crate::a::A`]\npub struct B; const S: &str = \"crate::a::A\"; #[cfg(test)] mod tests { use crate::a::A; }",
            ),
        ]);
        assert_eq!(found.len(), 0);
    }
}
