//! Letters as their readers get them: out of a folder, or from a real SMTP server out of the npm
//! registry.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use tokio::time::Instant;

use crate::providers::{FOLDER, install};
use crate::secrets;
use crate::site::text;

const PATIENCE: Duration = Duration::from_secs(30);

/// A letter as it was sent.
#[derive(Clone, Debug)]
pub struct Letter {
    pub subject: String,
    pub to: String,
    /// The part that is plain text.
    pub text: String,
    pub raw: String,
}

impl Letter {
    pub fn read(raw: &str) -> Letter {
        let header = |name: &str| {
            let head = raw.split("\r\n\r\n").next().unwrap_or_default();
            let unfolded = head.replace("\r\n ", " ");
            let lines = unfolded.lines().map(str::to_owned).collect::<Vec<_>>();
            let found = lines
                .iter()
                .find_map(|line| line.strip_prefix(&format!("{name}: ")));
            found.unwrap_or_default().to_owned()
        };
        let part = raw
            .split("Content-Type: text/plain")
            .nth(1)
            .unwrap_or_default();
        let (head, rest) = part.split_once("\r\n\r\n").unwrap_or_default();
        let body = rest.split("\r\n--").next().unwrap_or_default();
        let body = match head.to_lowercase() {
            head if head.contains("quoted-printable") => quoted_printable(body),
            head if head.contains("base64") => base64(body),
            _ => body.as_bytes().to_vec(),
        };
        Letter {
            subject: header("Subject"),
            to: header("To"),
            text: String::from_utf8(body).expect("letters are UTF-8"),
            raw: raw.to_owned(),
        }
    }

    /// Path and query of the link in it.
    ///
    /// # Panics
    /// When there is none.
    pub fn link(&self) -> String {
        let start = self.text.find("http://").or(self.text.find("https://"));
        let link = &self.text[start.unwrap_or_else(|| panic!("no link in {}", self.text))..];
        let link = link.split_whitespace().next().unwrap_or_default();
        let path = link.splitn(4, '/').nth(3).unwrap_or_default();
        format!("/{path}")
    }

    /// What the link's address holds.
    pub fn token(&self) -> String {
        let link = self.link();
        let token = link.split_once("token=");
        let token = token.map_or(String::new(), |(_, token)| token.to_owned());
        secrets::remember(&token);
        token
    }
}

fn quoted_printable(body: &str) -> Vec<u8> {
    let body = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = body.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'=', [high, low, after @ ..]) => {
                let hex = [*high, *low];
                let hex = std::str::from_utf8(&hex).expect("two digits");
                bytes.push(u8::from_str_radix(hex, 16).expect("two digits"));
                rest = after;
            }
            (byte, _) => bytes.push(*byte),
        }
    }
    bytes
}

fn base64(body: &str) -> Vec<u8> {
    let body: String = body.split_whitespace().collect();
    BASE64_STANDARD.decode(body).expect("base64")
}

/// All letters in a folder, the newest last.
pub fn in_folder(folder: &Path) -> Vec<Letter> {
    let Ok(files) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let files = files.filter_map(Result::ok).map(|file| file.path());
    let mut files: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|end| end == "eml"))
        .collect();
    files.sort_by_key(|path| {
        std::fs::metadata(path)
            .and_then(|file| file.modified())
            .ok()
    });
    files
        .iter()
        .map(|path| Letter::read(&std::fs::read_to_string(path).expect("a letter")))
        .collect()
}

/// The newest letter to this address about this, as soon as it is there.
///
/// # Panics
/// When it does not come.
pub async fn await_letter(folder: &Path, to: &str, about: &str) -> Letter {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let letters = in_folder(folder);
        let mut newest = letters.iter().rev();
        let found = newest.find(|letter| letter.to == to && letter.text.contains(about));
        if let Some(letter) = found {
            return letter.clone();
        }
        assert!(
            Instant::now() < deadline,
            "no letter to {to} about {about:?}: {letters:#?}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A running SMTP server; it goes with this value.
pub struct PostOffice {
    process: Child,
    pub address: String,
    taken: Receiver<Value>,
}

impl PostOffice {
    /// # Panics
    /// When Node.js is not installed, or can't get what the lock file names.
    pub fn open(arguments: &[&str]) -> PostOffice {
        install();
        let mut process = Command::new("node")
            .arg("post.mjs")
            .args(arguments)
            .current_dir(FOLDER)
            // it ends with its input
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node starts (Debian: apt install nodejs npm)");
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        let taken = lines(output);
        let place = taken.recv_timeout(PATIENCE).expect("it says where it is");
        PostOffice {
            process,
            address: format!("127.0.0.1:{}", place["port"]),
            taken,
        }
    }

    /// The next letter that it took, and with what the sender showed who they are.
    ///
    /// # Panics
    /// When none comes.
    pub fn next(&self) -> (Letter, String) {
        let taken = self.taken.recv_timeout(PATIENCE).expect("a letter");
        let letter = Letter::read(&text(&taken["data"]));
        (letter, text(&taken["authenticated"]))
    }

    /// Whether nothing came that was not asked for.
    pub fn is_empty(&self) -> bool {
        self.taken.try_recv().is_err()
    }
}

fn lines(output: BufReader<ChildStdout>) -> Receiver<Value> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let line = serde_json::from_str(&line).expect("a line of JSON");
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
