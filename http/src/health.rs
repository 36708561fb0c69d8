//! What whoever runs Reeltime asks: is it alive, should it get requests, how is it doing.

use std::sync::LazyLock;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, TimeDelta, Utc};
use event_log::checkpoint::newest_up_to;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::as_of::Moment;
use crate::fresh;

/// The database answers within this, or it is away.
const DATABASE_PATIENCE: Duration = Duration::from_secs(2);
/// Read models that are further behind the log than this are not worth reading.
const LAG: TimeDelta = TimeDelta::seconds(10);

/// `GET /health/live` and `/health/ready`. They ask for no session and cost little.
pub fn routes() -> Router<App> {
    LazyLock::force(&METRICS);
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
}

/// `GET /metrics`, in Prometheus' text format. Not among the doors that everybody has: it tells
/// what a community does.
pub fn metrics() -> Router {
    Router::new().route("/metrics", get(async || METRICS.render()))
}

/// What `/health/ready` answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct Readiness {
    pub ready: bool,
    /// The log's last position; null: the database is away.
    pub head: Option<i64>,
    /// Where the read models stand.
    pub projected: Option<i64>,
    /// Up to where the log is signed; null: nobody signs it.
    pub signed: Option<i64>,
    /// Some read models or live rooms stand still.
    pub degraded: bool,
    pub detached: Vec<Detached>,
    /// Live rooms that stand still on this node, at something that it can't read.
    pub rooms_stopped: usize,
}

/// A read model that stands alone.
#[derive(Debug, Serialize, Deserialize, sqlx::FromRow)]
pub struct Detached {
    pub model: String,
    pub state: String,
    pub position: i64,
}

/// What the database says.
struct Positions {
    head: i64,
    projected: i64,
    signed: Option<i64>,
    /// Since when the event behind the read models waits.
    waiting_since: Option<DateTime<Utc>>,
    detached: Vec<Detached>,
}

/// 200 as long as requests are answered at all.
async fn live() -> impl IntoResponse {
    axum::Json(serde_json::json!({ "live": true }))
}

/// 200, or 503 while the database is away, the read models lag behind the log, or the node goes
/// down. What stands still alone, models or rooms, degrades a node; it is ready all the same.
async fn ready(State(app): State<App>) -> Response {
    let asking = tokio::time::timeout(DATABASE_PATIENCE, positions(&app));
    let positions = asking.await.ok().and_then(Result::ok);
    let waiting_since = positions.as_ref().and_then(|known| known.waiting_since);
    let lags = waiting_since.is_some_and(|since| fresh::now() - since > LAG);
    let ready = positions.is_some() && !lags && !app.live.connections.is_draining();
    let head = positions.as_ref().map(|known| known.head);
    let projected = positions.as_ref().map(|known| known.projected);
    let signed = positions.as_ref().and_then(|known| known.signed);
    let detached = positions.map(|known| known.detached).unwrap_or_default();
    let rooms_stopped = app.live.stopped.count();
    let readiness = Readiness {
        ready,
        head,
        projected,
        signed,
        degraded: !detached.is_empty() || rooms_stopped > 0,
        detached,
        rooms_stopped,
    };
    let mut response = axum::Json(readiness).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if !ready {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("2"));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}

async fn positions(app: &App) -> sqlx::Result<Positions> {
    if let Some(moment) = &app.as_of {
        return as_it_was(app, moment).await;
    }
    let mut connection = app.pool.acquire().await?;
    let (head, projected, waiting_since) = sqlx::query_as(
        "with projected as (select coalesce(max(position), 0) as position from read.checkpoints)
         select log.head(), projected.position, events.recorded_at
         from projected left join log.events on events.position = projected.position + 1",
    )
    .fetch_one(&mut *connection)
    .await?;
    let detached = sqlx::query_as(
        "select name as model, state, position from read.models where state <> 'live' order by name",
    )
    .fetch_all(&mut *connection)
    .await?;
    let signed = newest_up_to(&mut *connection, head).await?;
    Ok(Positions {
        head,
        projected,
        signed: signed.map(|signed| signed.size),
        waiting_since,
        detached,
    })
}

/// What is shown as it was lags behind nothing, as long as it is there.
async fn as_it_was(app: &App, moment: &Moment) -> sqlx::Result<Positions> {
    if !moment.is_there(&app.pool).await? {
        return Err(sqlx::Error::RowNotFound);
    }
    let signed = newest_up_to(&app.pool, moment.position).await?;
    Ok(Positions {
        head: moment.position,
        projected: moment.position,
        signed: signed.map(|signed| signed.size),
        waiting_since: None,
        detached: Vec::new(),
    })
}

/// Counters and gauges alone: histograms would pile up until somebody reads them.
static METRICS: LazyLock<PrometheusHandle> = LazyLock::new(|| {
    let installed = PrometheusBuilder::new().install_recorder();
    installed.expect("nobody else installs a recorder in this process")
});

/// Middleware: counts requests by route. What has no route is not counted.
pub async fn count(request: Request, next: Next) -> Response {
    let method = known_method(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    if let Some(route) = route {
        metrics::counter!(
            "http_requests",
            "method" => method,
            "route" => route.as_str().to_owned(),
            "status" => response.status().as_str().to_owned(),
        )
        .increment(1);
    }
    response
}

/// A client can make up methods without end; each would be counted for ever.
fn known_method(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known
        .into_iter()
        .find(|known| *known == method.as_str())
        .unwrap_or("other")
}
