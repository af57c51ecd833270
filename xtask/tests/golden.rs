//! The client's pure half must compute the same, to the bit, natively and as WASM.
//!
//! Run by `cargo xtask test`, which builds both halves and names them in the environment: `EMBERDRIFT_GOLDEN_WASM`,
//! a module that exports functions `golden_NAME: () -> u64`, and `EMBERDRIFT_GOLDEN_NATIVE`, a text with a line
//! `golden_NAME=HEX` (16 hexadecimal digits) for each.

use std::collections::BTreeMap;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use wasmi::{Engine, Error, ExternType, Linker, Module, Store, ValType};

type Values = BTreeMap<String, u64>;

#[test]
fn native_and_wasm_agree() -> Result<()> {
    let native = native_values(&fs::read_to_string(input("EMBERDRIFT_GOLDEN_NATIVE")?)?)?;
    let wasm = wasm_values(&fs::read(input("EMBERDRIFT_GOLDEN_WASM")?)?)?;
    ensure!(!native.is_empty(), "the native half printed no golden value");

    let names: std::collections::BTreeSet<_> = native.keys().chain(wasm.keys()).collect();
    let hex = |value: Option<&u64>| value.map_or("missing".to_owned(), |value| format!("{value:016x}"));
    let mut agreed = 0;
    for name in &names {
        let (native, wasm) = (native.get(*name), wasm.get(*name));
        if native == wasm {
            agreed += 1;
        } else {
            println!("{name}: native {}, wasm {}", hex(native), hex(wasm));
        }
    }
    println!("{agreed} of {} golden values agree", names.len());
    ensure!(agreed == names.len(), "native and WASM differ");
    Ok(())
}

fn input(name: &str) -> Result<String> {
    env::var(name).with_context(|| format!("{name} is not set: run this by `cargo xtask test`"))
}

/// Reads the `golden_NAME=HEX` lines.
fn native_values(text: &str) -> Result<Values> {
    let mut values = Values::new();
    for line in text.lines().filter(|line| line.starts_with("golden_")) {
        let Some((name, hex)) = line.split_once('=') else { bail!("no value in the line {line:?}") };
        ensure!(hex.len() == 16, "not 16 hexadecimal digits in the line {line:?}");
        let value = u64::from_str_radix(hex, 16).with_context(|| format!("in the line {line:?}"))?;
        ensure!(values.insert(name.to_owned(), value).is_none(), "{name} is printed twice");
    }
    Ok(values)
}

/// Calls every export `golden_NAME: () -> i64`.
fn wasm_values(bytes: &[u8]) -> Result<Values> {
    let engine = Engine::default();
    let module = Module::new(&engine, bytes)?;
    let mut linker = Linker::<()>::new(&engine);
    // What the browser would provide may be linked in, but nothing golden may call it.
    for import in module.imports() {
        let (from, name) = (import.module(), import.name());
        let ExternType::Func(ty) = import.ty() else {
            bail!("the module wants {from}.{name}, which is no function")
        };
        let called = format!("called {from}.{name}, which only a browser has");
        linker.func_new(from, name, ty.clone(), move |_, _, _| Err(Error::new(called.clone())))?;
    }
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate_and_start(&mut store, &module)?;

    let mut values = Values::new();
    for export in module.exports().filter(|export| export.name().starts_with("golden_")) {
        let ExternType::Func(ty) = export.ty() else {
            continue;
        };
        if ty.params().is_empty() && ty.results() == [ValType::I64] {
            let golden = instance.get_typed_func::<(), u64>(&store, export.name())?;
            let value = golden.call(&mut store, ()).with_context(|| format!("in {}", export.name()))?;
            values.insert(export.name().to_owned(), value);
        }
    }
    Ok(values)
}
