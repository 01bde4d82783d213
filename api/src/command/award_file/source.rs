//! The bytes of an award file: a file, or an entry of a zip archive.
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use aws_lc_rs::digest;
use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use crate::command::table::Bytes;

/// The read buffer, in bytes.
const BUFFER_BYTES: usize = 1 << 16;

/// The bytes of a table, which can be read repeatedly.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name in messages: the file's name, or `archive.zip/inner.csv` for one in an archive.
    pub name: String,
    /// The number of bytes, unpacked, as the file system or the archive states it.
    pub size: u64,
    path: PathBuf,
    archive_entry: Option<ArchiveEntry>,
}

/// The position and encoding of an entry in an archive.
#[derive(Clone, Copy, Debug)]
struct ArchiveEntry {
    start: u64,
    length: u64,
    is_deflated: bool,
    crc: u32,
}

/// Returns whether a file is a zip archive, by its first bytes. It does not read from pipes, which
/// are not archives.
///
/// # Errors
/// If the file cannot be read.
pub fn is_zip(path: &Path) -> Result<bool> {
    let read_error = || format!("cannot read {}", path.display());
    if !fs::metadata(path).with_context(read_error)?.is_file() {
        return Ok(false);
    }
    let mut start = Vec::new();
    File::open(path).and_then(|it| it.take(4).read_to_end(&mut start)).with_context(read_error)?;
    Ok(start == b"PK\x03\x04" || start == b"PK\x05\x06")
}

impl Source {
    /// Lists the tables of a path: the file itself, or the CSV entries of an archive, in its order.
    ///
    /// # Errors
    /// If list path cannot be read, or is an archive without a CSV entry.
    pub fn list(path: &Path) -> Result<Vec<Self>> {
        let shown = path.display();
        let metadata = fs::metadata(path).with_context(|| format!("cannot read {shown}"))?;
        ensure!(
            metadata.is_file(),
            "{shown} is not a file; award files are read twice, so give a regular file"
        );
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        if !is_zip(path)? {
            let path = path.to_owned();
            return Ok(vec![Self { name, size: metadata.len(), path, archive_entry: None }]);
        }
        let damaged = || format!("{shown} is a zip archive that cannot be read; download it again");
        let file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
        let mut archive = ZipArchive::new(BufReader::new(file)).with_context(damaged)?;
        let mut tables = Vec::new();
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).with_context(damaged)?;
            let inner = entry.name().with_context(damaged)?.replace(char::is_control, "?");
            if !entry.is_file() || !is_table(&inner) {
                continue;
            }
            let name = format!("{name}/{inner}");
            ensure!(!entry.encrypted(), "{name} is encrypted; unpack it first");
            let is_deflated = match entry.compression() {
                CompressionMethod::Deflated => true,
                CompressionMethod::Stored => false,
                other => {
                    bail!("{name} is compressed with {other}, not with DEFLATE; unpack it first")
                }
            };
            let start = entry.data_start().with_context(damaged)?;
            let (length, crc) = (entry.compressed_size(), entry.crc32());
            let archive_entry = Some(ArchiveEntry { start, length, is_deflated, crc });
            tables.push(Self { name, size: entry.size(), path: path.to_owned(), archive_entry });
        }
        ensure!(!tables.is_empty(), "{shown} is a zip archive without a CSV file");
        Ok(tables)
    }

    /// Opens the bytes at their start.
    ///
    /// # Errors
    /// If the file cannot be read. Damage in an archive is an error of the last read.
    pub fn open(&self) -> Result<Bytes> {
        let read_error = || format!("cannot read {}", self.path.display());
        let mut file = File::open(&self.path).with_context(read_error)?;
        let Some(ArchiveEntry { start, length, is_deflated, crc }) = self.archive_entry else {
            return Ok(Box::new(file));
        };
        file.seek(SeekFrom::Start(start)).with_context(read_error)?;
        let packed = BufReader::with_capacity(BUFFER_BYTES, file.take(length));
        let left = self.size;
        Ok(if is_deflated {
            let inner = CrcReader::new(DeflateDecoder::new(packed));
            Box::new(ChecksumReader { inner, crc, left })
        } else {
            Box::new(ChecksumReader { inner: CrcReader::new(packed), crc, left })
        })
    }

    /// Returns the SHA-256 of the bytes, in hexadecimal.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn sha256(&self) -> Result<String> {
        let mut bytes = BufReader::with_capacity(BUFFER_BYTES, self.open()?);
        let mut context = digest::Context::new(&digest::SHA256);
        loop {
            let read_error = || format!("cannot read {}", self.path.display());
            let chunk = bytes.fill_buf().with_context(read_error)?;
            if chunk.is_empty() {
                return Ok(hex::encode(context.finish()));
            }
            context.update(chunk);
            let count = chunk.len();
            bytes.consume(count);
        }
    }
}

/// Returns whether an entry is a CSV table. Hidden files, which macOS adds to archives, are not.
fn is_table(name: &str) -> bool {
    let path = Path::new(name);
    let is_csv = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("csv"));
    let is_hidden = |part: &std::ffi::OsStr| part.to_string_lossy().starts_with('.');
    is_csv && !name.starts_with("__MACOSX/") && !path.file_name().is_some_and(is_hidden)
}

/// A reader of unpacked bytes that verifies the size and the checksum that the archive states. More bytes
/// are refused when they come, because a small archive can unpack to a size that fills any disk or day.
struct ChecksumReader<R> {
    inner: CrcReader<R>,
    crc: u32,
    /// The number of bytes that are still to come.
    left: u64,
}

impl<R: Read> Read for ChecksumReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            let message =
                "the archive is damaged (a larger table than it states); download it again";
            io::Error::new(ErrorKind::InvalidData, message)
        })?;
        if count == 0 && !into.is_empty() && self.inner.crc().sum() != self.crc {
            let message = "the archive is damaged (wrong checksum); download it again";
            return Err(io::Error::new(ErrorKind::InvalidData, message));
        }
        Ok(count)
    }
}
