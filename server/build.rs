//! Makes sure that the folder of the built client exists, because embedding a folder that does not is an error;
//! an empty one is a server that says how to build the client.

use std::{env, fs, io, path::PathBuf};

fn main() -> io::Result<()> {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?;
    let web = PathBuf::from(manifest).join("../target/web");
    fs::create_dir_all(&web)?;
    println!("cargo::rerun-if-changed={}", web.display());
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}
