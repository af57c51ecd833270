//! What a client in another language is written against: test vectors, which are sample messages in both encodings, and JSON Schemas. They
//! come from a game's own types and are kept in files, so that a message that changes shows in them, and a test of the game fails.

use std::{env, fs, path::Path};

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    feed::FeedDocument,
    protocol::{
        ClientMessage, Samples, ServerMessage, client_samples, encode_client, encode_client_json,
        encode_server, encode_server_json, server_samples,
    },
};

/// The variable with which [`check`] writes the files instead.
pub const WRITE: &str = "EMBERDRIFT_WRITE_VECTORS";

/// One message in both encodings.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Vector {
    /// What it shows.
    pub name: String,
    /// The binary message, in hexadecimal.
    pub bincode: String,
    /// The same as JSON.
    pub json: Value,
}

/// Why the files are not those of the game.
#[derive(Debug, thiserror::Error)]
pub enum VectorsError {
    /// A message is not what it was.
    #[error(
        "{0} is out of date, because a message has changed: raise the game's PROTOCOL_VERSION, then run `cargo xtask vectors`"
    )]
    OutOfDate(String),
    /// A file could not be written.
    #[error("cannot write {0}: {1}")]
    Write(String, std::io::Error),
    /// A message has no JSON form: a map whose keys are no texts, for example.
    #[error("a message is no JSON: {0}")]
    Json(#[from] serde_json::Error),
}

fn vector(name: String, bytes: &[u8], json: &str) -> Result<Vector, serde_json::Error> {
    let bincode = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Vector { name, bincode, json: serde_json::from_str(json)? })
}

/// What clients say.
pub fn client_vectors<G: Samples>() -> Result<Vec<Vector>, serde_json::Error> {
    let samples = client_samples::<G>().into_iter();
    samples.map(|(name, m)| vector(name, &encode_client(&m), &encode_client_json(&m))).collect()
}

/// What servers say.
pub fn server_vectors<G: Samples>() -> Result<Vec<Vector>, serde_json::Error> {
    let samples = server_samples::<G>().into_iter();
    samples.map(|(name, m)| vector(name, &encode_server(&m), &encode_server_json(&m))).collect()
}

fn schema_of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

/// The schemas of the JSON encoding, by name.
pub fn schemas<G: Samples>() -> [(&'static str, Value); 3] {
    [
        ("client_message", schema_of::<ClientMessage<G::Input>>()),
        ("server_message", schema_of::<ServerMessage<G>>()),
        ("feed", schema_of::<FeedDocument<G>>()),
    ]
}

/// Checks the files of a game in the folders `vectors` and `schema` of this one; with the variable [`WRITE`] it writes them.
///
/// # Errors
/// The first file that is not what the game's types make.
pub fn check<G: Samples>(folder: &Path) -> Result<(), VectorsError> {
    check_file(folder, "vectors/client.json", &client_vectors::<G>()?)?;
    check_file(folder, "vectors/server.json", &server_vectors::<G>()?)?;
    for (name, schema) in schemas::<G>() {
        check_file(folder, &format!("schema/{name}.json"), &schema)?;
    }
    Ok(())
}

fn check_file(folder: &Path, file: &str, expected: &impl Serialize) -> Result<(), VectorsError> {
    let path = folder.join(file);
    let text = serde_json::to_string_pretty(expected)? + "\n";
    if env::var_os(WRITE).is_some() {
        let inside = path.parent().unwrap_or(folder);
        let written = fs::create_dir_all(inside).and_then(|()| fs::write(&path, text));
        return written.map_err(|error| VectorsError::Write(file.to_owned(), error));
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    if found == text { Ok(()) } else { Err(VectorsError::OutOfDate(file.to_owned())) }
}
