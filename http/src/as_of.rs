//! Reeltime as it was: a node that shows the read side at an earlier position. Every page says so,
//! nothing can be changed, and everybody is a stranger there: roles and rooms that somebody had
//! then open nothing.

use anyhow::Context;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::UPGRADE;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use projections::{AsOf, AsOfName};
use sqlx::PgPool;

use crate::app::App;
use crate::language::Language;
use crate::problem::Problem;
use crate::reading::failed;
use crate::visitor::Visitor;
use crate::{message, t};

/// On every answer: by which name, at which position and time it is as it was
/// (`"july"; position=1204; at=@1782907200`, a structured field of RFC 9651).
pub const AS_OF: HeaderName = HeaderName::from_static("reeltime-as-of");

/// What a node shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    pub name: AsOfName,
    pub position: i64,
    /// When its last event was recorded; none: nothing had happened.
    pub at: Option<DateTime<Utc>>,
    /// When its tables were made: others of its name are others.
    made_at: DateTime<Utc>,
}

impl Moment {
    /// What `replay-tool as-of` has built under this name.
    pub async fn find(pool: &PgPool, name: AsOfName) -> anyhow::Result<Moment> {
        let mut connection = pool.acquire().await?;
        let shown = AsOf::shown(&mut connection, &name).await;
        let shown = shown.context("nothing to show (see replay-tool as-of --help)")?;
        let before = (shown.position - 1).max(0);
        let last = event_log::read_after(&mut *connection, before, 1).await?;
        let last = last.first().filter(|_| shown.position > 0);
        Ok(Moment {
            name,
            position: shown.position,
            at: last.map(|event| event.recorded_at),
            made_at: shown.created_at,
        })
    }

    /// Forgetting somebody takes it away, and so may an operator.
    pub async fn is_there(&self, pool: &PgPool) -> sqlx::Result<bool> {
        let found = AsOf::find(&mut *pool.acquire().await?, &self.name).await?;
        Ok(found.is_some_and(|found| found.complete && found.created_at == self.made_at))
    }

    fn header(&self) -> HeaderValue {
        let (name, position) = (&self.name, self.position);
        let at = self.at.map(|at| format!("; at=@{}", at.timestamp()));
        let text = format!("\"{name}\"; position={position}{}", at.unwrap_or_default());
        HeaderValue::try_from(text).expect("a name has plain letters")
    }
}

/// Middleware: whoever reads is told which time it is here.
pub async fn tell(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let Some(moment) = &app.as_of else {
        return next.run(request).await;
    };
    let mut visitor = Visitor::signed_out(request.uri(), request.headers());
    visitor.as_of = Some(moment.clone());
    request.extensions_mut().insert(visitor);
    let mut response = next.run(request).await;
    response.headers_mut().insert(AS_OF, moment.header());
    response
}

/// Middleware, for routes: refuses what could change anything, and all once it is gone.
pub async fn refuse(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(moment) = &app.as_of else {
        return next.run(request).await;
    };
    if changes(&request) {
        let title = message!("problem-as-of");
        let problem = Problem::new(StatusCode::FORBIDDEN, "read-only", title);
        return problem
            .detail(message!("problem-as-of-detail"))
            .into_response();
    }
    match moment.is_there(&app.pool).await {
        Ok(true) => next.run(request).await,
        Ok(false) => {
            let title = message!("problem-as-of-gone");
            let problem = Problem::new(StatusCode::GONE, "as-of-gone", title);
            let detail = message!("problem-as-of-gone-detail");
            problem.detail(detail).into_response()
        }
        Err(error) => failed(error).into_response(),
    }
}

/// A socket, too: being in a room is something that happens. The language is the browser's own.
fn changes(request: &Request) -> bool {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let path = request.uri().path();
    let route = request.extensions().get::<MatchedPath>();
    let is_live = route.is_some_and(|route| {
        matches!(
            route.as_str(),
            "/api/v1/live" | "/api/v1/rooms/{room}/events"
        )
    });
    let comes_in = path.starts_with("/sign-");
    let upgrades = request.headers().contains_key(UPGRADE);
    !reads && path != "/language" || is_live || comes_in || upgrades
}

/// Above every page.
pub fn banner(language: Language, moment: &Moment) -> Markup {
    let position = moment.position;
    html! {
        div class="as-of" role="note" {
            p {
                @match moment.at {
                    Some(at) => {
                        @let time = at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
                        (t!(language, "as-of-banner", time = time, position = position))
                    }
                    None => (t!(language, "as-of-banner-empty")),
                }
            }
        }
    }
}
