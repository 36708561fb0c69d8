//! Files that hold a log, compressed as their names say.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use indicatif::ProgressBar;

/// The longest line: a payload at its bound in base64, and what stands around it. A longer one is
/// no line of a log.
const MAX_LINE: u64 = 2 * event_log::MAX_PAYLOAD_BYTES as u64;

enum Sink {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
    Zstd(zstd::Encoder<'static, BufWriter<File>>),
}

/// A file that is being written; it has its name once it is whole.
pub struct Writing {
    sink: Sink,
    part: PathBuf,
    path: PathBuf,
}

impl Writing {
    /// An existing file is not overwritten.
    pub fn create(path: &Path) -> anyhow::Result<Writing> {
        ensure!(!path.exists(), "{} exists already", path.display());
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).with_context(|| part.display().to_string())?;
        let file = BufWriter::new(file);
        let sink = match extension(path) {
            "gz" => Sink::Gzip(GzEncoder::new(file, Compression::default())),
            "zst" => Sink::Zstd(zstd(file)?),
            _ => Sink::Plain(file),
        };
        Ok(Writing {
            sink,
            part,
            path: path.to_owned(),
        })
    }

    pub fn line(&mut self, line: &str) -> io::Result<()> {
        let sink: &mut dyn Write = match &mut self.sink {
            Sink::Plain(sink) => sink,
            Sink::Gzip(sink) => sink,
            Sink::Zstd(sink) => sink,
        };
        sink.write_all(line.as_bytes())?;
        sink.write_all(b"\n")
    }

    /// On the disk, under its name from now on.
    pub fn finish(self) -> anyhow::Result<()> {
        let buffer = match self.sink {
            Sink::Plain(sink) => sink,
            Sink::Gzip(sink) => sink.finish()?,
            Sink::Zstd(sink) => sink.finish()?,
        };
        let file = buffer
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        std::fs::rename(&self.part, &self.path)?;
        Ok(())
    }
}

fn zstd(file: BufWriter<File>) -> io::Result<zstd::Encoder<'static, BufWriter<File>>> {
    let mut encoder = zstd::Encoder::new(file, zstd::DEFAULT_COMPRESSION_LEVEL)?;
    encoder.include_checksum(true)?;
    Ok(encoder)
}

/// The lines of a file.
pub struct Lines {
    from: BufReader<Box<dyn Read + Send>>,
    line: Vec<u8>,
}

/// What a file has next.
pub enum Next<'l> {
    Line(&'l str),
    /// There are no more, or the file was cut off in the middle of one.
    Nothing,
    Wrong(String),
}

impl Lines {
    /// The bar moves with the bytes of the file.
    pub fn open(path: &Path, bar: &ProgressBar) -> anyhow::Result<Lines> {
        let file = File::open(path).with_context(|| path.display().to_string())?;
        bar.set_length(file.metadata()?.len());
        let file = BufReader::new(bar.wrap_read(file));
        let from: Box<dyn Read + Send> = match extension(path) {
            "gz" => Box::new(MultiGzDecoder::new(file)),
            "zst" => Box::new(zstd::Decoder::with_buffer(file)?),
            _ => Box::new(file),
        };
        Ok(Lines {
            from: BufReader::new(from),
            line: Vec::new(),
        })
    }

    pub fn next_line(&mut self) -> io::Result<Next<'_>> {
        self.line.clear();
        let mut bounded = (&mut self.from).take(MAX_LINE);
        match bounded.read_until(b'\n', &mut self.line) {
            Ok(length) if length as u64 == MAX_LINE => Ok(Next::Wrong("it is too long".into())),
            Ok(_) => Ok(match self.line.strip_suffix(b"\n").map(str::from_utf8) {
                Some(Ok(line)) => Next::Line(line),
                Some(Err(error)) => Next::Wrong(error.to_string()),
                None => Next::Nothing,
            }),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(Next::Nothing),
            // the system's own errors have a number, a decoder's have none
            Err(error) if error.raw_os_error().is_none() => Ok(Next::Wrong(error.to_string())),
            Err(error) => Err(error),
        }
    }
}

fn extension(path: &Path) -> &str {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.unwrap_or_default()
}
