//! A client's frames by plain `POST`, each with its answer, for who listens to events
//! ([`super::events`]) since a WebSocket can't be had.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::MemberId;
use uuid::Uuid;

use super::conversation::requests::{Asking, visible};
use super::conversation::{Done, Speaker};
use super::protocol::{Said, Told};
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
    let done = match said {
        said @ Said::Read { .. } => read_on(asking, said).await,
        said => asking.done(said).await,
    };
    match done {
        Done::Told(told) => Ok(Json(told).into_response()),
        Done::Followed(..) | Done::Page { .. } => Err(Problem::internal("nothing is followed")),
    }
}

/// Here a page that goes says what was read, whenever its member's marker has moved last. What is
/// too soon is done once it may be, though nobody waits for it any more.
async fn read_on(asking: Asking, said: Said) -> Done {
    let done = asking.done(said.clone()).await;
    let Done::Told(Told::Error {
        retry_ms: Some(wait_ms),
        ..
    }) = done
    else {
        return done;
    };
    let later = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        asking.done(said).await
    });
    later.await.unwrap_or(done)
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
