//! One pass over a document's text, before the parser: the parser calls itself for each bracket.
use async_graphql::ServerError;

use super::{invalid, limit};

/// The most brackets inside one another. The parser bounds those of selections only, at the same
/// number; lists, objects and types in lists would go on until the stack ends.
const NESTED: u32 = 64;

/// The longest name or number, in bytes: a key is repeated for each row of an answer.
const MAX_WORD_BYTES: usize = 100;

/// The number of tokens in a document, rounded up: punctuation, words, texts.
///
/// # Errors
/// If brackets are nested too deep, or a text in quotes does not end: where it ends decides which
/// brackets count.
pub(super) fn tokens(query: &str) -> Result<u64, ServerError> {
    let bytes = query.as_bytes();
    let (mut at, mut tokens, mut nested) = (0, 0, 0_u32);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'#' => at += length(&bytes[at..], |byte| byte != b'\n' && byte != b'\r'),
            b'"' => {
                at = text(bytes, at).ok_or_else(|| {
                    invalid("the document has a text in quotes that does not end", None)
                })?;
                tokens += 1;
            }
            b'(' | b'[' | b'{' => {
                nested += 1;
                if nested > NESTED {
                    return Err(limit(format!(
                        "the document has more than {NESTED} brackets inside one another; \
                         ask for less at once, and move values into variables"
                    )));
                }
                tokens += 1;
            }
            b')' | b']' | b'}' => {
                nested = nested.saturating_sub(1);
                tokens += 1;
            }
            byte if byte.is_ascii_whitespace() || *byte == b',' => {}
            byte if is_word(*byte) => {
                let rest = length(&bytes[at..], is_word);
                if rest >= MAX_WORD_BYTES {
                    return Err(limit(format!(
                        "the document has a name or number longer than {MAX_WORD_BYTES} bytes; \
                         use a shorter one"
                    )));
                }
                at += rest;
                tokens += 1;
            }
            _ => tokens += 1,
        }
    }
    Ok(tokens)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn length(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !belongs(*byte)).unwrap_or(bytes.len())
}

/// Where a text ends whose first quote is before `at`; nothing if it does not.
fn text(bytes: &[u8], mut at: usize) -> Option<usize> {
    if bytes[at..].starts_with(b"\"\"") {
        at += 2;
        loop {
            match bytes.get(at..)? {
                [b'\\', b'"', b'"', b'"', ..] => at += 4,
                [b'"', b'"', b'"', ..] => return Some(at + 3),
                [] => return None,
                _ => at += 1,
            }
        }
    }
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\n' | b'\r' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}
