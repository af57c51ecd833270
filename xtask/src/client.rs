//! Builds the client to WASM, and the JavaScript that loads it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::wasm_std::{TARGET, WasmStd};
use crate::workspace::{Workspace, run};

/// The client's package.
pub(crate) const PACKAGE: &str = "emberdrift-client-web";

/// Builds the client and returns the folder with `client.js` and `client_bg.wasm`.
pub(crate) fn build(workspace: &Workspace, std: &WasmStd) -> Result<PathBuf> {
    run(&mut std.cargo(workspace, &["build", "-p", PACKAGE, "--lib", "--profile", "client"]))?;
    let wasm = workspace.target(TARGET).join("client/client_web.wasm");
    let folder = workspace.target("web-bindings");
    bind(Bindgen::new().web(true)?.omit_default_module_path(false), "client", &wasm, &folder)?;
    Ok(folder)
}

/// Builds one of the client's programs and returns its WASM file.
pub(crate) fn build_program(workspace: &Workspace, std: &WasmStd, name: &str) -> Result<PathBuf> {
    run(&mut std.cargo(workspace, &["build", "-p", PACKAGE, "--profile", "client", "--bin", name]))?;
    Ok(workspace.target(TARGET).join(format!("client/{name}.wasm")))
}

/// Fills `folder` with `NAME.js`, which loads `wasm`, and with the file as that JavaScript needs it.
pub(crate) fn bind(bindgen: &mut Bindgen, name: &str, wasm: &Path, folder: &Path) -> Result<()> {
    // Snippets of an older build must not remain.
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    bindgen.out_name(name).input_path(wasm).typescript(false);
    let made = bindgen.remove_name_section(true).remove_producers_section(true).generate_output();
    let mut made = made.with_context(|| {
        format!(
            "cannot make the JavaScript for {}: `wasm-bindgen` in Cargo.toml must have the version of \
             `wasm-bindgen-cli-support` in xtask/Cargo.toml",
            wasm.display()
        )
    })?;
    // Names of imports that only the two files read, each with sixteen digits of a hash: 4 % of what is downloaded.
    let mut short = BTreeMap::new();
    for import in made.wasm_mut().imports.iter_mut().filter(|import| import.name.starts_with("__wb")) {
        let next = format!("${}", short.len());
        import.name = short.entry(import.name.clone()).or_insert(next).clone();
    }
    made.emit(folder)?;
    let path = folder.join(format!("{name}.js"));
    let script = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    fs::write(&path, rename_all(script, &short)).with_context(|| format!("cannot write {}", path.display()))
}

/// Replaces every name, the longest first because one may be the beginning of another.
fn rename_all(script: String, names: &BTreeMap<String, String>) -> String {
    let mut names: Vec<_> = names.iter().collect();
    names.sort_by_key(|(name, _)| Reverse(name.len()));
    names.into_iter().fold(script, |script, (name, short)| script.replace(name, short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_begins_another_is_renamed_last() {
        let names = [("__wbg_now", "$0"), ("__wbg_now_1", "$1")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        let script = "x.__wbg_now(1), __wbg_now_1; __wbg_other".to_owned();
        assert_eq!(rename_all(script, &names.into()), "x.$0(1), $1; __wbg_other");
    }
}
