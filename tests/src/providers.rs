//! Real providers of sign-ins in a process of their own: `oidc-provider` and
//! `oauth2-mock-server` out of the npm registry.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use web::providers::{Providers, ProvidersFile};

use crate::secrets;

pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/providers");

// as the providers know them: `serve.mjs`
const MOCK_SECRET: &str = "mock-hush";
const OIDC_SECRET: &str = "oidc-hush";

/// Running; they go with this value.
pub struct Outside {
    process: Child,
    pub mock: String,
    pub oidc: String,
    /// Open, so that they may go on writing.
    _output: BufReader<ChildStdout>,
}

impl Outside {
    /// # Panics
    /// When Node.js is not installed, or can't get what the lock file names.
    pub fn start() -> Outside {
        install();
        for secret in [MOCK_SECRET, OIDC_SECRET] {
            secrets::remember(secret);
        }
        let mut process = Command::new("node")
            .arg("serve.mjs")
            .current_dir(FOLDER)
            // it ends with its input
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node starts (Debian: apt install nodejs npm)");
        let mut output = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut line = String::new();
        output.read_line(&mut line).expect("it says where it is");
        let places: Value = serde_json::from_str(&line).expect("it says where it is");
        Outside {
            process,
            mock: crate::site::text(&places["mock"]),
            oidc: crate::site::text(&places["oidc"]),
            _output: output,
        }
    }

    /// The file that configures these clients of the mock, each of which makes it behave
    /// otherwise, and the real provider.
    pub fn file(&self, clients: &[&str]) -> Value {
        let mut file: Vec<Value> = clients.iter().map(|client| self.entry(client)).collect();
        file.push(json!({
            "kind": "openid-connect",
            "slug": "oidc",
            "name": "Film school",
            "issuer": self.oidc,
            "client_id": "reeltime",
            "client_secret": OIDC_SECRET,
        }));
        Value::Array(file)
    }

    pub fn providers(&self, clients: &[&str]) -> Providers {
        let file = self.file(clients).to_string().parse::<ProvidersFile>();
        let file = file.expect("the file is right");
        file.open().expect("the file is right")
    }

    fn entry(&self, client: &str) -> Value {
        let kind = client.split('-').next().unwrap_or_default();
        if !matches!(kind, "naver" | "kakao" | "github") {
            return json!({
                "kind": "openid-connect",
                "slug": client,
                "issuer": self.mock,
                "client_id": client,
                "client_secret": MOCK_SECRET,
            });
        }
        json!({
            "kind": kind,
            "slug": client,
            "client_id": client,
            "client_secret": MOCK_SECRET,
            "authorize_url": format!("{}/authorize", self.mock),
            "token_url": format!("{}/token", self.mock),
            "profile_url": format!("{}/userinfo", self.mock),
        })
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Once, from the lock file, and again when that changes.
pub(crate) fn install() {
    static INSTALLED: std::sync::Once = std::sync::Once::new();
    INSTALLED.call_once(|| {
        let written = |file: &str| {
            let file = std::fs::metadata(Path::new(FOLDER).join(file));
            file.and_then(|file| file.modified()).ok()
        };
        let installed = written("node_modules/.package-lock.json");
        if installed > written("package-lock.json") {
            return;
        }
        let installed = Command::new("npm")
            .args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--silent",
            ])
            .current_dir(FOLDER)
            .status()
            .expect("npm starts (Debian: apt install nodejs npm)");
        assert!(installed.success(), "npm ci failed in {FOLDER}");
    });
}
