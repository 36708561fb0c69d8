//! What the tool says: lines for people, with colours on a terminal alone, or
//! JSON, one object per line.

use std::fmt::Display;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Stdout, Write};

use clap::builder::styling::{AnsiColor, Style};
use indicatif::{HumanCount, ProgressBar, ProgressFinish, ProgressState, ProgressStyle};
use projections::{Phase, Progress};
use serde::Serialize;

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const STRONG: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// What becomes of a task when nobody reads its output any more (`replay-tool events | head`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It has nothing else to give.
    Ends,
    /// Its exit code says what it found or did, whoever reads the rest.
    GoesOn,
}

/// Standard output. Nothing is shown before [`Out::flush`] or a full buffer.
pub struct Out {
    to: BufWriter<Reader>,
    pub json: bool,
    colours: bool,
}

/// Whoever reads standard output.
struct Reader {
    stdout: Stdout,
    unread: Unread,
}

impl Reader {
    fn unless_gone<T>(&self, done: io::Result<T>, instead: T) -> io::Result<T> {
        let is_gone = |error: &io::Error| error.kind() == ErrorKind::BrokenPipe;
        match done {
            Err(error) if self.unread == Unread::GoesOn && is_gone(&error) => Ok(instead),
            done => done,
        }
    }
}

impl Write for Reader {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stdout.write(bytes);
        self.unless_gone(written, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.stdout.flush();
        self.unless_gone(flushed, ())
    }
}

impl Out {
    pub fn new(json: bool, unread: Unread) -> Out {
        let stdout = io::stdout();
        let colours = has_colours(&stdout);
        Out {
            to: BufWriter::new(Reader { stdout, unread }),
            json,
            colours,
        }
    }

    pub fn line(&mut self, line: impl Display) -> io::Result<()> {
        writeln!(self.to, "{line}")
    }

    pub fn object(&mut self, object: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.to, object)?;
        self.to.write_all(b"\n")
    }

    /// A file's content: JSON that people can read, too.
    pub fn document(&mut self, document: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.to, document)?;
        self.to.write_all(b"\n")
    }

    pub fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }

    pub fn good(&self, text: impl Display) -> String {
        self.painted(GOOD, text)
    }

    pub fn bad(&self, text: impl Display) -> String {
        self.painted(BAD, text)
    }

    pub fn strong(&self, text: impl Display) -> String {
        self.painted(STRONG, text)
    }

    pub fn dim(&self, text: impl Display) -> String {
        self.painted(DIM, text)
    }

    fn painted(&self, style: Style, text: impl Display) -> String {
        let style = if self.colours { style } else { Style::new() };
        format!("{style}{text}{style:#}")
    }
}

/// See <https://no-color.org>.
fn has_colours(stream: &impl IsTerminal) -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !unwanted
}

/// Says on standard error why the tool failed.
pub fn complain(error: &anyhow::Error) {
    let bad = if has_colours(&io::stderr()) {
        BAD
    } else {
        Style::new()
    };
    eprintln!(
        "{bad}replay-tool:{bad:#} {}",
        cluster::sentence(error.as_ref())
    );
}

/// On a terminal, and gone when it is dropped: it hides no error. Elsewhere nothing.
pub fn progress_bar() -> ProgressBar {
    bar("{msg:10} {bar:40} {human_pos}/{human_len} events, {rate}/s, {eta} left")
}

/// As [`progress_bar`], of a file that is read.
pub fn file_bar() -> ProgressBar {
    bar("{msg:10} {bar:40} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left")
}

fn bar(template: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let rate = |state: &ProgressState, line: &mut dyn std::fmt::Write| {
        // a line that can't be written is not shown
        let _ = write!(line, "{}", HumanCount(state.per_sec() as u64));
    };
    let style = ProgressStyle::with_template(template).expect("the template is well-formed");
    ProgressBar::no_length()
        .with_style(style.with_key("rate", rate))
        .with_finish(ProgressFinish::AndClear)
}

/// Moves a bar.
pub fn show(bar: &ProgressBar, position: i64, head: i64) {
    bar.set_length(u64::try_from(head).unwrap_or_default());
    bar.set_position(u64::try_from(position).unwrap_or_default());
}

/// Moves a bar as a build goes on.
pub fn reporter(bar: &ProgressBar) -> impl FnMut(Progress) + Send + use<> {
    let bar = bar.clone();
    move |progress| {
        bar.set_message(match progress.phase {
            Phase::Loading => "",
            Phase::Indexing => "indexing",
            Phase::Comparing => "comparing",
            Phase::Switching => "switching",
        });
        show(&bar, progress.position, progress.target);
    }
}
