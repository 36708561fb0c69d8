//! How a no is told over a socket.

use chrono::{DateTime, Utc};
use commands::{ExecuteError, Refused};

use super::LiveError;
use super::link::Verdict;
use super::protocol::Told;

/// A no, for whoever waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: String,
    pub detail: Option<String>,
    pub retry_ms: Option<u64>,
    pub temporary: bool,
    /// A moderator's words, for the member alone.
    pub reason: Option<String>,
    /// When it is over by itself.
    pub until: Option<DateTime<Utc>>,
}

/// When a busy node is worth another try.
const BUSY_RETRY_MS: u64 = 2_000;
/// When it is worth asking again for what can't be read here.
const UNREADABLE_RETRY_MS: u64 = 10_000;

impl Refusal {
    pub fn new(code: &str) -> Refusal {
        Refusal {
            code: code.to_owned(),
            detail: None,
            retry_ms: None,
            temporary: false,
            reason: None,
            until: None,
        }
    }

    pub fn detailed(code: &str, detail: impl ToString) -> Refusal {
        Refusal {
            detail: Some(detail.to_string()),
            ..Refusal::new(code)
        }
    }

    pub fn wait(code: &str, retry_ms: u64) -> Refusal {
        Refusal {
            retry_ms: Some(retry_ms),
            temporary: true,
            ..Refusal::new(code)
        }
    }

    pub fn busy() -> Refusal {
        Refusal::wait("busy", BUSY_RETRY_MS)
    }

    /// Of a newer release, or damaged; another node may read it, or this one later.
    fn unreadable() -> Refusal {
        Refusal {
            detail: Some("an event of this room can't be read by this node".to_owned()),
            ..Refusal::wait("unreadable", UNREADABLE_RETRY_MS)
        }
    }

    pub fn told(self, id: Option<u64>) -> Told {
        let Refusal {
            code,
            detail,
            retry_ms,
            temporary,
            reason,
            until,
        } = self;
        Told::Error {
            id,
            code,
            detail,
            retry_ms,
            temporary,
            reason,
            until,
        }
    }
}

impl From<Verdict> for Refusal {
    fn from(verdict: Verdict) -> Refusal {
        Refusal {
            reason: verdict.reason,
            until: verdict.until,
            ..Refusal::new(verdict.code)
        }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Refusal {
        match refused {
            Refused::TooFast { retry_ms } => Refusal::wait("rate_limited", retry_ms),
            _ => Refusal::detailed(&refused.slug().replace('-', "_"), refused),
        }
    }
}

impl From<ExecuteError> for Refusal {
    fn from(error: ExecuteError) -> Refusal {
        match error {
            ExecuteError::Refused(refused) => refused.into(),
            ExecuteError::IdReused => Refusal::new("cid_reused"),
            ExecuteError::Busy => Refusal::busy(),
            ExecuteError::Internal(why) => {
                tracing::error!(why, "a command over a socket failed");
                Refusal::new("internal")
            }
        }
    }
}

impl From<LiveError> for Refusal {
    fn from(error: LiveError) -> Refusal {
        match error {
            LiveError::NoSuchRoom => Refusal::new("no_such_room"),
            LiveError::NotBegun => Refusal::busy(),
            LiveError::Database(_)
            | LiveError::Log(_)
            | LiveError::Folding(_)
            | LiveError::Missing(_) => {
                tracing::warn!(%error, "a live room can't be read");
                Refusal::busy()
            }
            LiveError::Stopped => Refusal::unreadable(),
            LiveError::Undecodable(_) => {
                tracing::error!(%error, "a part of a live room can't be read");
                Refusal::unreadable()
            }
        }
    }
}
