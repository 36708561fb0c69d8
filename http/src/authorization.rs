//! Who may do what, in one place: a table of all routes ([`RULES`]), and the middleware that
//! holds every request against it. A route without an entry is refused.
//!
//! Who may touch *which* review or comment is a rule of the log's (`commands`); the table says
//! what it comes to, and a test asks every route as everybody about everything.

mod rules;

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::{MatchedPath, Query, Request};
use axum::http::header::ALLOW;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::{Role, Roles};

use crate::form_token;
use crate::message;
use crate::pages::again::sign_in_again;
use crate::pages::{self, sign_in_first, unkept};
use crate::problem::Problem;
use crate::refusals;
use crate::session::Caller;

pub use rules::RULES;

/// Whom a route is for. To a member without the role it is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Everyone,
    Members,
    Only(Role),
    /// Who has either.
    Either(Role, Role),
}

/// Whose things a route is for; those of anybody else are not found there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// It names nothing that belongs to somebody, or serves everybody's.
    Anyones,
    Own,
    /// One's own is known to be there, and forbidden.
    Others,
    /// Others' is known to be there, and forbidden.
    Kept,
}

/// What one route is to whom.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub method: &'static str,
    /// As the router has it: `/reviews/{review}`.
    pub path: &'static str,
    pub who: Who,
    pub whose: Whose,
}

impl Rule {
    fn is_api(&self) -> bool {
        self.path.starts_with("/api/")
    }

