//! What no log may hold. Every secret that the tests use is written down where it is made, and all
//! logs are kept, in one folder; at the end of a run each secret is looked for in every log.
//!
//! `cargo run -p tests` names the folder and looks; without one nothing is kept.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

use aho_corasick::AhoCorasick;
use tracing_subscriber::{EnvFilter, fmt};

/// Names the folder.
pub const FOLDER: &str = "TEST_LOGS";
/// All that Reeltime ever says, and of libraries all but what they say at every turn.
const LOUD: &str = "trace,hyper=info,hyper_util=info,sqlx=info,tokio_tungstenite=info,\
    tungstenite=info,mio=info,want=info,reqwest=debug,rustls=debug,html5ever=info";
/// What programs that tests start log.
pub const DEBUG: &str = "debug,sqlx=info,hyper=info,hyper_util=info";
/// Shorter ones would be found by chance.
const SHORTEST: usize = 8;

fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

fn own(kind: &str) -> Option<PathBuf> {
    Some(folder()?.join(format!("{}.{kind}", std::process::id())))
}

fn append(path: &Path) -> File {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Writes a secret down.
pub fn remember(secret: &str) {
    static KNOWN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let Some(path) = own("secrets") else {
        return;
    };
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if known.insert(secret.to_owned()) {
        let line = format!("{secret}\n");
        // one write: another process may be reading
        append(&path)
            .write_all(line.as_bytes())
            .expect("the folder takes it");
    }
}

/// Keeps what this process logs from now on.
pub fn keep_log() {
    static KEPT: Once = Once::new();
    KEPT.call_once(|| {
        let Some(path) = own("log") else {
            return;
        };
        let log = Mutex::new(append(&path));
        let subscriber = subscriber(log);
        let set = tracing::subscriber::set_global_default(subscriber);
        set.expect("no test has a subscriber of its own for all");
    });
}

/// Makes sure that somebody listens to everything, so that nothing is left out for good because
/// nobody listened when it was said first.
pub fn listen() {
    keep_log();
    // taken already, if logs are kept
    let _ = tracing::subscriber::set_global_default(subscriber(io::sink));
}

/// Writes everything as `reeltime` writes it.
pub fn subscriber<W>(writer: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'w> fmt::MakeWriter<'w> + Send + Sync + 'static,
{
    fmt()
        .with_env_filter(EnvFilter::new(LOUD))
        .with_ansi(false)
        .with_writer(writer)
        .finish()
}

/// Keeps a log that will be taken away.
pub fn keep(log: &Path) {
    if let Some(path) = own("kept.log")
        && let Ok(said) = fs::read(log)
    {
        append(&path).write_all(&said).expect("the folder takes it");
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Looked {
    pub secrets: usize,
    pub bytes: u64,
    /// Secrets, each with the line of the log that holds it.
    pub leaks: BTreeSet<(String, String)>,
}

/// Looks for all secrets of a folder in all its logs.
pub fn look(folder: &Path) -> io::Result<Looked> {
    let (mut secrets, mut logs) = (BTreeSet::new(), Vec::new());
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if path.extension().is_some_and(|end| end == "secrets") {
            let lines = fs::read_to_string(&path)?;
            secrets.extend(lines.lines().map(str::to_owned));
        } else {
            logs.push(path);
        }
    }
    secrets.retain(|secret| secret.len() >= SHORTEST);
    let forms: Vec<(String, &String)> = (secrets.iter())
        .flat_map(|secret| forms(secret).map(move |form| (form, secret)))
        .collect();
    let finder = AhoCorasick::new(forms.iter().map(|(form, _)| form)).map_err(io::Error::other)?;
    let mut looked = Looked {
        secrets: secrets.len(),
        ..Looked::default()
    };
    for log in logs {
        let said = fs::read(&log)?;
        looked.bytes += said.len() as u64;
        for found in finder.find_iter(&said) {
            let (_, secret) = &forms[found.pattern().as_usize()];
            let line = line(&said, found.start());
            looked.leaks.insert(((*secret).clone(), line));
        }
    }
    Ok(looked)
}

/// As it is, and as forms and addresses have it.
fn forms(secret: &str) -> impl Iterator<Item = String> + use<> {
    let spaced = secret.contains(' ');
    let others = ["+", "%20"].map(|space| secret.replace(' ', space));
    let others = others.into_iter().filter(move |_| spaced);
    std::iter::once(secret.to_owned()).chain(others)
}

fn line(said: &[u8], at: usize) -> String {
    let is_end = |byte: &u8| *byte == b'\n';
    let start = said[..at].iter().rposition(is_end).map_or(0, |end| end + 1);
    let length = said[at..].iter().position(is_end);
    let end = length.map_or(said.len(), |length| at + length);
    String::from_utf8_lossy(&said[start..end]).into_owned()
}
