//! Decoding of a table's bytes: UTF-16 becomes UTF-8, and lines that end with carriage returns alone
//! end with line feeds.
use std::io::{self, Read};

use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use indicatif::ProgressBar;

/// The number of bytes from which the encoding is detected.
const HEAD_BYTES: u64 = 1 << 16;
/// The read buffer, in bytes.
const BUFFER_BYTES: usize = 1 << 16;
/// The byte order mark, which spreadsheets write before UTF-8 text.
const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A byte source that returns text, and advances a progress bar by the bytes that it reads.
pub struct TextReader<R> {
    source: R,
    /// Bytes of the source that are not decoded yet.
    raw: Vec<u8>,
    /// Decoded text, still to be returned from `at` on.
    text: Vec<u8>,
    at: usize,
    /// `None` if the bytes are not UTF-16.
    decoder: Option<Decoder>,
    ends_lines_with_returns: bool,
    is_ended: bool,
    bar: ProgressBar,
    /// Whether the source begins with the byte order mark of UTF-8.
    pub has_utf8_mark: bool,
    /// How the source is read, if not as UTF-8 with line feeds.
    pub notes: Vec<&'static str>,
}

impl<R: Read> TextReader<R> {
    /// Reads the first bytes of the source and detects its encoding.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub fn new(mut source: R, bar: ProgressBar) -> io::Result<Self> {
        let mut raw = Vec::new();
        source.by_ref().take(HEAD_BYTES).read_to_end(&mut raw)?;
        let has_utf8_mark = raw.starts_with(UTF8_MARK);
        if has_utf8_mark {
            raw.drain(..UTF8_MARK.len());
            bar.inc(UTF8_MARK.len() as u64);
        }
        let decoder = detect_utf16(&raw).map(Encoding::new_decoder_with_bom_removal);
        let notes = decoder.iter().map(|_| "it is text in UTF-16").collect();
        let mut reader = Self {
            source,
            raw,
            text: Vec::new(),
            at: 0,
            decoder,
            ends_lines_with_returns: false,
            is_ended: false,
            bar,
            has_utf8_mark,
            notes,
        };
        reader.decode();
        if reader.text.contains(&b'\r') && !reader.text.contains(&b'\n') {
            reader.notes.push("its lines end with carriage returns");
            reader.ends_lines_with_returns = true;
            reader.end_lines();
        }
        Ok(reader)
    }

    /// Decodes the raw bytes.
    fn decode(&mut self) {
        self.text.clear();
        self.at = 0;
        self.bar.inc(self.raw.len() as u64);
        let Some(decoder) = &mut self.decoder else {
            std::mem::swap(&mut self.text, &mut self.raw);
            self.raw.clear();
            return;
        };
        // Three bytes for each unit of two, and what the decoder holds back.
        self.text.resize(self.raw.len() * 3 / 2 + 16, 0);
        let (_, _, written, _) = decoder.decode_to_utf8(&self.raw, &mut self.text, self.is_ended);
        self.text.truncate(written);
        self.raw.clear();
    }

    fn end_lines(&mut self) {
        for byte in self.text.iter_mut().filter(|byte| **byte == b'\r') {
            *byte = b'\n';
        }
    }
}

impl<R: Read> Read for TextReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() && !self.is_ended {
            self.raw.resize(BUFFER_BYTES, 0);
            let count = self.source.read(&mut self.raw)?;
            self.raw.truncate(count);
            self.is_ended = count == 0;
            self.decode();
            if self.ends_lines_with_returns {
                self.end_lines();
            }
        }
        let rest = self.text.get(self.at..).unwrap_or_default();
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

/// Returns the form of UTF-16 of a text, by its mark or, without one, by the zero bytes of its Latin
/// letters; `None` if it is not UTF-16.
fn detect_utf16(head: &[u8]) -> Option<&'static Encoding> {
    if head.starts_with(b"\xFF\xFE") {
        return Some(UTF_16LE);
    }
    if head.starts_with(b"\xFE\xFF") {
        return Some(UTF_16BE);
    }
    let (pairs, _) = head.as_chunks::<2>();
    let zeros = |at: usize| pairs.iter().filter(|pair| pair[at] == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let (most, few) = (pairs.len() * 7 / 10, pairs.len() / 20);
    if pairs.len() > 1 && second > most && first <= few {
        Some(UTF_16LE)
    } else if pairs.len() > 1 && first > most && second <= few {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Decodes a cell as Windows-1252, in which older spreadsheets write; `None` if it has a byte that this
/// encoding does not use.
pub fn decode_windows_1252(cell: &[u8]) -> Option<String> {
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(cell);
    let is_unused = |character: char| ('\u{80}'..='\u{9F}').contains(&character);
    (!text.contains(is_unused)).then(|| text.into_owned())
}

/// Returns what kind of file the first bytes show, if it is not text, with what to do.
pub fn non_text_kind(head: &[u8]) -> Option<&'static str> {
    const SAVE: &str = "is not text; save it as CSV (UTF-8)";
    let start = head.trim_ascii_start();
    let kinds: [(&[u8], &str); 9] = [
        (b"PK\x03\x04", "is a zip archive or a spreadsheet; save it as CSV (UTF-8)"),
        (b"\xD0\xCF\x11\xE0", "is a spreadsheet of an old form; save it as CSV (UTF-8)"),
        (b"%PDF", "is a PDF document; save the table as CSV (UTF-8)"),
        (b"\x1F\x8B", "is compressed with gzip; unpack it first"),
        (b"\x89PNG", SAVE),
        (b"<!DOCTYPE", "is a web page, not a table; download the file itself"),
        (b"<!doctype", "is a web page, not a table; download the file itself"),
        (b"<html", "is a web page, not a table; download the file itself"),
        (b"<?xml", "is XML, not a table; save it as CSV (UTF-8)"),
    ];
    let known = kinds.iter().find(|(first, _)| start.starts_with(first));
    if let Some((_, kind)) = known {
        return Some(kind);
    }
    let is_control =
        |byte: &&u8| **byte < b' ' && !matches!(**byte, b'\t' | b'\n' | b'\r' | b'\x0C' | b'\x1A');
    let controls = head.iter().filter(is_control).count();
    let is_text = std::str::from_utf8(head).is_ok_and(|_| controls * 3 < head.len());
    // A few control characters spoil rows, not the file.
    (!is_text && controls * 20 > head.len()).then_some(SAVE)
}
