//! Counts what a WASM interpreter executes for a frame in the client, as fuel: the same number on any machine.
//!
//! Run by `cargo xtask cost`, which names in the environment `EMBERDRIFT_COST_WASM`, the client's program `cost` as WASM,
//! and `EMBERDRIFT_COST_FRAMES`, what `emberdrift-cost --record` wrote.

use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use wasmi::{Config, Engine, Error, ExternType, Linker, Module, Store};

/// The number of messages at the end that are counted. Before them the session's lists reach their size, as in the native
/// count.
const COUNTED: usize = 60;

#[test]
fn fuel_of_a_frame_in_the_client() -> Result<()> {
    let wasm = fs::read(input("EMBERDRIFT_COST_WASM")?)?;
    let recording = fs::read(input("EMBERDRIFT_COST_FRAMES")?)?;
    let messages = messages(&recording)?;
    ensure!(messages.len() > COUNTED, "only {} messages were recorded", messages.len());

    let engine = Engine::new(Config::default().consume_fuel(true));
    let module = Module::new(&engine, &wasm)?;
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    // The library imports what only a browser has, and what is counted here calls none of it.
    for import in module.imports() {
        let ExternType::Func(ty) = import.ty() else {
            bail!("{} is imported, and no function", import.name())
        };
        let called = format!("{} was called, which only a browser has", import.name());
        linker.func_new(import.module(), import.name(), ty.clone(), move |_, _, _| {
            Err(Error::new(called.clone()))
        })?;
    }
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let memory = instance.get_memory(&store, "memory").context("the module exports no memory")?;
    let message = instance.get_typed_func::<u32, u32>(&store, export(&module, "message")?)?;
    let apply = instance.get_typed_func::<(), u32>(&store, export(&module, "apply")?)?;
    let mut fuel = 0;
    for (at, bytes) in messages.iter().enumerate() {
        store.set_fuel(u64::MAX)?;
        let address = message.call(&mut store, u32::try_from(bytes.len())?)?;
        memory.write(&mut store, address as usize, bytes)?;
        let before = store.get_fuel()?;
        ensure!(apply.call(&mut store, ())? == 0, "the session rejects message {at}");
        if at >= messages.len() - COUNTED {
            fuel += before - store.get_fuel()?;
        }
    }
    println!("\nvalue client_frame_fuel {:.3}", fuel as f64 / COUNTED as f64);
    Ok(())
}

fn input(name: &str) -> Result<String> {
    env::var(name).with_context(|| format!("{name} is not set: run this by `cargo xtask cost`"))
}

/// The whole name of an exported function: wasm-bindgen puts a hash behind it.
fn export<'a>(module: &'a Module, name: &str) -> Result<&'a str> {
    let is_it = |export: &str| {
        let hash = export.strip_prefix(name).and_then(|rest| rest.strip_prefix('_'));
        hash.is_some_and(|hash| hash.bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    let found = module.exports().map(|export| export.name()).find(|export| is_it(export));
    found.with_context(|| format!("the module exports no {name}"))
}

/// Each message, behind its length.
fn messages(mut bytes: &[u8]) -> Result<Vec<&[u8]>> {
    let mut messages = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let Some((message, rest)) = rest.split_at_checked(u32::from_le_bytes(*length) as usize) else {
            bail!("the recording ends within a message");
        };
        messages.push(message);
        bytes = rest;
    }
    Ok(messages)
}
