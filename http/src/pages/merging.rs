//! Joining two films that are the same. For operators.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use commands::film::Merge;
use domain::FilmId;
use maud::html;
use projections::films;
use projections::search::{self, Filters, Query};
use serde::Deserialize;
use uuid::Uuid;

use crate::app::App;
use crate::asking::Asking;
use crate::assets::asset;
use crate::components::{command, error_summary, field, film_card_small};
use crate::extract::{Form, Path};
use crate::flash::Flash;
use crate::layout::Page;
use crate::pages::accounts::line;
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::pages::rows::{Film, in_language};
use crate::poster::titled;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::{message, t};

/// Films of the same name that are offered.
const OFFERED: i64 = 8;

pub fn routes() -> Router<App> {
    Router::new().route("/films/{film}/merge", get(show).post(merge))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    command: Option<String>,
    /// Of those that are offered.
    chosen: String,
    /// The address of another one.
    into: String,
}

impl Typed {
    fn film(&self) -> Option<Uuid> {
        let typed = [&self.into, &self.chosen];
        let named = typed.into_iter().find(|text| !text.trim().is_empty())?;
        let last = named.trim().trim_end_matches('/').rsplit('/').next()?;
        last.split(['?', '#']).next()?.parse().ok()
    }
}

/// `GET /films/{film}/merge`: 200, 404, also for who is no operator.
async fn show(Path(film): Path<Uuid>, mut reading: Reading) -> Result<Response, Problem> {
    let attempt = Attempt::first();
    let page = page(&mut reading, film, &Typed::default(), &attempt).await?;
    Ok(reading.respond(attempt.respond(page)))
}

/// `POST /films/{film}/merge`: 303 to the film that goes on, 404, 422 with the form.
async fn merge(
    State(_): State<App>,
    Path(film): Path<Uuid>,
    mut reading: Reading,
    caller: Caller,
    asking: Asking,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let asking = asking.with_form_key(typed.command.as_deref())?;
    match join(&mut reading, &caller, &asking, film, &typed).await {
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            let page = page(&mut reading, film, &typed, &attempt).await?;
            Ok(attempt.respond(page))
        }
        joined => joined,
    }
}

async fn join(
    reading: &mut Reading,
    caller: &Caller,
    asking: &Asking,
    film: Uuid,
    typed: &Typed,
) -> Result<Response, Problem> {
    let unknown = || Problem::invalid("into", message!("error-merge-unknown"));
    let into = typed.film().ok_or_else(unknown)?;
    let row = films::by_id(&mut reading.snapshot, into).await;
    row.map_err(failed)?
        .filter(|row| row.film != film)
        .ok_or_else(unknown)?;
    let command = Merge {
        film: FilmId(film),
        into: FilmId(into),
        by: caller.member,
    };
    let said = (film, into);
    let accepted = asking
        .execute(Some(caller.member), "merge", &said, command)
        .await?;
    let place = format!("/films/{into}");
    Ok(asking.respond(accepted.position, Flash::FilmMerged.redirect(&place)))
}

async fn page(
    reading: &mut Reading,
    film: Uuid,
    typed: &Typed,
    attempt: &Attempt,
) -> Result<Page, Problem> {
    let language = reading.visitor.language;
    let snapshot = &mut reading.snapshot;
    let row = films::by_id(snapshot, film).await.map_err(failed)?;
    let row = row.ok_or_else(Problem::not_found)?;
    let mut offered = Vec::new();
    if let Some(query) = Query::new(&row.title_en) {
        let found = search::films(snapshot, &query, &Filters::default(), None, OFFERED).await;
        let others = found.map_err(failed)?.items.into_iter();
        offered.extend(
            others
                .map(|found| found.card)
                .filter(|card| card.film != film),
        );
    }
    let offered = Film::all(offered);
    let name = titled(
        in_language(language, &row.title_en, &row.title_ko),
        row.year,
    );
    let title = t!(language, "merge-title", film = name);
    let label = t!(language, "merge-into");
    let into = line("into", "text", label, &typed.into, "off");
    let problem = attempt.problem();
    let content = html! {
        header class="page-head" {
            h1 { (title) }
            p { (t!(language, "merge-lead")) }
        }
        form class="form" method="post" action={ "/films/" (film) "/merge" } {
            (error_summary(language, problem))
            (command(&attempt.command))
            @if !offered.is_empty() {
                fieldset class="merge-films" {
                    legend { (t!(language, "merge-offered")) }
                    @for film in &offered {
                        @let card = film.card(language);
                        @let id = card.href.rsplit('/').next().unwrap_or_default();
                        label {
                            input type="radio" name="chosen" value=(id) checked[typed.chosen == id];
                            (film_card_small(&card))
                        }
                    }
                }
            }
            (field(language, &into, problem))
            p class="actions" {
                button class="button danger" type="submit" { (t!(language, "merge-submit")) }
                a class="button quiet" href={ "/films/" (film) } { (t!(language, "cancel")) }
            }
        }
    };
    Ok(Page::new(reading.visitor.clone(), title, content).styled(asset("imports.css")))
}
