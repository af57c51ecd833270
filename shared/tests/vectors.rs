//! Whether the test vectors and JSON Schemas that other clients are written against are those of the very types. With
//! `EMBERDRIFT_WRITE_VECTORS=1` it writes them instead: `cargo xtask vectors` does.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail there")]

use std::{fs, path::Path};

use shared::{
    engine::{
        game_trait::Game,
        protocol::{decode_client, decode_client_json, decode_server, decode_server_json},
        vectors::{self, Vector, WRITE, client_vectors, schemas, server_vectors},
    },
    game::{
        Emberdrift,
        protocol::{ClientMessage, ServerMessage},
    },
};

fn bytes(vector: &Vector) -> Vec<u8> {
    let digits = vector.bincode.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn clients() -> Vec<Vector> {
    client_vectors::<Emberdrift>().unwrap()
}

fn servers() -> Vec<Vector> {
    server_vectors::<Emberdrift>().unwrap()
}

#[test]
fn vectors_and_schemas_are_up_to_date() {
    let checked = vectors::check::<Emberdrift>(Path::new(env!("CARGO_MANIFEST_DIR")));
    checked.unwrap_or_else(|error| panic!("shared: {error}"));
}

#[test]
fn both_encodings_of_a_vector_are_the_same_message() {
    for vector in clients() {
        let message: ClientMessage = decode_client(&bytes(&vector)).unwrap();
        assert_eq!(decode_client_json(&vector.json.to_string()), Ok(message), "{}", vector.name);
    }
    for vector in servers() {
        let message: ServerMessage = decode_server(&bytes(&vector)).unwrap();
        assert_eq!(decode_server_json(&vector.json.to_string()), Ok(message), "{}", vector.name);
    }
}

#[test]
fn vectors_match_the_schema_and_invalid_messages_do_not() {
    for (name, vectors) in [("client_message", clients()), ("server_message", servers())] {
        let (_, schema) = schemas::<Emberdrift>().into_iter().find(|(other, _)| *other == name).unwrap();
        let (mut compiler, mut compiled) = (boon::Compiler::new(), boon::Schemas::new());
        compiler.add_resource("schema.json", schema).unwrap();
        let schema = compiler.compile("schema.json", &mut compiled).unwrap();
        for Vector { name, json, .. } in vectors {
            compiled.validate(&json, schema).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        }
        for rubbish in [r#"{"Frame":7}"#, r#"{"Hello":{"nam":"Ada"}}"#, r#""Hello""#, "{}"] {
            assert!(compiled.validate(&serde_json::from_str(rubbish).unwrap(), schema).is_err(), "{rubbish}");
        }
    }
}

#[test]
fn document_names_the_protocol_version() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("PROTOCOL.md");
    let text = fs::read_to_string(&path).unwrap();
    let line = format!("Protocol version: {:#018x}", Emberdrift::PROTOCOL_VERSION);
    let found = text.lines().find(|line| line.starts_with("Protocol version: ")).unwrap();
    if std::env::var_os(WRITE).is_some() {
        fs::write(&path, text.replacen(found, &line, 1)).unwrap();
    } else {
        assert_eq!(found, line, "shared/PROTOCOL.md is out of date: run `cargo xtask vectors`");
    }
}
