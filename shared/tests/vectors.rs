//! Whether the test vectors and JSON Schemas that other clients are written against are those of the very types. With
//! `EMBERDRIFT_WRITE_VECTORS=1` it writes them instead: `cargo xtask vectors` does.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail there")]

use std::{fs, path::Path};

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{
    engine::{
        feed::FeedDocument,
        game_trait::Game,
        protocol::{
            client_samples, decode_client, decode_client_json, decode_server, decode_server_json,
            encode_client, encode_client_json, encode_server, encode_server_json, server_samples,
        },
    },
    game::{
        Emberdrift,
        protocol::{ClientMessage, ServerMessage},
    },
};

/// One message in both encodings.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Vector {
    name: String,
    /// The binary message, in hexadecimal.
    bincode: String,
    json: Value,
}

fn vector(name: &str, bytes: &[u8], json: &str) -> Vector {
    let bincode = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Vector { name: name.into(), bincode, json: serde_json::from_str(json).unwrap() }
}

fn bytes(vector: &Vector) -> Vec<u8> {
    let digits = vector.bincode.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn client_vectors() -> Vec<Vector> {
    let samples = client_samples::<Emberdrift>();
    let made = samples.iter().map(|(name, m)| vector(name, &encode_client(m), &encode_client_json(m)));
    made.collect()
}

fn server_vectors() -> Vec<Vector> {
    let samples = server_samples::<Emberdrift>();
    let made = samples.iter().map(|(name, m)| vector(name, &encode_server(m), &encode_server_json(m)));
    made.collect()
}

fn schema_of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

fn schemas() -> [(&'static str, Value); 3] {
    [
        ("client_message", schema_of::<ClientMessage>()),
        ("server_message", schema_of::<ServerMessage>()),
        ("feed", schema_of::<FeedDocument<Emberdrift>>()),
    ]
}

/// Whether files are written instead of checked.
fn writes() -> bool {
    std::env::var_os("EMBERDRIFT_WRITE_VECTORS").is_some()
}

/// The file holds what is expected, or is written.
fn check(file: &str, expected: &impl Serialize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = serde_json::to_string_pretty(expected).unwrap() + "\n";
    if writes() {
        fs::write(&path, text).unwrap();
    } else {
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "shared/{file} is out of date: run `cargo xtask vectors`");
    }
}

#[test]
fn vectors_are_up_to_date() {
    check("vectors/client.json", &client_vectors());
    check("vectors/server.json", &server_vectors());
}

#[test]
fn both_encodings_of_a_vector_are_the_same_message() {
    for vector in client_vectors() {
        let message: ClientMessage = decode_client(&bytes(&vector)).unwrap();
        assert_eq!(decode_client_json(&vector.json.to_string()), Ok(message), "{}", vector.name);
    }
    for vector in server_vectors() {
        let message: ServerMessage = decode_server(&bytes(&vector)).unwrap();
        assert_eq!(decode_server_json(&vector.json.to_string()), Ok(message), "{}", vector.name);
    }
}

#[test]
fn schemas_are_up_to_date() {
    for (name, schema) in schemas() {
        check(&format!("schema/{name}.json"), &schema);
    }
}

#[test]
fn vectors_match_the_schema_and_invalid_messages_do_not() {
    for (name, vectors) in [("client_message", client_vectors()), ("server_message", server_vectors())] {
        let (_, schema) = schemas().into_iter().find(|(other, _)| *other == name).unwrap();
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
    if writes() {
        fs::write(&path, text.replacen(found, &line, 1)).unwrap();
    } else {
        assert_eq!(found, line, "shared/PROTOCOL.md is out of date: run `cargo xtask vectors`");
    }
}
