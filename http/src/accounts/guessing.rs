//! Guesses at passwords and codes: so many for each account, and no way to keep its member out.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::MemberId;

use super::entry::{Way, note_refused};
use crate::app::App;
use crate::asking::Asking;
use crate::message;
use crate::problem::Problem;
use crate::reading::failed;
use crate::vault::guesses::{Guess, Guessed, TooMany};

/// One more try, unless there were too many: of strangers, or of the member in browsers that they
/// have come in with before.
pub async fn guess(
    app: &App,
    asking: &Asking,
    what: Guessed<'_>,
    (member, way): (Option<MemberId>, &Way),
) -> Result<Guess, Problem> {
    let browser = member.and_then(|member| asking.browser.known_to(&app.vault, member));
    let guessed = app.vault.guess(what, browser, asking.at()).await;
    guessed.map_err(failed)?.map_err(|TooMany(wait)| {
        note_refused(asking, member, way);
        too_many_guesses(wait)
    })
}

fn too_many_guesses(wait: TimeDelta) -> Problem {
    let seconds = u32::try_from(wait.num_seconds()).unwrap_or(u32::MAX).max(1);
    let title = message!("problem-too-many-guesses");
    let detail = message!(
        "problem-too-many-guesses-detail",
        minutes = seconds.div_ceil(60)
    );
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-guesses", title)
        .detail(detail)
        .retry_after(seconds)
}
