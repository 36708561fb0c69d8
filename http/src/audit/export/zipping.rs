//! Parts of files become a zip on a thread of its own, chunk after chunk.

use std::io::{self, Write};
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Parts and chunks that wait for each other; with a chunk's size the bound of an export's memory.
const WAITING: usize = 4;
const CHUNK_BYTES: usize = 64 * 1024;
/// Who takes nothing for so long has gone: the thread is needed.
const STALLED_AFTER: Duration = Duration::from_secs(60);

pub enum Part {
    /// What follows is in this file.
    File(&'static str),
    Content(Vec<u8>),
    /// The zip is whole. Without it the answer breaks off.
    End,
}

type Chunk = io::Result<Bytes>;

/// Where parts go in, and chunks come out.
pub fn start() -> (Sender<Part>, impl Stream<Item = Chunk> + Send) {
    let (parts, incoming) = channel(WAITING);
    let (chunks, outgoing) = channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let out = Chunks {
            to: chunks.clone(),
            runtime: Handle::current(),
            waiting: Vec::new(),
        };
        if let Err(error) = write(incoming, out) {
            let told = Handle::current().block_on(chunks.send(Err(error)));
            // whoever downloaded it has gone
            drop(told);
        }
    });
    let body = futures::stream::unfold(outgoing, async |mut outgoing: Receiver<Chunk>| {
        let chunk = outgoing.recv().await?;
        Some((chunk, outgoing))
    });
    (parts, body)
}

fn write(mut parts: Receiver<Part>, out: Chunks) -> io::Result<()> {
    let mut zip = ZipWriter::new_stream(out);
    // files over 4 GiB, some two million events, end it with an error
    let options = SimpleFileOptions::default();
    while let Some(part) = parts.blocking_recv() {
        match part {
            Part::File(name) => zip.start_file(name, options)?,
            Part::Content(content) => zip.write_all(&content)?,
            Part::End => return zip.finish()?.into_inner().flush(),
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

struct Chunks {
    to: Sender<Chunk>,
    runtime: Handle,
    waiting: Vec<u8>,
}

impl Chunks {
    fn send(&mut self) -> io::Result<()> {
        let chunk = Bytes::from(std::mem::take(&mut self.waiting));
        let sending = tokio::time::timeout(STALLED_AFTER, self.to.send(Ok(chunk)));
        match self.runtime.block_on(sending) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= CHUNK_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.waiting.is_empty() {
            true => Ok(()),
            false => self.send(),
        }
    }
}
