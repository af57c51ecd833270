//! Which file of a crate imports from which other. No two files may import from one another, directly or through others.
//! A name that a file only hands on (`pub use`) counts as the file that defines it; what only tests compile is left out.

use std::collections::{BTreeMap, BTreeSet};

use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Item, ItemMod, ItemUse, Macro, Token, UseTree};

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
struct Module<'a> {
    file: &'a str,
    /// The module that is being read: this one, or one inside it.
    at: Path,
    depth: usize,
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
        let file = syn::parse_file(&source.text).unwrap_or_else(|error| panic!("{}: {error}", source.path));
        let mut module = Self {
            file: &source.path,
            depth: at.len(),
            at: at.clone(),
            paths: BTreeSet::new(),
            names: BTreeMap::new(),
        };
        module.visit_file(&file);
        Some((at, module))
    }

    fn read_use(&mut self, tree: &UseTree, mut prefix: Path) {
        let (last, name) = match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                return self.read_use(&path.tree, prefix);
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.read_use(tree, prefix.clone()));
            }
            UseTree::Name(name) => (name.ident.to_string(), &name.ident),
            UseTree::Rename(rename) => (rename.ident.to_string(), &rename.rename),
            UseTree::Glob(_) => {
                self.paths.extend(self.absolute(&prefix));
                return;
            }
        };
        let mut name = name.to_string();
        if last != "self" {
            prefix.push(last);
        } else if name == "self" {
            name = prefix.last().cloned().unwrap_or_default();
        }
        // Since the 2018 edition a path may also start with a child of this module.
        let path = self.absolute(&prefix).unwrap_or_else(|| [self.at.clone(), prefix].concat());
        if self.at.len() == self.depth {
            self.names.insert(name, path.clone());
        }
        self.paths.insert(path);
    }

    /// The path from the crate's root, if it starts there, at a crate of the workspace, or with `self` or `super`.
    fn absolute(&self, path: &[String]) -> Option<Path> {
        let mut base = match path.first()?.as_str() {
            "crate" => vec![self.at[0].clone()],
            "self" | "super" => self.at.clone(),
            first => return CRATES.iter().any(|(name, _)| *name == first).then(|| path.to_vec()),
        };
        for word in path {
            match word.as_str() {
                "crate" | "self" => {}
                "super" => drop(base.pop()),
                _ => base.push(word.clone()),
            }
        }
        Some(base)
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|what| what.is_ident("test"))
    })
}

impl<'ast> Visit<'ast> for Module<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Fn(item) => &*item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => &[],
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.at.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.at.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.read_use(&item.tree, Path::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let words: Path = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if words.len() > 1 {
            self.paths.extend(self.absolute(&words));
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let arguments = call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
        arguments.iter().flatten().for_each(|argument| Visit::visit_expr(self, argument));
    }
}

/// For each file, the files that it imports from, each with one path that it names there.
type Edges<'a> = BTreeMap<&'a str, BTreeMap<&'a str, String>>;

fn edges(sources: &[Source]) -> Edges<'_> {
    let modules: BTreeMap<_, _> =
        sources.iter().filter(|source| !source.is_test()).filter_map(Module::read).collect();
    let mut edges = Edges::new();
    for (at, module) in &modules {
        for path in &module.paths {
            if let Some(target) = defining(&modules, path, at).filter(|target| *target != at) {
                let targets = edges.entry(module.file).or_default();
                targets.entry(modules[target].file).or_insert_with(|| path.join("::"));
            }
        }
    }
    edges
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

/// Whether `start` imports from `goal`, directly or through others.
fn reaches(edges: &Edges<'_>, start: &str, goal: &str) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![start]);
    while let Some(file) = open.pop() {
        open.extend(edges.get(file).into_iter().flat_map(BTreeMap::keys).filter(|next| seen.insert(**next)));
    }
    seen.contains(goal)
}

/// The imports that are part of a loop.
fn loops(sources: &[Source]) -> Vec<String> {
    let edges = edges(sources);
    let all = edges.iter().flat_map(|(from, targets)| targets.iter().map(move |(to, path)| (from, to, path)));
    let in_loop = all.filter(|(from, to, _)| reaches(&edges, to, from));
    in_loop.map(|(from, to, path)| format!("{from} imports {path} from {to}")).collect()
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
    // A child may use what its parent hands on, and not what its parent defines.
    let child = ("server/src/a/b.rs", "use super::Limit; pub struct B(Limit);");
    let defines = ("server/src/a.rs", "mod b; pub struct Limit; fn f(_: b::B) {} use self::b::B;");
    assert_eq!(loops(&[defines, child]).len(), 2);
    let hands_on = ("server/src/a.rs", "mod b; mod limit; pub use limit::Limit; pub use b::B;");
    assert!(loops(&[hands_on, child, ("server/src/a/limit.rs", "pub struct Limit;")]).is_empty());
}
