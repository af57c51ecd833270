//! Builds the client to WASM, and the JavaScript that loads it.

pub(crate) mod lean;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use self::lean::Names;
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

/// Builds the example `identity` and returns the module that node can load.
pub(crate) fn build_identity(workspace: &Workspace, std: &WasmStd) -> Result<PathBuf> {
    run(&mut std.cargo(workspace, &["build", "-p", PACKAGE, "--example", "identity", "--profile", "client"]))?;
    let wasm = workspace.target(TARGET).join("client/examples/identity.wasm");
    let folder = workspace.target("identity-bindings");
    bind(Bindgen::new().nodejs(true)?, "identity", &wasm, &folder)?;
    Ok(folder.join("identity.js"))
}

/// Builds an example and returns its WASM file, which no JavaScript can load.
pub(crate) fn build_example(workspace: &Workspace, std: &WasmStd, name: &str) -> Result<PathBuf> {
    run(&mut std.cargo(workspace, &["build", "-p", PACKAGE, "--example", name, "--profile", "client"]))?;
    Ok(workspace.target(TARGET).join(format!("client/examples/{name}.wasm")))
}

/// Fills `folder` with the JavaScript for `wasm`, called `name`, and the file as that JavaScript wants it.
fn bind(bindgen: &mut Bindgen, name: &str, wasm: &Path, folder: &Path) -> Result<()> {
    // Snippets of an older build must not come along.
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    let made = bindgen
        .out_name(name)
        .input_path(wasm)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .with_context(|| {
            format!(
                "cannot make the JavaScript for {} (is `wasm-bindgen` in Cargo.toml the version that \
                 `wasm-bindgen-cli-support` has in xtask/Cargo.toml?)",
                wasm.display()
            )
        });
    let (mut made, mut names) = (made?, Names::default());
    for import in made.wasm_mut().imports.iter_mut() {
        import.name = names.shorten(&import.name);
    }
    made.emit(folder)?;
    let script = folder.join(format!("{name}.js"));
    let text = fs::read_to_string(&script).with_context(|| format!("cannot read {}", script.display()))?;
    fs::write(&script, lean::script(&names.write_into(&text)))
        .with_context(|| format!("cannot write {}", script.display()))
}

/// Lints the client as it is compiled for browsers.
pub(crate) fn clippy(workspace: &Workspace, std: &WasmStd) -> Command {
    let mut command = std.cargo(workspace, &["clippy", "-p", PACKAGE, "--lib"]);
    command.args(["--", "-D", "warnings"]);
    command
}
