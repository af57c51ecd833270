//! What cleaning keeps of many scripts, what it removes, and its laws.

use proptest::prelude::*;
use unicode_normalization::is_nfc;

use super::*;

fn line(text: &str) -> String {
    clean(text, Joiners::Keep).expect("printable")
}

fn name(text: &str) -> String {
    clean(text, Joiners::Drop).expect("printable")
}

/// Each as people write it.
const WORDS: [(&str, &str); 19] = [
    ("Vietnamese", "Nguyễn Thị Ngọc"),
    ("Thai", "ผู้ใหญ่ น้ำ กี๊"),
    ("Lao", "ເປັນ ຂໍ້"),
    ("Hebrew with points", "שָּׁלוֹם בְּרֵאשִׁית"),
    ("Arabic with vowels", "مُحَمَّدٌ ٱللَّٰه"),
    ("Hindi", "क़िस्मत हिन्दी र्क्षिं"),
    ("Bengali", "বাংলা ক্ষ্ম"),
    ("Tamil", "ஶ்ரீ கௌ"),
    ("Malayalam", "ക്ഷ്മീ"),
    ("Sinhala", "සිංහල"),
    ("Burmese, five marks", "လျှို့ဝှက် မြို့ ကြွေ့"),
    ("Khmer", "ស្ត្រី ខ្ញុំ"),
    ("Tibetan", "བསྒྲུབས རྫོགས"),
    ("Chinese", "火花 你好"),
    ("Japanese", "が ば ーア"),
    ("Korean", "한국 사람"),
    ("Yoruba", "ọ̀rọ̀ ẹ̀kọ́"),
    ("Greek", "Ἀχιλλεύς"),
    ("emoji", "🔥 👍🏽 🇫🇷"),
];

#[test]
fn words_of_many_scripts_stay_as_they_are() {
    for (script, words) in WORDS {
        let composed: String = words.nfc().collect();
        assert_eq!((line(words), name(words)), (composed.clone(), composed), "{script}");
    }
}

#[test]
fn lines_keep_the_joiners_that_words_and_emoji_need() {
    for (what, words) in [
        ("Persian", "می\u{200C}خواهم"),
        ("Hindi, half form", "क्\u{200D}ष"),
        ("Bengali, before the sign", "র\u{200D}্য"),
        ("a family", "👨\u{200D}👩\u{200D}👧\u{200D}👦"),
        ("a heart on fire", "❤\u{FE0F}\u{200D}🔥"),
        ("a pilot with a skin colour", "👩🏽\u{200D}✈\u{FE0F}"),
        ("a key with a digit", "1\u{FE0F}\u{20E3}"),
    ] {
        assert_eq!(line(words), words, "{what}");
        let bare: String = words.chars().filter(|c| !is_joiner(*c)).collect();
        assert_eq!(name(words), bare.nfc().collect::<String>(), "{what}");
    }
}

#[test]
fn joiners_that_join_nothing_are_removed() {
    for (text, left) in [
        ("\u{200D}a\u{200D}b\u{200D}", "ab"),
        ("火\u{200D}", "火"),
        ("火\u{200D}\u{200D}\u{200C}花", "火\u{200D}花"),
        ("火\u{200D} 花", "火 花"),
        ("A\u{FE0F}\u{FE0F}da", "A\u{FE0F}da"),
        (" \u{FE0F}", ""),
        ("火\u{200D}\u{FE0F}", "火"),
        ("e\u{200D}\u{301}", "é"),
    ] {
        assert_eq!(line(text), left, "{}", text.escape_unicode());
    }
}

#[test]
fn hidden_characters_are_removed_and_what_shows_nothing_is_empty() {
    for nothing in [
        "",
        " \t\n",
        "\u{3164}",
        "\u{2800}",
        "\u{115F}",
        "\u{FFA0}",
        "\u{034F}",
        "\u{FE0F}",
        "\u{1160}\u{200B}",
        "\u{301}\u{302}",
        " \u{301} \u{1D159} ",
        "\u{E0061}\u{2066}",
    ] {
        assert_eq!((line(nothing), name(nothing)), Default::default(), "{}", nothing.escape_unicode());
    }
    for hidden in ["A\u{34F}da", "\u{202E}Ada\u{202C}", "A\u{2800}d\u{3164}a", "Ada\u{E0041}", "\u{FEFF}Ada"]
    {
        assert_eq!((line(hidden), name(hidden)), ("Ada".into(), "Ada".into()), "{}", hidden.escape_unicode());
    }
    // Composed as if the joiner of graphemes were not there.
    assert_eq!(line("e\u{34F}\u{301}"), "é");
}

