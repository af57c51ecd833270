//! Shader sources as visitors download them.

/// A source without comments, indentation and empty lines: its first `N` bytes, and how many bytes it has in all.
pub const fn stripped<const N: usize>(source: &str) -> ([u8; N], usize) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str) -> String {
        let (bytes, length) = stripped::<200>(source);
        String::from_utf8(bytes[..length].to_vec()).expect("it was text before")
    }

    #[test]
    fn comments_indentation_and_empty_lines_go() {
        let source = "#version 300 es\n// What it does.\n\n  float a = 1.0; // why\n}\n";
        assert_eq!(text(source), "#version 300 es\nfloat a = 1.0; \n}\n");
    }

    #[test]
    fn spaces_and_single_slashes_inside_a_line_stay() {
        assert_eq!(text("a / b  c\n"), "a / b  c\n");
    }

    #[test]
    fn the_length_is_known_before_there_is_room() {
        assert_eq!(stripped::<0>("ab // c\n").1, "ab \n".len());
        assert_eq!(stripped::<2>("abcd").0, *b"ab");
    }
}
