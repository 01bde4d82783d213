//! A byte source that limits the bytes of a row, so that an endless row does not fill the memory.
use std::io::{self, ErrorKind, Read};

/// The most bytes of a row. The longest rows of USAspending have about 20 KiB.
const MAX_ROW_BYTES: usize = 1 << 20;
/// The number of bytes from which the kind and the layout of the file are detected.
const HEAD_BYTES: u64 = 1 << 16;

/// A byte source that fails if a row is too long.
pub struct RowLimit<R> {
    source: R,
    /// The first bytes of the source, still to be returned from `at` on.
    head: Vec<u8>,
    at: usize,
    /// The bytes that the current row may still have.
    remaining: usize,
}

impl<R: Read> RowLimit<R> {
    /// Reads the first bytes of the source.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub fn new(mut source: R) -> io::Result<Self> {
        let mut head = Vec::new();
        source.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
        Ok(Self { source, head, at: 0, remaining: MAX_ROW_BYTES })
    }

    /// Returns whether the first bytes are all that the source has.
    pub fn is_head_whole(&self) -> bool {
        (self.head.len() as u64) < HEAD_BYTES
    }

    /// Returns the first bytes of the source.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Restarts the byte count for the next row.
    pub const fn begin_row(&mut self) {
        self.remaining = MAX_ROW_BYTES;
    }
}

impl<R: Read> Read for RowLimit<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.remaining == 0 {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "it is longer than 1 MiB: perhaps a quote is not closed, or the file is not a \
                table; the rest of the file was not read",
            ));
        }
        let max = into.len().min(self.remaining);
        let buffered = self.head.get(self.at..).unwrap_or_default();
        let count = if buffered.is_empty() {
            self.source.read(&mut into[..max])?
        } else {
            let count = max.min(buffered.len());
            into[..count].copy_from_slice(&buffered[..count]);
            self.at += count;
            count
        };
        self.remaining -= count;
        Ok(count)
    }
}
