//! Writes other alphabets in Latin letters, as award and sanctions lists do, and reduces words to
//! their sound, because each list romanizes in its own way.
use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::fold::Alphabet;

/// Greek letters that are read together, each with its Latin letters.
const GREEK_DIGRAPHS: [(&str, &str); 8] = [
    ("ου", "ou"),
    ("αυ", "av"),
    ("ευ", "ev"),
    ("γγ", "ng"),
    ("γκ", "gk"),
    ("γχ", "nch"),
    ("μπ", "mp"),
    ("ντ", "nt"),
];

/// Greek letters that are read together as one sound at the start of a word.
const GREEK_INITIALS: [(&str, &str); 3] = [("μπ", "b"), ("ντ", "d"), ("γκ", "g")];

/// Returns the Latin letters of a letter of another alphabet: Greek, Cyrillic, Armenian, Hebrew,
/// Arabic, Georgian. `None` for every other character. The text may be empty, for a sign that only
/// softens the letter before.
pub(crate) fn latin_letters(letter: char) -> Option<&'static str> {
    let is_other_alphabet = matches!(
        letter,
        '\u{370}'..='\u{5ff}'
            | '\u{620}'..='\u{6ff}'
            | '\u{750}'..='\u{77f}'
            | '\u{10a0}'..='\u{10ff}'
            | '\u{1f00}'..='\u{1fff}'
    );
    if !is_other_alphabet || !letter.is_alphabetic() {
        return None;
    }
    let latin = match letter {
        // Ukrainian, Russian and Bulgarian signs without a sound of their own.
        'ь' | 'Ь' | 'ъ' | 'Ъ' | 'ʼ' => "",
        'ё' | 'Ё' => "yo",
        'ا' | 'أ' | 'إ' | 'آ' | 'ى' | 'ة' => "a",
        _ => any_ascii::any_ascii_char(letter),
    };
    latin.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'\'').then_some(latin)
}

/// The alphabet of a letter that [`latin_letters`] romanizes. Hebrew and Arabic write no short vowels.
pub(crate) const fn alphabet(letter: char) -> Alphabet {
    match letter {
        '\u{590}'..='\u{77f}' => Alphabet::Unvoweled,
        _ => Alphabet::Romanized,
    }
}

/// Replaces Greek letters that are read together.
pub(crate) fn join_greek_digraphs(name: &str) -> Cow<'_, str> {
    if !name
        .contains(|letter: char| matches!(letter, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}'))
    {
        return name.into();
    }
    let lower = name.to_lowercase();
    let text: String = lower.nfd().filter(|letter| !is_combining_mark(*letter)).collect();
    let words = text.split(' ').map(|word| {
        let found = GREEK_INITIALS
            .iter()
            .find_map(|(greek, latin)| Some(format!("{latin}{}", word.strip_prefix(greek)?)));
        found.unwrap_or_else(|| word.to_owned())
    });
    let mut text = words.collect::<Vec<_>>().join(" ");
    for (greek, latin) in GREEK_DIGRAPHS {
        text = text.replace(greek, latin);
    }
    text.into()
}

/// Removes the article that Arabic writes together with its word, also after `li`, which means `for`.
pub(crate) fn without_arabic_article(name: &str) -> Cow<'_, str> {
    const MIN_WORD_CHARS: usize = 3;
    if !name.contains(|letter| alphabet(letter) == Alphabet::Unvoweled) {
        return name.into();
    }
    let words = name.split(' ').map(|word| {
        let rest = word.strip_prefix("ال").or_else(|| word.strip_prefix("لل"));
        rest.filter(|rest| rest.chars().count() >= MIN_WORD_CHARS).unwrap_or(word)
    });
    words.collect::<Vec<_>>().join(" ").into()
}

