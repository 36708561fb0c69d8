//! Who reads the page: their language, whether they are signed in, where they are, and what
//! there is to tell them.
//!
//! Whoever looks up sessions inserts a `Visitor` with the member into the request's extensions;
//! without one a handler (and a problem on its way out) sees a signed-out visitor.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use chrono::{DateTime, Utc};
use domain::Roles;

use crate::as_of::Moment;
use crate::flash::Flash;
use crate::language::Language;

#[derive(Clone, Debug)]
pub struct Visitor {
    pub language: Language,
    pub member: Option<SignedIn>,
    /// Path and query of this page: where to come back to.
    pub path: String,
    pub flash: Option<Flash>,
    /// For each form of a member's page.
    pub form_token: Option<String>,
    /// They look at the site as it was.
    pub as_of: Option<Moment>,
}

/// What the shell shows of a signed-in member.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedIn {
    pub name: String,
    /// The member's own page.
    pub href: String,
    /// Each leads to a place of its own in the menu.
    pub roles: Roles,
    /// What they were told and have not seen.
    pub unseen: i64,
    /// They may not write until then.
    pub suspended_until: Option<DateTime<Utc>>,
}

impl Visitor {
    pub fn signed_out(uri: &Uri, headers: &HeaderMap) -> Visitor {
        Visitor {
            language: Language::choose(None, headers),
            member: None,
            path: uri
                .path_and_query()
                .map_or("/", |path| path.as_str())
                .to_owned(),
            flash: Flash::read(headers),
            form_token: None,
            as_of: None,
        }
    }

    /// The member signed in, with the language that they chose.
    #[must_use]
    pub fn with_member(mut self, member: SignedIn, language: Language) -> Visitor {
        self.member = Some(member);
        self.language = language;
        self
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visitor, Infallible> {
        let known = parts.extensions.get::<Visitor>().cloned();
        Ok(known.unwrap_or_else(|| Visitor::signed_out(&parts.uri, &parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use axum::extract::Request;

    use super::*;

    fn parts() -> Parts {
        let request = Request::get("/films?after=x").header("accept-language", "ko");
        request
            .body(axum::body::Body::empty())
            .unwrap()
            .into_parts()
            .0
    }

    #[tokio::test]
    async fn without_a_session_the_browser_decides() {
        let Ok(visitor) = Visitor::from_request_parts(&mut parts(), &()).await;
        assert_eq!(visitor.language, Language::Ko);
        assert_eq!(visitor.path, "/films?after=x");
        assert!(visitor.member.is_none());
    }

    #[tokio::test]
    async fn a_session_brings_the_member_and_their_language() {
        let mut parts = parts();
        let ann = SignedIn {
            name: "Ann".to_owned(),
            href: "/members/1".to_owned(),
            roles: Roles::new(),
            unseen: 0,
            suspended_until: None,
        };
        let visitor = Visitor::signed_out(&parts.uri, &parts.headers);
        parts
            .extensions
            .insert(visitor.with_member(ann.clone(), Language::En));
        let Ok(visitor) = Visitor::from_request_parts(&mut parts, &()).await;
        assert_eq!(visitor.language, Language::En);
        assert_eq!(visitor.member, Some(ann));
    }
}