    fn answer(&self, caller: Option<&Caller>) -> Answer {
        let Some(caller) = caller else {
            return match self.who {
                Who::Everyone => Answer::Admit,
                Who::Members | Who::Only(_) | Who::Either(..) if self.is_api() => {
                    Answer::Unauthenticated
                }
                Who::Members | Who::Only(_) | Who::Either(..) if self.method == "GET" => {
                    Answer::SignInFirst
                }
                Who::Members => Answer::SignInFirst,
                Who::Only(_) | Who::Either(..) => Answer::Unauthenticated,
            };
        };
        let admits = |roles: &Roles| match self.who {
            Who::Everyone | Who::Members => true,
            Who::Only(role) => roles.contains(&role),
            Who::Either(one, other) => roles.contains(&one) || roles.contains(&other),
        };
        if admits(&caller.roles) {
            Answer::Admit
        } else if admits(&caller.resting) && self.method == "GET" && !self.is_api() {
            Answer::SignInAgain
        } else if admits(&caller.resting) {
            Answer::SecondFactor
        } else {
            Answer::NotThere
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    Admit,
    Unauthenticated,
    SignInFirst,
    /// With a second factor: the page shows how.
    SignInAgain,
    SecondFactor,
    NotThere,
}

/// The rules of one path.
type Methods = Vec<&'static Rule>;

static PATHS: LazyLock<HashMap<&str, Methods>> = LazyLock::new(|| {
    let mut paths: HashMap<&str, Methods> = HashMap::new();
    for rule in RULES {
        paths.entry(rule.path).or_default().push(rule);
    }
    paths
});

/// The problem of who has the role, and came in with one factor.
pub const SECOND_FACTOR: &str = "role-needs-second-factor";
const SIGN_OUT: &str = "/sign-out";

/// Middleware, for routes: admits, or answers in their place. The session's middleware is
/// around it.
pub async fn enforce(request: Request, next: Next) -> Response {
    let Some(path) = request.extensions().get::<MatchedPath>() else {
        return next.run(request).await; // no route at all
    };
    let Some(methods) = PATHS.get(path.as_str()) else {
        return Problem::internal(format!(
            "{} has no entry in authorization::RULES",
            path.as_str()
        ))
        .into_response();
    };
    let method = match request.method() {
        &Method::HEAD => "GET",
        method => method.as_str(),
    };
    let Some(rule) = methods.iter().find(|rule| rule.method == method) else {
        return refuse_method(methods);
    };
    match rule.answer(request.extensions().get::<Caller>()) {
        // strangers have no token, and a page may have been opened as one
        Answer::Admit if rule.who == Who::Everyone && rule.path != SIGN_OUT => {
            next.run(request).await
        }
        // somebody's own: no copy stays anywhere
        Answer::Admit => unkept(form_token::expect(request, next).await),
        Answer::Unauthenticated => Problem::unauthenticated().into_response(),
        Answer::SignInFirst => sign_in_first(&page_of(request.uri(), path.as_str())),
        Answer::SignInAgain => sign_in_again(&page_of(request.uri(), path.as_str())),
        Answer::SecondFactor => second_factor().into_response(),
        Answer::NotThere => {
            refusals::note_hidden();
            Problem::not_found().into_response()
        }
    }
}

fn second_factor() -> Problem {
    let title = message!("problem-role-second-factor");
    Problem::new(StatusCode::FORBIDDEN, SECOND_FACTOR, title)
        .detail(message!("problem-role-second-factor-detail"))
}

/// The page to come back to: this one, or the one that a form was on whose own address is none.
fn page_of(uri: &Uri, route: &str) -> String {
    if let Ok(Query(pages::Next { next })) = Query::try_from_uri(uri)
        && !next.is_empty()
    {
        return next;
    }
    if is_page(route) {
        let here = uri.path_and_query();
        return here.map_or("/", PathAndQuery::as_str).to_owned();
    }
    // a part of the address: `/reviews/{review}` of `/reviews/{review}/retract`
    let mut parts = route.match_indices('/').map(|(end, _)| &route[..end]);
    let page = parts.rfind(|part| is_page(part));
    let steps = page.map_or(0, |page| page.matches('/').count());
    let steps = uri.path().split('/').take(steps + 1);
    steps.collect::<Vec<_>>().join("/")
}

fn is_page(route: &str) -> bool {
    let rules = PATHS.get(route);
    rules.is_some_and(|rules| rules.iter().any(|rule| rule.method == "GET"))
}

/// As the router does for methods that it does not know.
fn refuse_method(methods: &Methods) -> Response {
    let names = methods.iter().map(|rule| match rule.method {
        "GET" => "GET,HEAD",
        other => other,
    });
    let names = names.collect::<Vec<_>>().join(",");
    let allowed = HeaderValue::try_from(names).expect("methods are letters");
    (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, allowed)]).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    async fn ask(method: &str, path: &str) -> Response {
        let routes = Router::new()
            .route("/films", get(async || "films").post(async || "posted"))
            .route("/secret", get(async || "secret"))
            .layer(from_fn(enforce));
        let request = Request::builder().method(method).uri(path);
        let request = request.body(Body::empty()).unwrap();
        routes.oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_route_without_an_entry_is_refused() {
        assert_eq!(ask("GET", "/films").await.status(), 200);
        assert_eq!(ask("HEAD", "/films").await.status(), 200);
        assert_eq!(ask("GET", "/secret").await.status(), 500);
        let refused = ask("POST", "/films").await;
        assert_eq!(refused.status(), 405);
        assert_eq!(refused.headers()[ALLOW], "GET,HEAD");
    }

    #[test]
    fn whoever_signs_in_first_comes_back_to_the_page_that_the_form_was_on() {
        let page = |path: &'static str, route| page_of(&Uri::from_static(path), route);
        for (path, route, to) in [
            ("/following?cursor=a", "/following", "/following?cursor=a"),
            (
                "/reviews/1/like?next=/films%3Fa",
                "/reviews/{review}/like",
                "/films?a",
            ),
            (
                "/reviews/1/retract",
                "/reviews/{review}/retract",
                "/reviews/1",
            ),
            (
                "/comments/1/edit",
                "/comments/{comment}/edit",
                "/comments/1/edit",
            ),
            (
                "/rooms/1/messages/2/reactions",
                "/rooms/{room}/messages/{seq}/reactions",
                "/rooms/1",
            ),
            (
                "/settings/sessions/1/end",
                "/settings/sessions/{session}/end",
                "/settings/sessions",
            ),
            (
                "/notifications/seen",
                "/notifications/seen",
                "/notifications",
            ),
        ] {
            assert_eq!(page(path, route), to);
        }
    }

    #[tokio::test]
    async fn what_has_no_route_stays_so() {
        assert_eq!(ask("GET", "/nothing").await.status(), 404);
    }

    #[test]
    fn every_route_has_one_entry() {
        let mut seen = HashSet::new();
        for rule in RULES {
            assert!(seen.insert((rule.method, rule.path)), "{rule:?} is twice");
        }
    }
}