/// Reduces a romanized word to its sound, which the usual romanizations of one word share:
/// `sibirski` for `Sibirskiy`, `Sibirskij` and `Sibirsky`.
pub(crate) fn sound(word: &str) -> String {
    let mut sound = String::with_capacity(word.len());
    let mut at = 0;
    while let Some(rest) = word.as_bytes().get(at..).filter(|rest| !rest.is_empty()) {
        let (length, read) = match rest {
            [b's', b'h', b'c', b'h', ..] => (4, "s"),
            [b's', b'c', b'h', ..] => (3, "s"),
            [b't', b'c', b'h', ..] => (3, "c"),
            [b'd', b'z', b'h', ..] => (3, "j"),
            [b'z', b'h', ..] => (2, "j"),
            [b'k', b'h', ..] => (2, "h"),
            [b's', b'h', ..] => (2, "s"),
            [b'p', b'h', ..] => (2, "f"),
            [b't', b'h', ..] => (2, "t"),
            [b'g', b'h', ..] => (2, "g"),
            [b'd', b'h', ..] => (2, "d"),
            [b'c', b'h', ..] | [b't', b's' | b'z', ..] => (2, "c"),
            [b'c', b'k', ..] => (2, "k"),
            [b'k', b's', ..] => (2, "x"),
            [b'o', b'o' | b'u', ..] => (2, "u"),
            [b'e', b'e', ..] => (2, "i"),
            [b'y' | b'j' | b'i', b'e', ..] => (2, "e"),
            [b'y', b'o', ..] => (2, "o"),
            [b'y' | b'j', ..] => (1, "i"),
            [b'q', ..] => (1, "k"),
            [b'w', ..] => (1, "v"),
            _ => {
                let letter = word[at..].chars().next().map_or(1, char::len_utf8);
                (letter, &word[at..at + letter])
            }
        };
        if !sound.ends_with(read) {
            sound.push_str(read);
        }
        at += length;
    }
    // A final `h` after a vowel is silent: `Qadisiyah`.
    if sound.ends_with("ah") || sound.ends_with("eh") {
        sound.pop();
    }
    sound
}

/// Reduces a word to the consonants of its sound, for scripts without short vowels.
pub(crate) fn consonants(word: &str) -> String {
    let sound = sound(&word.replace('j', "g").replace("kh", "k"));
    sound.chars().filter(|letter| !"aeiouvh'".contains(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::{consonants, join_greek_digraphs, latin_letters, sound, without_arabic_article};

    fn latin(text: &str) -> String {
        text.chars().filter_map(latin_letters).collect()
    }

    #[test]
    fn alphabets_are_romanized() {
        assert_eq!(latin("щука"), "shchuka");
        assert_eq!(latin("жюри"), "zhyuri");
        assert_eq!(latin("Тюмень"), "Tyumen");
        assert_eq!(latin("хлеб"), "khleb");
        assert_eq!(join_greek_digraphs("Ολύμπια Οδός"), "ολυmpια οδος");
        assert_eq!(join_greek_digraphs("Μπενάκης"), "bενακης");
        assert_eq!(without_arabic_article("شركة الراشد"), "شركة راشد");
        assert_eq!(latin_letters('日'), None);
        assert_eq!(latin_letters('a'), None);
    }

    #[test]
    fn romanizations_of_one_word_sound_alike() {
        for (one, other) in [
            ("sibirskiy", "sibirskij"),
            ("sibirskiy", "sibirsky"),
            ("alekseyev", "aleksejev"),
            ("khimiya", "himija"),
            ("shchelkovo", "schelkovo"),
            ("yuzhnyy", "yuzhny"),
            ("eksport", "export"),
            ("qadisiyah", "qadisiya"),
            ("khaleej", "khalij"),
        ] {
            assert_eq!(sound(one), sound(other), "{one} {other}");
        }
        assert_ne!(sound("sibirskiy"), sound("sobirskiy"));
        assert_eq!(consonants("rashd"), consonants("rashid"));
        assert_eq!(consonants("khlyj"), consonants("khaleej"));
    }
}
