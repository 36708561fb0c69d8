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
use crate::form_token;
use crate::fresh;
use crate::known_browser::KnownBrowser;
use crate::language::Language;
use crate::problem::Problem;
use crate::reading::{Wanted, failed};
use crate::vault::SESSION;
use crate::vault::sessions::Factors;
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
    /// Those that act.
    pub roles: Roles,
    /// Those that act in a session that was begun with two factors alone, and this one was not.
    pub resting: Roles,
    /// The session came in a cookie, which a browser sends along whoever wrote the form.
    pub in_browser: bool,
    /// What no other browser and no other member has, if the member has come in with this one.
    pub browser: Option<Vec<u8>>,
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
    if let Some(told) = token(request.headers(), app.secure_cookies)
        && app.as_of.is_none()
        && !request.uri().path().starts_with("/assets/")
        && let Err(problem) = look_up(&app, told, &mut request).await
    {
        return problem.into_response();
    }
    next.run(request).await
}

async fn look_up(app: &App, told: Told, request: &mut Request) -> Result<(), Problem> {
    let Told { token, in_browser } = told;
    let session = app.vault.session(&token, fresh::now()).await;
    let Some((member, factors)) = session.map_err(failed)? else {
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
    let mut visitor = Visitor::signed_out(request.uri(), request.headers());
    let known = KnownBrowser::of(request.headers(), app.secure_cookies);
    let number = known.known_to(&app.vault, member);
    let browser = number.map(|number| {
        let browser = [number, member.0.as_bytes()].concat();
        // the cookie alone makes no token: who can read it there may be somebody else
        app.vault.digest("form", &browser).to_vec()
    });
    visitor.form_token =
        is_page.then(|| form_token::make(browser.as_deref().unwrap_or(token.as_bytes())));
    let signed_in = SignedIn {
        name: name.clone(),
        href: format!("/members/{member}"),
        roles: roles.clone(),
        unseen,
        suspended_until,
    };
    let language = language.parse().unwrap_or(Language::En);
    let act = factors == Factors::Two || !app.roles_need_two_factors;
    let (roles, resting) = match act {
        true => (roles, Roles::new()),
        false => (Roles::new(), roles),
    };
    let extensions = request.extensions_mut();
    extensions.insert(visitor.with_member(signed_in, language));
    extensions.insert(Caller {
        member,
        name,
        roles,
        resting,
        in_browser,
        browser,
        token,
    });
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        let open = OpenSnapshot(Arc::new(Mutex::new(Some(snapshot))));
        request.extensions_mut().insert(open);
    }
    Ok(())
}

/// A session's token, and how it came.
struct Told {
    token: Arc<str>,
    in_browser: bool,
}

/// The token of a client that is no browser: none sends it by itself.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ")
}

fn token(headers: &HeaderMap, secure: bool) -> Option<Told> {
    if let Some(token) = bearer(headers) {
        let (token, in_browser) = (token.into(), false);
        return Some(Told { token, in_browser });
    }
    let token = cookies::get(headers, SESSION_COOKIE, secure)?.into();
    let in_browser = true;
    Some(Told { token, in_browser })
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
