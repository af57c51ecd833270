//! Debian's packages: installs what a command needs, if this machine is Debian and the process may.

use std::fs;
use std::process::Command;

use anyhow::{Result, bail};

use crate::workspace::{output, which};

/// The codename of this machine's Debian release, if it is Debian.
pub(crate) fn codename() -> Option<String> {
    let release = fs::read_to_string("/etc/os-release").ok()?;
    let field = |name: &str| {
        let value = release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
        Some(value.trim_matches('"').to_owned())
    };
    if field("ID")? == "debian" { field("VERSION_CODENAME").or(Some("sid".to_owned())) } else { None }
}

/// Whether this process may install packages.
pub(crate) fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// `apt-get ARGUMENTS`, without its hundreds of lines of output.
pub(crate) fn apt_get(arguments: &[&str]) -> Result<()> {
    output(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))?;
    Ok(())
}

/// Installs `packages`.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    println!("installing Debian's {}", packages.join(" "));
    apt_get(&["update", "-qq"])?;
    apt_get(&[&["install", "-y", "-qq", "--no-install-recommends"], packages].concat())
}

/// What `find` finds, after installing `packages` if it found nothing.
pub(crate) fn find_or_install<T>(find: impl Fn() -> Result<T>, packages: &[&str]) -> Result<T> {
    let missing = match find() {
        Ok(found) => return Ok(found),
        Err(missing) => missing,
    };
    let names = packages.join(" ");
    if codename().is_none() || which("apt-get").is_none() {
        bail!("{missing:#}; install what Debian calls {names}");
    }
    if !is_root() {
        bail!("{missing:#}; install it: `sudo apt-get install {names}`");
    }
    install(packages)?;
    find()
}
