//! Fetches one package from another suite of the machine's own Debian mirror, with lists and a cache of our own: the
//! machine's sources, lists and packages stay as they are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::output_of;

/// The archive the machine gets its packages from, and a folder to work in.
pub(super) struct Apt {
    source: Source,
    work: PathBuf,
}

/// One entry of the machine's apt sources.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    uri: String,
    suites: Vec<String>,
    components: Vec<String>,
    /// What makes apt trust the archive, as fields of a `.sources` file.
    trust: Vec<(String, String)>,
}

impl Apt {
    /// Finds the archive in the machine's apt sources; `codename` is that of its release.
    pub(super) fn new(codename: &str, work: &Path) -> Result<Self> {
        let source = machine_sources()
            .into_iter()
            .find(|source| source.is_main_archive(codename))
            .with_context(|| format!("no archive with the suite {codename} in /etc/apt/sources.list*"))?;
        Ok(Self { source, work: work.to_owned() })
    }

    /// Downloads `package` of upstream's `version` from `suite`; returns the file.
    pub(super) fn download(&self, suite: &str, package: &str, version: &str) -> Result<PathBuf> {
        println!("looking for {package} {version} in Debian's {suite}");
        let folder = self.work.join(suite);
        for private in ["lists/partial", "cache/archives/partial", "package"] {
            fs::create_dir_all(folder.join(private))?;
        }
        fs::write(folder.join("debian.sources"), self.source.stanza(suite))?;
        let apt_get = |args: &[&str]| {
            let mut command = Command::new("apt-get");
            let option = |name: &str, path: &str| format!("{name}={}", folder.join(path).display());
            command
                .args(["-o", &option("Dir::Etc::sourcelist", "debian.sources")])
                .args(["-o", "Dir::Etc::sourceparts=-"])
                .args(["-o", &option("Dir::State::lists", "lists")])
                .args(["-o", &option("Dir::Cache", "cache")])
                .args(["-o", "APT::Sandbox::User=root", "-qq"])
                .args(args)
                .current_dir(folder.join("package"))
                .env("LC_ALL", "C");
            output_of(&mut command, &format!("apt-get {}", args.join(" ")))
        };
        apt_get(&["update"])?;
        // Debian's own revision follows upstream's version: `1.95.0+dfsg1-2`.
        apt_get(&["download", &format!("{package}={version}*")])?;
        let mut files = fs::read_dir(folder.join("package"))?.flatten().map(|file| file.path());
        match files.find(|file| file.extension().is_some_and(|extension| extension == "deb")) {
            Some(file) => Ok(file),
            None => bail!("apt-get downloaded nothing"),
        }
    }
}

impl Source {
    /// Whether this is Debian's archive itself: not its security updates, and not another project's.
    fn is_main_archive(&self, codename: &str) -> bool {
        let names = [codename, "oldstable", "stable", "testing", "unstable", "sid"];
        self.suites.iter().any(|suite| names.contains(&suite.as_str()))
            && self.components.iter().any(|component| component == "main")
            && !self.uri.starts_with("cdrom:")
    }

    /// A `.sources` entry for `suite` of the same archive, with nothing but its packages.
    fn stanza(&self, suite: &str) -> String {
        let mut text =
            format!("Types: deb\nURIs: {}\nSuites: {suite}\nComponents: main\nTargets: Packages\n", self.uri);
        for (name, value) in &self.trust {
            text += &format!("{name}: {value}\n");
        }
        text
    }
}

/// Whether the apt option `name` is about trust.
fn is_trust(name: &str) -> bool {
    ["signed-by", "trusted", "check-valid-until"].iter().any(|option| name.eq_ignore_ascii_case(option))
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// All entries of the machine's apt sources, of both kinds of file.
fn machine_sources() -> Vec<Source> {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    if let Ok(parts) = fs::read_dir("/etc/apt/sources.list.d") {
        files.extend(parts.flatten().map(|file| file.path()));
    }
    files.sort();
    let parse = |file: &PathBuf| {
        let text = fs::read_to_string(file).ok()?;
        match file.extension()?.to_str()? {
            "sources" => Some(parse_sources(&text)),
            "list" => Some(parse_list(&text)),
            _ => None,
        }
    };
    files.iter().filter_map(parse).flatten().collect()
}

/// Parses a `.sources` file: stanzas of `Name: value` fields, which go on in indented lines.
fn parse_sources(text: &str) -> Vec<Source> {
    let mut stanzas = vec![Vec::<(String, String)>::new()];
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some(stanza) = stanzas.last_mut() else { break };
        if line.trim().is_empty() {
            stanzas.push(Vec::new());
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = stanza.last_mut() {
                value.push('\n');
                value.push_str(line);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            stanza.push((name.to_owned(), value.trim().to_owned()));
        }
    }
    stanzas.iter().filter_map(|stanza| source_of(stanza)).collect()
}

/// The source a stanza describes, if it is enabled and has binary packages.
fn source_of(stanza: &[(String, String)]) -> Option<Source> {
    let field = |name: &str| {
        let found = stanza.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    };
    if field("Enabled").is_some_and(|value| value.eq_ignore_ascii_case("no")) {
        return None;
    }
    words(field("Types")?).contains(&"deb".to_owned()).then_some(())?;
    Some(Source {
        uri: words(field("URIs")?).into_iter().next()?,
        suites: words(field("Suites")?),
        components: words(field("Components").unwrap_or_default()),
        trust: stanza.iter().filter(|(name, _)| is_trust(name)).cloned().collect(),
    })
}

/// Parses a `.list` file: lines of `deb [name=value …] URI suite component …`.
fn parse_list(text: &str) -> Vec<Source> {
    text.lines().filter_map(parse_list_line).collect()
}

fn parse_list_line(line: &str) -> Option<Source> {
    let line = line.split('#').next()?.trim();
    let mut rest = line.strip_prefix("deb")?;
    rest.starts_with([' ', '\t', '[']).then_some(())?;
    let mut trust = Vec::new();
    if let Some((options, after)) = rest.trim_start().strip_prefix('[').and_then(|text| text.split_once(']'))
    {
        let options = options.split_whitespace().filter_map(|option| option.split_once('='));
        trust = options
            .filter(|(name, _)| is_trust(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        rest = after;
    }
    let mut words = words(rest).into_iter();
    let (uri, suite) = (words.next()?, words.next()?);
    Some(Source { uri, suites: vec![suite], components: words.collect(), trust })
}

#[cfg(test)]
mod tests;
