//! Finds the line of a key, such as `rules.hulls[2].radius`, in the text of an arena file: the parsed values, which are checked,
//! have no lines. Must not know what a key means.

/// What counts in a text to find a key: no comments, no strings, no numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    Comma,
    Colon,
    /// A name, a number or a string.
    Word(&'a str),
}

/// The line, from 1, of a key such as `rules.hulls[2].radius` or `size.x`; that of its part if it does not stand there itself.
/// `text` is valid RON.
pub(super) fn line_of(text: &str, key: &str) -> usize {
    let tokens = tokens(text);
    let mut at = 0;
    let mut line = 1;
    for step in key.split(['.', '[']).map(|step| step.trim_end_matches(']')) {
        let Some((found, value)) = step_into(&tokens, at, step) else { break };
        (line, at) = (tokens[found].0, value);
    }
    line
}

/// `text` with blanks in place of a key of the whole, its value (one word or string) and the comma behind it. Lines stay where they
/// are.
pub(super) fn without_key(text: &str, key: &str) -> String {
    let tokens = tokens(text);
    let found =
        step_into(&tokens, 0, key).and_then(|(at, value)| match (tokens.get(at), tokens.get(value)) {
            (Some((_, Token::Word(key))), Some((_, Token::Word(value)))) => {
                let start = key.as_ptr().addr() - text.as_ptr().addr();
                Some((start, value.as_ptr().addr() - text.as_ptr().addr() + value.len()))
            }
            _ => None,
        });
    let Some((start, end)) = found else { return text.to_owned() };
    let rest = text[end..].trim_start();
    let end = if rest.starts_with(',') { text.len() - rest.len() + 1 } else { end };
    let blank = text[start..end].chars().map(|char| if char == '\n' { '\n' } else { ' ' });
    [&text[..start], &blank.collect::<String>(), &text[end..]].concat()
}

/// From a value to a part of it: where the part begins, and where its value does.
fn step_into(tokens: &[(usize, Token<'_>)], value: usize, step: &str) -> Option<(usize, usize)> {
    let index = match step {
        "x" => Some(0),
        "y" => Some(1),
        step => step.parse::<usize>().ok(),
    };
    let is_option = matches!(tokens.get(value), Some((_, Token::Word("Some"))));
    let value = if is_option { value + 2 } else { value };
    // Perhaps behind the name of a type.
    let start = value + tokens.get(value..)?.iter().take(2).position(|(_, token)| *token == Token::Open)?;
    let (mut depth, mut item, mut is_start) = (0_usize, 0, false);
    for (at, (_, token)) in tokens.iter().enumerate().skip(start) {
        if is_start && depth == 1 {
            let is_named = tokens.get(at + 1).is_some_and(|(_, next)| *next == Token::Colon);
            match token {
                Token::Word(name) if is_named && *name == step => return Some((at, at + 2)),
                Token::Close => return None,
                _ if !is_named && index == Some(item) => return Some((at, at)),
                _ => {}
            }
        }
        is_start = false;
        match token {
            Token::Open => {
                depth += 1;
                is_start = true;
            }
            Token::Close => depth = depth.checked_sub(1).filter(|depth| *depth > 0)?,
            Token::Comma if depth == 1 => {
                item += 1;
                is_start = true;
            }
            _ => {}
        }
    }
    None
}

/// The tokens, each with its line.
fn tokens(text: &str) -> Vec<(usize, Token<'_>)> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(char) = rest.chars().next() {
        let is_word = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '+' | '.');
        let (length, token) = match char {
            // Comments, and what switches extensions of the format on.
            '#' => (rest.find('\n').unwrap_or(rest.len()), None),
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), None),
            '/' if rest.starts_with("/*") => (rest.find("*/").map_or(rest.len(), |at| at + 2), None),
            '"' => {
                let length = string_length(rest);
                (length, Some(Token::Word(&rest[..length])))
            }
            '(' | '[' | '{' => (1, Some(Token::Open)),
            ')' | ']' | '}' => (1, Some(Token::Close)),
            ',' => (1, Some(Token::Comma)),
            ':' => (1, Some(Token::Colon)),
            char if is_word(char) => {
                let length = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
                (length, Some(Token::Word(&rest[..length])))
            }
            char => (char.len_utf8(), None),
        };
        tokens.extend(token.map(|token| (line, token)));
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

/// The length of the string that `text` begins with, with its quotes.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.char_indices().skip(1).find(|(_, char)| {
        let is_end = *char == '"' && !is_escaped;
        is_escaped = *char == '\\' && !is_escaped;
        is_end
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Line 1 is the first one behind the quote.
    const TEXT: &str = r#"// size: 3
#![enable(implicit_some)]
Arena(
    name: "a \" (size: 1,", /* rules: (
    drag: 1 */
    size: (
        1800,
        1700,
    ),
    rocks: [],
    rules: Rules(
        tool: (drag: 2),
        drag: -1.5,
        hulls: (
            (coins: 0, radius: 18),
            (coins: 25,
             radius: 23),
        ),
    ),
    scatter: Some((radius: (
        20,
        150), apart: 3)),
)"#;

    #[test]
    fn key_is_found_in_its_part() {
        for (key, line) in [
            ("name", 4),
            ("size", 6),
            ("size.x", 7),
            ("size.y", 8),
            ("rules", 11),
            ("rules.tool.drag", 12),
            ("rules.drag", 13),
            ("rules.hulls[0].radius", 15),
            ("rules.hulls[1].coins", 16),
            ("rules.hulls[1].radius", 17),
        ] {
            assert_eq!(line_of(TEXT, key), line, "{key}");
        }
    }

    #[test]
    fn key_that_does_not_stand_there_is_at_its_part() {
        for (key, line) in
            [("rocks[3].centre.x", 10), ("rules.bounce", 11), ("rules.hulls[7]", 14), ("blocks", 1)]
        {
            assert_eq!(line_of(TEXT, key), line, "{key}");
        }
    }

    #[test]
    fn value_of_an_option_and_a_pair_are_looked_into() {
        assert_eq!(line_of(TEXT, "scatter.radius.0"), 21);
        assert_eq!(line_of(TEXT, "scatter.radius.1"), 22);
        assert_eq!(line_of(TEXT, "scatter.apart"), 22);
    }

    #[test]
    fn key_is_blanked_with_its_value_and_comma() {
        for (text, rest) in [
            ("(game: \"tag\", name: 1)", "(             name: 1)"),
            (
                "(name: 1, /* game: 2 */ game:\n  \"a, b\"\n, size: 3)",
                "(name: 1, /* game: 2 */      \n        \n  size: 3)",
            ),
            ("(rules: (game: 1), game: 2)", "(rules: (game: 1),        )"),
            ("(name: 1)", "(name: 1)"),
            ("", ""),
        ] {
            assert_eq!(without_key(text, "game"), rest);
        }
    }

    #[test]
    fn text_that_is_no_arena_has_a_line_too() {
        for text in
            ["", "(", ")", "\"", "(a", "(a:", "[[[", "/*", "#", "r\u{e4}\u{706b}: (", "(rules: (), rules"]
        {
            assert_eq!(line_of(text, "rules.drag"), 1, "{text:?}");
        }
    }
}
