//! Shaders without what stands in them for readers: every visitor downloads them. It must not know what they draw.

/// The shader in this file of `shaders/`, stripped when the client is compiled.
macro_rules! shader {
    ($file:literal) => {{
        const SOURCE: &str = include_str!(concat!("shaders/", $file));
        const LENGTH: usize = $crate::web::shell::glsl::stripped::<0>(SOURCE).1;
        const BYTES: [u8; LENGTH] = $crate::web::shell::glsl::stripped(SOURCE).0;
        const TEXT: &str = match core::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("a shader is text"),
        };
        TEXT
    }};
}
pub(in crate::web) use shader;

/// A source without comments, indentation and empty lines: its first `N` bytes, and how many there are.
pub(in crate::web) const fn stripped<const N: usize>(source: &str) -> ([u8; N], usize) {
    let bytes = source.as_bytes();
    let (mut out, mut length) = ([0; N], 0);
    let (mut at, mut in_comment, mut line_began) = (0, false, true);
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == b'/' && at + 1 < bytes.len() && bytes[at + 1] == b'/' {
            in_comment = true;
        }
        let is_end = byte == b'\n';
        let is_kept = if is_end { !line_began } else { !(in_comment || line_began && byte == b' ') };
        if is_kept {
            if length < N {
                out[length] = byte;
            }
            length += 1;
        }
        if is_end {
            (in_comment, line_began) = (false, true);
        } else if is_kept {
            line_began = false;
        }
        at += 1;
    }
    (out, length)
}
