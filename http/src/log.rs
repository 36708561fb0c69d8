//! What a node says of itself: each event is one line on standard error, whatever is in it, for
//! people or for programs.

use std::io::{self, IsTerminal, Write};

use anyhow::Context;
use clap::ValueEnum;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::{EnvFilter, fmt};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// An object of JSON for each line
    Json,
}

/// From now on.
pub fn to_stderr(filter: &str, format: Format) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).context("--log")?;
    let log = fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        // where standard error is kept on a disk that is full, a line is lost: told of that there,
        // the node would end
        .log_internal_errors(false)
        .with_writer(Lines(io::stderr));
    match format {
        Format::Text => log.init(),
        Format::Json => log.json().init(),
    }
    Ok(())
}

/// Writes each event as one line: an error's cause may hold what a stranger has sent, and must not
/// look like a line of its own.
pub struct Lines<M>(pub M);

impl<'w, M: MakeWriter<'w>> MakeWriter<'w> for Lines<M> {
    type Writer = OneLine<M::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        OneLine(self.0.make_writer())
    }
}

/// An event comes in one piece, with its end.
pub struct OneLine<W>(W);

impl<W: Write> Write for OneLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let line = event.strip_suffix(b"\n").unwrap_or(event);
        if line.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            let text = String::from_utf8_lossy(line);
            let line = text.replace('\n', "\\n").replace('\r', "\\r") + "\n";
            self.0.write_all(line.as_bytes())?;
        } else {
            self.0.write_all(event)?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_is_one_line_whatever_is_in_it() {
        let memory = Memory::default();
        let writer = memory.clone();
        let log = fmt()
            .with_ansi(false)
            .with_writer(Lines(move || writer.clone()));
        tracing::subscriber::with_default(log.finish(), || {
            let cause = "no\n2026-11-28T00:00:00Z  INFO signed in\r\nreally";
            tracing::error!(%cause, "a request failed");
            tracing::info!("and on");
        });
        let said = String::from_utf8(memory.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), 2, "{said}");
        assert!(
            lines[0].contains("ERROR") && lines[0].contains("really"),
            "{said}"
        );
    }
}
