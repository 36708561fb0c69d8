//! A client's frames by plain `POST`, each with its answer, for who listens to events
//! ([`super::events`]) since a WebSocket can't be had.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::MemberId;
use uuid::Uuid;

use super::conversation::requests::{Asking, visible};
use super::conversation::{Done, Speaker};
use super::protocol::Said;
use super::refusal::Refusal;
use crate::address::ClientAddress;
use crate::app::App;
use crate::extract::Json;
use crate::fresh;
use crate::problem::Problem;
use crate::session::Caller;

/// `POST /api/v1/live`: 200 with the frame that answers, 204 where a frame has no answer, 400,
/// 422. What is refused is told in the frame, as over a socket.
pub async fn say(
    State(app): State<App>,
    address: ClientAddress,
    caller: Option<Caller>,
    Json(said): Json<Said>,
) -> Result<Response, Problem> {
    let member = caller.map(|caller| caller.member);
    match said {
        Said::Typing { room } => {
            app.limits.check_write(address, member)?;
            type_in(&app, room, member).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        // there is no connection that could be meant
        Said::Hello { .. } | Said::Sub { .. } | Said::Unsub { .. } | Said::Pong { .. } => {
            let refused = Refusal::new("needs_connection").told(said.id());
            Ok(Json(refused).into_response())
        }
        // counted where it is done, as over a socket
        said => answer(app, Speaker { member, address }, said).await,
    }
}

async fn answer(app: App, speaker: Speaker, said: Said) -> Result<Response, Problem> {
    let asking = Asking {
        app,
        speaker: Arc::new(speaker),
        connection: fresh::id(),
        followed: vec![],
    };
    match asking.done(said).await {
        Done::Told(told) => Ok(Json(told).into_response()),
        Done::Followed(..) | Done::Page { .. } => Err(Problem::internal("nothing is followed")),
    }
}

/// Who is in the room may be seen typing there.
async fn type_in(app: &App, room: Uuid, member: Option<MemberId>) -> Result<(), Refusal> {
    let live = visible(app, room, member).await?;
    let is_here = |member: &MemberId| live.ask(|state| state.present.contains(member));
    if let Some(member) = member.filter(|member| is_here(member) == Some(true)) {
        app.live.typing.add(room, member);
    }
    Ok(())
}
