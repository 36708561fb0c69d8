//! Who asks: the session's middleware, and extractors for the member.
//!
//! A browser has its session in a cookie, another client sends its token as
//! `Authorization: Bearer …`.

use std::sync::{Arc, Mutex};

use axum::extract::{FromRequestParts, OptionalFromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::{MemberId, Role, Roles};
use projections::{Snapshot, members, notifications};

use crate::accounts::CameIn;
use crate::app::App;
use crate::cookies;
use crate::fresh;
use crate::language::Language;
use crate::problem::Problem;
use crate::reading::{Wanted, failed};
use crate::vault::SESSION;
use crate::visitor::{SignedIn, Visitor};

pub const SESSION_COOKIE: &str = "session";
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
/// What is somebody's own is in no cache.
const STORAGE: HeaderValue = HeaderValue::from_static(r#""storage""#);

/// The member who asks, and their session's token. As an extractor: answers 401
/// without one; `Option<Caller>` for what everybody may see.
#[derive(Clone, Debug)]
pub struct Caller {
    pub member: MemberId,
    pub name: String,
    pub roles: Roles,
    token: Arc<str>,
}

impl Caller {
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whether they have this role. Every caller is a member.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// The snapshot in which the member was looked up, for the handler to go on with.
#[derive(Clone)]
pub(crate) struct OpenSnapshot(pub Arc<Mutex<Option<Snapshot>>>);

/// Middleware: looks up the session and makes `Caller` and `Visitor` of it. Nobody has one in the
/// past.
pub async fn identify_member(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if let Some(token) = token(request.headers(), app.secure_cookies)
        && app.as_of.is_none()
        && !request.uri().path().starts_with("/assets/")
        && let Err(problem) = look_up(&app, token, &mut request).await
    {
        return problem.into_response();
    }
    next.run(request).await
}

async fn look_up(app: &App, token: Arc<str>, request: &mut Request) -> Result<(), Problem> {
    let session = app.vault.session(&token, fresh::now()).await;
    let Some(member) = session.map_err(failed)? else {
        return Ok(());
    };
    let wanted = Wanted::of(request.headers());
    let mut snapshot = app
        .reader
        .snapshot(wanted.position())
        .await
        .map_err(failed)?;
    let row = members::by_id(&mut snapshot, member.0)
        .await
        .map_err(failed)?;
    let known = row.and_then(|row| {
        let told = (row.name?, row.language, row.roles.0, row.suspended_until);
        Some(told)
    });
    let Some((name, language, roles, suspended_until)) = known else {
        return Ok(()); // withdrawn
    };
    // the API's answers have no head to tell it in
    let is_page = !request.uri().path().starts_with("/api/");
    let unseen = match is_page && request.method() == Method::GET {
        true => notifications::unseen(&mut snapshot, member.0)
            .await
            .map_err(failed)?,
        false => 0,
    };
    tracing::Span::current().record("member", tracing::field::display(member));
    let visitor = Visitor::signed_out(request.uri(), request.headers());
    let signed_in = SignedIn {
        name: name.clone(),
        href: format!("/members/{member}"),
        roles: roles.clone(),
        unseen,
        suspended_until,
    };
    let language = language.parse().unwrap_or(Language::En);
    let extensions = request.extensions_mut();
    extensions.insert(visitor.with_member(signed_in, language));
    extensions.insert(Caller {
        member,
        name,
        roles,
        token,
    });
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        let open = OpenSnapshot(Arc::new(Mutex::new(Some(snapshot))));
        request.extensions_mut().insert(open);
    }
    Ok(())
}

fn token(headers: &HeaderMap, secure: bool) -> Option<Arc<str>> {
    let bearer = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    if let Some(token) = bearer.and_then(|value| value.strip_prefix("Bearer ")) {
        return Some(token.into());
    }
    cookies::get(headers, SESSION_COOKIE, secure).map(Into::into)
}

/// Signs a browser in; it is known to the member from now on, also when they have signed out.
pub fn begin(headers: &mut HeaderMap, came: &CameIn, secure: bool) {
    let seconds =
        u32::try_from(SESSION.num_seconds()).expect("a session is shorter than a century");
    let session = cookies::set(SESSION_COOKIE, came.token.reveal(), seconds, secure);
    headers.append(SET_COOKIE, session);
    headers.append(SET_COOKIE, came.known.clone());
}

/// Signs a browser out: it forgets the session, and what pages and scripts have kept in it.
pub fn end(headers: &mut HeaderMap, secure: bool) {
    headers.append(SET_COOKIE, cookies::clear(SESSION_COOKIE, secure));
    // over TLS alone; elsewhere `leaving.js` takes away what scripts have kept
    headers.insert(CLEAR_SITE_DATA, STORAGE);
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, Problem> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.ok_or_else(Problem::unauthenticated)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Caller>, Problem> {
        Ok(parts.extensions.get::<Caller>().cloned())
    }
}
