//! Scans the text of a document before the parser, which recurses for each bracket.
use async_graphql::ServerError;

use super::{invalid, limit};

/// The maximum nesting of brackets. The parser has the same limit for selections only; nested lists,
/// objects and list types would overflow the stack.
const MAX_NESTED_BRACKETS: u32 = 64;

/// The maximum length of a name or number, in bytes: an alias is repeated in each row of the answer.
const MAX_WORD_BYTES: usize = 100;

/// Counts the tokens of a document, rounded up: punctuators, names, numbers and strings.
///
/// # Errors
/// `LIMIT_EXCEEDED` for brackets that are nested too deeply or a name that is too long, `BAD_USER_INPUT`
/// for a string that does not end, since brackets inside a string do not count.
pub(super) fn count_tokens(query: &str) -> Result<u64, ServerError> {
    let bytes = query.as_bytes();
    let (mut at, mut tokens, mut nested) = (0, 0, 0_u32);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'#' => at += prefix_len(&bytes[at..], |byte| byte != b'\n' && byte != b'\r'),
            b'"' => {
                at = find_string_end(bytes, at).ok_or_else(|| {
                    invalid("the document has a text in quotes that does not end", None)
                })?;
                tokens += 1;
            }
            b'(' | b'[' | b'{' => {
                nested += 1;
                if nested > MAX_NESTED_BRACKETS {
                    return Err(limit(format!(
                        "the document has more than {MAX_NESTED_BRACKETS} nested brackets; \
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
                let rest = prefix_len(&bytes[at..], is_word);
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

/// Returns the number of leading bytes that satisfy a condition.
fn prefix_len(bytes: &[u8], condition: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !condition(*byte)).unwrap_or(bytes.len())
}

/// Returns the position after a string whose first quote is before `at`; none if it does not end.
fn find_string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
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
