//! Bytes of a table, so many a row: what never ends a row is not held in memory.
use std::io::{self, ErrorKind, Read};

use indicatif::ProgressBar;

/// The most bytes that a row may take. The longest of USAspending's are some 20 KiB.
const MOST: usize = 1 << 20;
/// How many bytes are looked at before any is taken for text.
const HEAD: u64 = 4096;

/// A source of bytes that stops where a row takes too many, and tells a bar how many went by.
pub struct Bounded<R> {
    source: R,
    /// What was looked at before it was asked for, from `at` on.
    head: Vec<u8>,
    at: usize,
    /// How many bytes the row may still take.
    left: usize,
    bar: ProgressBar,
}

impl<R: Read> Bounded<R> {
    /// # Errors
    /// If the source cannot be read.
    pub fn new(mut source: R, bar: ProgressBar) -> io::Result<Self> {
        let mut head = Vec::new();
        source.by_ref().take(HEAD).read_to_end(&mut head)?;
        Ok(Self { source, head, at: 0, left: MOST, bar })
    }

    /// The first bytes of the source.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// From here on another row is read.
    pub const fn begin_row(&mut self) {
        self.left = MOST;
    }

    pub fn into_source(self) -> R {
        self.source
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "it does not end within 1 MiB: perhaps a quote is not closed, or the file is no \
                table; nothing after it is read",
            ));
        }
        let most = into.len().min(self.left);
        let waiting = self.head.get(self.at..).unwrap_or_default();
        let count = if waiting.is_empty() {
            self.source.read(&mut into[..most])?
        } else {
            let count = most.min(waiting.len());
            into[..count].copy_from_slice(&waiting[..count]);
            self.at += count;
            count
        };
        self.left -= count;
        self.bar.inc(count as u64);
        Ok(count)
    }
}