#[test]
fn every_default_ignorable_character_is_removed() {
    // The skeleton of a name leaves out exactly these.
    let is_ignorable = |c: &char| unicode_security::skeleton(c.encode_utf8(&mut [0; 4])).next().is_none();
    let ignorable: Vec<char> = ('\0'..=char::MAX).filter(is_ignorable).collect();
    assert!(ignorable.len() > 4000, "{}", ignorable.len());
    for c in ignorable {
        assert_eq!(name(&format!("A{c}da")), "Ada", "{}", c.escape_unicode());
        assert_eq!(line(&format!("{c}")), "", "{}", c.escape_unicode());
    }
}

#[test]
fn white_space_is_one_space_between_words() {
    assert_eq!(line("  a \t\n b\u{3000}\u{A0}c\u{2028}d\u{85}"), "a b c d");
    assert_eq!(name("\u{2003}Ada\u{200B} \u{200B} Lovelace"), "Ada Lovelace");
}

#[test]
fn marks_on_a_letter_are_bounded() {
    // The first is composed with its letter.
    assert_eq!(name(&format!("Z{}!", "\u{335}".repeat(15))), format!("Z{}!", "\u{335}".repeat(3)));
    assert_eq!(name(&format!("a{}", "\u{301}".repeat(15))), format!("á{}", "\u{301}".repeat(3)));
    assert_eq!(name(&format!("ก{}า", "\u{E47}".repeat(15))), format!("ก{}า", "\u{E47}".repeat(5)));
    assert_eq!(line("a \u{301}b"), "a b", "no mark on a space");
}

#[test]
fn texts_that_no_person_types_are_refused() {
    for text in ["a\u{7}b", "\u{1b}[2J", "a\0", "\u{9b}31m", "\u{E000}", "\u{F8FF}", "\u{FFFF}", "\u{10FFFD}"]
    {
        assert_eq!(clean(text, Joiners::Keep), Err(Unprintable), "{}", text.escape_unicode());
        assert_eq!(clean(text, Joiners::Drop), Err(Unprintable), "{}", text.escape_unicode());
    }
}

/// Mostly of characters that have a rule.
fn texts() -> impl Strategy<Value = String> {
    let c = prop_oneof![
        proptest::sample::select(vec![
            ' ',
            '\n',
            'e',
            'Z',
            '1',
            '火',
            '🔥',
            'क',
            'ก',
            'ᄀ',
            'ᅡ',
            '\u{301}',
            '\u{323}',
            '\u{335}',
            '\u{20E3}',
            '\u{94D}',
            '\u{E47}',
            '\u{E48}',
            '\u{200D}',
            '\u{200C}',
            '\u{FE0F}',
            '\u{FE0E}',
            '\u{34F}',
            '\u{202E}',
            '\u{2800}',
            '\u{3164}',
            '\u{E0020}',
            '\u{FFFD}',
        ]),
        any::<char>(),
    ];
    proptest::collection::vec(c, 0..40).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn cleaning_twice_changes_nothing(text in texts()) {
        for joiners in [Joiners::Keep, Joiners::Drop] {
            if let Ok(once) = clean(&text, joiners) {
                prop_assert_eq!(clean(&once, joiners), Ok(once.clone()), "{}", text.escape_unicode());
            }
        }
    }

    #[test]
    fn clean_text_keeps_the_rules(text in texts()) {
        for joiners in [Joiners::Keep, Joiners::Drop] {
            let Ok(clean) = clean(&text, joiners) else { continue };
            prop_assert!(is_nfc(&clean));
            prop_assert!(!clean.contains("  ") && clean.trim() == clean);
            prop_assert!(clean.chars().all(|c| !is_hidden(c) || (joiners == Joiners::Keep && is_joiner(c))));
            prop_assert!(clean.chars().all(|c| c == ' ' || !c.is_whitespace()));
            // Shows something, unless it is empty.
            let shows = |c: char| !is_combining_mark(c) && !is_hidden(c) && c != ' ';
            prop_assert!(clean.is_empty() || clean.starts_with(shows));
            let longest = clean.split(shows).map(|marks| marks.chars().filter(|c| is_combining_mark(*c)).count());
            prop_assert!(longest.max().unwrap_or_default() <= MARKS_MAX);
            // What the wire's types accept.
            if !clean.is_empty() && clean.chars().count() <= 16 {
                prop_assert!(joiners == Joiners::Keep || shared::engine::ids::PlayerName::new(&clean).is_ok());
                prop_assert!(shared::engine::chat::ChatText::new(&clean).is_ok());
            }
        }
    }
}
