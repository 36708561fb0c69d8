//! By what a browser is known to the members who have come in with it: so much that a stranger who
//! guesses at an account can't lock its member out there (OWASP's *device cookies*). It opens nothing.

use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::MemberId;
use rand::Rng;

use crate::cookies;
use crate::vault::Vault;

const COOKIE: &str = "known";
/// Members on one browser; the one who has not come in for longest is forgotten.
const MOST: usize = 4;
/// Browsers keep no cookie longer than 400 days.
const SECONDS: u32 = 400 * 24 * 3_600;
const HALF: usize = 16;

/// A number that was drawn, and what only our vault makes of it and the member. Who they are it does
/// not say.
type Mark = [u8; 2 * HALF];

#[derive(Clone, Debug, Default)]
pub struct KnownBrowser {
    /// Who came in last is first.
    marks: Vec<Mark>,
}

impl KnownBrowser {
    pub fn of(headers: &HeaderMap, secure: bool) -> KnownBrowser {
        let cookie = cookies::get(headers, COOKIE, secure).unwrap_or_default();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cookie).unwrap_or_default();
        let (marks, _) = bytes.as_chunks::<{ 2 * HALF }>();
        KnownBrowser {
            marks: marks.iter().take(MOST).copied().collect(),
        }
    }

    /// The browser's number, if the member has come in with it.
    pub fn known_to(&self, vault: &Vault, member: MemberId) -> Option<&[u8]> {
        let mark = self.marks.iter().find(|mark| {
            let (number, made) = mark.split_at(HALF);
            vault.has_marked(number, member, made)
        });
        mark.map(|mark| &mark[..HALF])
    }

    /// The `Set-Cookie` value by which it is known to the member from now on.
    pub fn with(&self, vault: &Vault, member: MemberId, secure: bool) -> HeaderValue {
        let mut number = [0; HALF];
        match self.known_to(vault, member) {
            Some(known) => number.copy_from_slice(known),
            None => rand::rng().fill_bytes(&mut number),
        }
        let mut own = [0; 2 * HALF];
        own[..HALF].copy_from_slice(&number);
        own[HALF..].copy_from_slice(&vault.mark(&number, member));
        let others = self.marks.iter().filter(|mark| **mark != own);
        let marks = [&own].into_iter().chain(others).take(MOST);
        let marks = marks.flatten().copied().collect::<Vec<u8>>();
        let value = BASE64_URL_SAFE_NO_PAD.encode(marks);
        cookies::set(COOKIE, &value, SECONDS, secure)
    }
}
