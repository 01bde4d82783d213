//! Finds quotes that break a table: one inside a quoted cell that is not doubled, and one that is never
//! closed. The CSV reader takes both without an error, and then cells or rows are missing.
use std::collections::VecDeque;
use std::io::{self, Read};

use memchr::memchr;

/// What is wrong with a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuoteError {
    /// A quote inside a quoted cell is not doubled.
    NotDoubled,
    /// The quote at the start of a cell is not closed before the end of the file.
    NotClosed,
}

impl QuoteError {
    /// Returns what is wrong and what to do.
    pub const fn message(self) -> &'static str {
        match self {
            Self::NotDoubled => {
                "a quoted cell has a quote inside; write two quotes for each quote inside a cell"
            }
            Self::NotClosed => {
                "a quote is not closed, so that the cell continues to the end of the file; close it, \
                or remove it"
            }
        }
    }
}

/// Where in a row the bytes are.
#[derive(Clone, Copy, Debug)]
enum State {
    Outside,
    /// In a cell whose quote is at this offset.
    Quoted(u64),
    /// After a quote in a quoted cell.
    AfterQuote(u64),
    /// In blanks after the closing quote.
    AfterCell(u64),
}

/// A byte source that notes the quotes that break a row. It ends the last line.
pub struct QuoteCheck<R> {
    source: R,
    delimiter: u8,
    state: State,
    /// The number of bytes returned.
    offset: u64,
    last_byte: u8,
    /// The errors that were not taken yet, with their offsets in bytes.
    errors: VecDeque<(u64, QuoteError)>,
    is_ended: bool,
}

impl<R: Read> QuoteCheck<R> {
    pub fn new(source: R, delimiter: u8) -> Self {
        Self {
            source,
            delimiter,
            state: State::Outside,
            offset: 0,
            last_byte: b'\n',
            errors: VecDeque::new(),
            is_ended: false,
        }
    }

    pub const fn source_mut(&mut self) -> &mut R {
        &mut self.source
    }

    /// Returns whether the source ended inside a quoted cell.
    pub const fn is_unclosed(&self) -> bool {
        self.is_ended && matches!(self.state, State::Quoted(_))
    }

    /// Takes the errors before an offset in bytes, and returns the last of them.
    pub fn take_error(&mut self, end: u64) -> Option<QuoteError> {
        let mut last = None;
        while self.errors.front().is_some_and(|(at, _)| *at < end) {
            last = self.errors.pop_front();
        }
        last.map(|(_, error)| error)
    }

    fn observe(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            let offset = |at: usize| self.offset + at as u64;
            let next_quote = || memchr(b'"', &bytes[at..]).map(|index| at + index);
            let is_end = byte == self.delimiter || byte == b'\n' || byte == b'\r';
            let is_blank = byte == b' ' || byte == b'\t';
            match self.state {
                State::Outside => {
                    let Some(quote) = next_quote() else { break };
                    let before = quote.checked_sub(1).map_or(self.last_byte, |it| bytes[it]);
                    if before == self.delimiter || before == b'\n' {
                        self.state = State::Quoted(offset(quote));
                    }
                    at = quote + 1;
                }
                State::Quoted(_) => {
                    let Some(quote) = next_quote() else { break };
                    self.state = State::AfterQuote(offset(quote));
                    at = quote + 1;
                }
                State::AfterQuote(quote) if byte == b'"' => {
                    self.state = State::Quoted(quote);
                    at += 1;
                }
                State::AfterQuote(_) | State::AfterCell(_) if is_end => {
                    self.state = State::Outside;
                    at += 1;
                }
                State::AfterQuote(quote) | State::AfterCell(quote) if is_blank => {
                    self.state = State::AfterCell(quote);
                    at += 1;
                }
                State::AfterQuote(quote) | State::AfterCell(quote) => {
                    self.errors.push_back((quote, QuoteError::NotDoubled));
                    self.state = State::Outside;
                    at += 1;
                }
            }
        }
        self.offset += bytes.len() as u64;
        self.last_byte = bytes.last().copied().unwrap_or(self.last_byte);
    }
}

impl<R: Read> Read for QuoteCheck<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.is_ended || into.is_empty() {
            return Ok(0);
        }
        let count = self.source.read(into)?;
        if count > 0 {
            self.observe(&into[..count]);
            return Ok(count);
        }
        self.is_ended = true;
        if let State::Quoted(quote) = self.state {
            self.errors.push_back((quote, QuoteError::NotClosed));
            return Ok(0);
        }
        if self.last_byte == b'\n' {
            return Ok(0);
        }
        // A last line without its end has the same line number as one with it.
        into[0] = b'\n';
        self.offset += 1;
        Ok(1)
    }
}
