//! The API's document held against the API: schemathesis, out of PyPI, asks a server what the
//! document allows and what it forbids, and compares each answer with what it says.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::site::Member;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/contract");
/// Which requests are made up follows from it, and so does how many.
const SEED: &str = "7";
/// Of one operation, made up beside those that cover what the document says of it.
const EXAMPLES: &str = "3";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance";

/// Who asks whom about what.
pub struct Contract<'a> {
    /// An address, or a file.
    pub document: String,
    /// Where the server is.
    pub url: &'a str,
    /// None: a stranger.
    pub member: Option<&'a Member>,
    /// What is there: a parameter of paths, and values that it may have.
    pub things: &'a [(&'a str, Vec<String>)],
    /// Operations that are left out (`DELETE /me`).
    pub without: &'a [&'a str],
    /// Kinds of requests, with commas: `examples`, `coverage`, `fuzzing`.
    pub phases: &'a str,
    /// This path alone.
    pub only: Option<&'a str>,
}

/// What came of it.
pub struct Kept {
    pub is_kept: bool,
    /// Operations that were asked.
    pub operations: usize,
    /// What schemathesis says.
    pub told: String,
}

impl Contract<'_> {
    /// # Panics
    /// When Python is not installed, or can't get what the lock file names.
    pub fn check(&self) -> Kept {
        install();
        let folder = tempfile::tempdir().expect("a temporary directory");
        let settings = folder.path().join("schemathesis.toml");
        std::fs::write(&settings, self.settings()).expect("a file");
        let report = folder.path().join("report.json");
        let output = self.command(&folder, &settings, &report).output();
        let output = output.expect("schemathesis starts");
        let mut told = String::from_utf8_lossy(&output.stdout).into_owned();
        told.push_str(&String::from_utf8_lossy(&output.stderr));
        Kept {
            is_kept: output.status.success(),
            operations: operations(&report),
            told,
        }
    }

    fn command(&self, folder: &TempDir, settings: &Path, report: &Path) -> Command {
        let mut command = Command::new(environment().join("bin/schemathesis"));
        command
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .arg("--config-file")
            .arg(settings)
            .args(["run", &self.document, "--url", self.url, "--no-color"])
            .args(["--checks", CHECKS, "--phases", self.phases])
            .args(["--seed", SEED, "--max-examples", EXAMPLES])
            .args(["--generation-database", "none", "--no-shrink"])
            .args(["--request-timeout", "20", "--warnings", "off"])
            .arg("--continue-on-failure")
            .args(["--report", "json", "--report-json-path"])
            .arg(report);
        if let Some(member) = self.member {
            let token = format!("Authorization: Bearer {}", member.token);
            command.args(["--header", &token]);
        }
        if let Some(path) = self.only {
            command.args(["--include-path", path]);
        }
        for operation in self.without {
            command.args(["--exclude-name", operation]);
        }
        command
    }

    /// Things that are there are asked about more often than such that are not. Who asks for a
    /// position that nobody has written is told to come back (503), as it is meant.
    fn settings(&self) -> String {
        let mut settings = String::new();
        let mut parameters = String::from("[parameters]\n\"header.Reeltime-Position\" = \"1\"\n");
        for (number, (name, values)) in self.things.iter().enumerate() {
            let bound = format!("{{ dictionary = \"d{number}\", probability = 0.8 }}");
            let written = writeln!(settings, "[dictionaries.d{number}]\nvalues = {values:?}")
                .and_then(|()| writeln!(parameters, "{name:?} = {bound}"));
            written.expect("a string takes everything");
        }
        settings + &parameters
    }
}

fn operations(report: &Path) -> usize {
    let report = std::fs::read(report).unwrap_or_default();
    let report: Value = serde_json::from_slice(&report).unwrap_or_default();
    let tested = report.pointer("/operations/tested");
    usize::try_from(tested.and_then(Value::as_u64).unwrap_or_default()).expect("a few")
}

fn environment() -> PathBuf {
    Path::new(FOLDER).join(".venv")
}

/// Once, from the lock file, and again when that changes.
fn install() {
    static INSTALLED: std::sync::Once = std::sync::Once::new();
    INSTALLED.call_once(|| {
        let locked = std::fs::read(Path::new(FOLDER).join("requirements.txt"));
        let locked = locked.expect("the lock file is there");
        // written last, so that an installation that was broken off begins anew
        let installed = environment().join("requirements.txt");
        if std::fs::read(&installed).is_ok_and(|installed| installed == locked) {
            return;
        }
        let made = Command::new("python3")
            .args(["-m", "venv", "--clear", ".venv"])
            .current_dir(FOLDER)
            .status();
        let made = made.expect("python3 starts (Debian: apt install python3-venv)");
        assert!(
            made.success(),
            "python3 has no venv (Debian: apt install python3-venv)"
        );
        let filled = Command::new(environment().join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check"])
            .args(["--require-hashes", "--only-binary", ":all:"])
            .args(["--requirement", "requirements.txt"])
            .current_dir(FOLDER)
            .status();
        let is_filled = filled.is_ok_and(|status| status.success());
        assert!(is_filled, "pip could not install {FOLDER}/requirements.txt");
        std::fs::write(&installed, &locked).expect("a file");
    });
}
