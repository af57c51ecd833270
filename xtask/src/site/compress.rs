//! Compresses files ahead of time, as well as the formats allow: it is done once and paid back at each visit.

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;

/// The extensions of the compressed siblings.
pub(super) const SIBLINGS: [&str; 2] = ["br", "gz"];

/// The kinds of file that are not compressed in themselves.
const KINDS: [&str; 11] =
    ["css", "html", "ico", "js", "json", "mjs", "svg", "txt", "wasm", "webmanifest", "xml"];

/// Whether the file gets compressed siblings.
pub(super) fn pays(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, kind)| KINDS.contains(&kind))
}

/// The compressed forms of `bytes`, by extension.
pub(super) fn siblings(bytes: &[u8]) -> Result<[(&'static str, Vec<u8>); 2]> {
    let [br, gz] = SIBLINGS;
    Ok([(br, brotli(bytes)?), (gz, gzip(bytes)?)])
}

fn brotli(mut bytes: &[u8]) -> Result<Vec<u8>> {
    let params = BrotliEncoderParams { quality: 11, size_hint: bytes.len(), ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut bytes, &mut out, &params)?;
    Ok(out)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    zopfli::compress(zopfli::Options::default(), zopfli::Format::Gzip, bytes, &mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_forms_unpack_to_the_same() -> Result<()> {
        let text = "ember ".repeat(1_000).into_bytes();
        let [(_, br), (_, gz)] = siblings(&text)?;
        assert!(br.len() < text.len() && gz.len() < text.len());
        let mut out = Vec::new();
        brotli::BrotliDecompress(&mut &br[..], &mut out)?;
        assert_eq!(out, text);
        out.clear();
        flate2::read::GzDecoder::new(&gz[..]).read_to_end(&mut out)?;
        assert_eq!(out, text);
        Ok(())
    }

    #[test]
    fn pictures_are_left_as_they_are() {
        assert!(pays("client_bg.0123456789abcdef.wasm"));
        assert!(!pays("icons/ship.png"));
        assert!(!pays("LICENSE"));
    }
}
