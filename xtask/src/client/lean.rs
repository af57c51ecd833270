//! Makes what a visitor downloads smaller where a compressor cannot: names between the WASM file and its JavaScript that
//! nobody reads, and what is in the text files for readers alone. It must not know what any of it does.

use std::collections::BTreeMap;

/// Short names for those by which the module asks its JavaScript for functions, each with sixteen digits of a hash in it.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

/// What all such names begin with.
const BEGINS: &str = "__wb";

impl Names {
    /// The short name for this one; the same each time. A name of another kind stays as it is.
    pub(super) fn shorten(&mut self, name: &str) -> String {
        if !name.starts_with(BEGINS) {
            return name.to_owned();
        }
        let next = format!("${}", self.0.len());
        self.0.entry(name.to_owned()).or_insert(next).clone()
    }

    /// The JavaScript with the short names in it.
    pub(super) fn write_into(&self, script: &str) -> String {
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let mut out = String::with_capacity(script.len());
        let mut rest = script;
        while let Some(at) = rest.find(BEGINS) {
            let end = rest[at..].find(|letter| !is_word(letter)).map_or(rest.len(), |length| at + length);
            let name = &rest[at..end];
            let begins_here = !rest[..at].ends_with(is_word);
            out.push_str(&rest[..at]);
            out.push_str(self.0.get(name).filter(|_| begins_here).map_or(name, String::as_str));
            rest = &rest[end..];
        }
        out + rest
    }
}

/// A script without indentation and without lines that are comments. Where statements end is left as it is.
pub(crate) fn script(text: &str) -> String {
    let mut in_comment = false;
    let lines = text.lines().map(str::trim).filter(|line| {
        let is_comment = in_comment || line.starts_with("/*") || line.starts_with("//");
        in_comment = is_comment && !line.starts_with("//") && !line.ends_with("*/");
        !(is_comment || line.is_empty())
    });
    join(lines)
}

/// A style sheet without indentation and comments.
pub(crate) fn style(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("/*") {
        out.push_str(before);
        rest = behind.split_once("*/").map_or("", |(_, behind)| behind);
    }
    out.push_str(rest);
    join(out.lines().map(str::trim).filter(|line| !line.is_empty()))
}

fn join<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.fold(String::new(), |text, line| text + line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_the_same_at_both_ends() {
        let mut names = Names::default();
        assert_eq!(names.shorten("memory"), "memory");
        let [long, longer] = ["__wbg_now_e7f1c1d2a3b40596", "__wbg_now_e7f1c1d2a3b405961"];
        assert_eq!([names.shorten(long), names.shorten(longer), names.shorten(long)], ["$0", "$1", "$0"]);
        let script = format!("x.{long}(1), {longer}; my{long}; __wbg_other; __wbg_unicode_ä");
        assert_eq!(names.write_into(&script), format!("x.$0(1), $1; my{long}; __wbg_other; __wbg_unicode_ä"));
    }

    #[test]
    fn what_is_for_readers_alone_is_left_out() {
        let text = "/**\n * Says.\n * @param x\n */\nexport function f(x) {\n    // why\n    return x; // how\n\n}\n";
        assert_eq!(script(text), "export function f(x) {\nreturn x; // how\n}\n");
        assert_eq!(script("/* one line */\nf();\n"), "f();\n");
        assert_eq!(style("/* a\n b */ a { color: red; /* c */\n}\n\n  b {}\n"), "a { color: red;\n}\nb {}\n");
    }
}
