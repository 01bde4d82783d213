//! Where the bytes of an award file are: in a file, or packed in a zip archive.
use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use aws_lc_rs::digest;
use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use crate::command::table::Bytes;

/// How much is read from the disk at a time.
const BUFFER: usize = 1 << 16;

/// A table's bytes, which can be read more than once.
#[derive(Clone, Debug)]
pub struct Source {
    /// What messages call it: the file's name, of one in an archive `archive.zip/inner.csv`.
    pub name: String,
    /// How many bytes they are, as the file system or the archive says.
    pub size: u64,
    path: PathBuf,
    packed: Option<Packed>,
}

/// Where something is in an archive.
#[derive(Clone, Copy, Debug)]
struct Packed {
    start: u64,
    length: u64,
    is_deflated: bool,
    crc: u32,
}

/// Whether a file is a zip archive, by its first bytes. Of a pipe nothing is taken: it is none.
///
/// # Errors
/// If it cannot be read.
pub fn is_zip(path: &Path) -> Result<bool> {
    let cannot = || format!("cannot read {}", path.display());
    if !fs::metadata(path).with_context(cannot)?.is_file() {
        return Ok(false);
    }
    let mut start = Vec::new();
    File::open(path).and_then(|it| it.take(4).read_to_end(&mut start)).with_context(cannot)?;
    Ok(start == b"PK\x03\x04" || start == b"PK\x05\x06")
}

impl Source {
    /// The tables of a path: the file itself, or what an archive has of them, in its order.
    ///
    /// # Errors
    /// If it cannot be read, or is an archive without a table.
    pub fn all(path: &Path) -> Result<Vec<Self>> {
        let shown = path.display();
        let about = fs::metadata(path).with_context(|| format!("cannot read {shown}"))?;
        ensure!(about.is_file(), "{shown} is no file; award files are read twice, so it has to be");
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        if !is_zip(path)? {
            let path = path.to_owned();
            return Ok(vec![Self { name, size: about.len(), path, packed: None }]);
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
                other => bail!("{name} is packed with {other}, not with DEFLATE; unpack it first"),
            };
            let start = entry.data_start().with_context(damaged)?;
            let (length, crc) = (entry.compressed_size(), entry.crc32());
            let packed = Some(Packed { start, length, is_deflated, crc });
            tables.push(Self { name, size: entry.size(), path: path.to_owned(), packed });
        }
        ensure!(!tables.is_empty(), "{shown} is a zip archive without a CSV in it");
        Ok(tables)
    }

    /// Its bytes, from the first on.
    ///
    /// # Errors
    /// If it cannot be read. What is damaged in an archive is told by the read that meets its end.
    pub fn open(&self) -> Result<Bytes> {
        let cannot = || format!("cannot read {}", self.path.display());
        let mut file = File::open(&self.path).with_context(cannot)?;
        let Some(Packed { start, length, is_deflated, crc }) = self.packed else {
            return Ok(Box::new(file));
        };
        file.seek(SeekFrom::Start(start)).with_context(cannot)?;
        let packed = BufReader::with_capacity(BUFFER, file.take(length));
        Ok(if is_deflated {
            Box::new(Checked { inner: CrcReader::new(DeflateDecoder::new(packed)), crc })
        } else {
            Box::new(Checked { inner: CrcReader::new(packed), crc })
        })
    }
}

/// Whether an entry's name is a table's; macOS adds files of its own that are none.
fn is_table(name: &str) -> bool {
    let path = Path::new(name);
    let is_csv = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("csv"));
    let own = |part: &std::ffi::OsStr| part.to_string_lossy().starts_with('.');
    is_csv && !name.starts_with("__MACOSX/") && !path.file_name().is_some_and(own)
}

/// Unpacked bytes that must come to the check sum that the archive has.
struct Checked<R> {
    inner: CrcReader<R>,
    crc: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        if count == 0 && !into.is_empty() && self.inner.crc().sum() != self.crc {
            let why = "the archive is damaged (another check sum); download it again";
            return Err(io::Error::new(ErrorKind::InvalidData, why));
        }
        Ok(count)
    }
}

/// Bytes that are read, and their digest.
pub struct Hashed<R> {
    source: R,
    context: digest::Context,
}

impl<R> Hashed<R> {
    pub fn new(source: R) -> Self {
        Self { source, context: digest::Context::new(&digest::SHA256) }
    }

    /// The SHA-256 of what was read, in hexadecimal.
    pub fn sha256(self) -> String {
        hex::encode(self.context.finish())
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(into)?;
        self.context.update(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}
