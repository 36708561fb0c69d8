//! Joining two films that are the same. For operators.

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use commands::film::Merge;
use domain::{FilmId, Role};
use maud::html;
use projections::search::{self, Filters, Query};
use projections::{films, people};
use serde::Deserialize;
use uuid::Uuid;

use crate::app::App;
use crate::asking::Asking;
use crate::assets::asset;
use crate::components::{command, error_summary, film_card_small, optional_field};
use crate::extract::{Form, Path};
use crate::flash::Flash;
use crate::language::Language;
use crate::layout::Page;
use crate::pages::accounts::line;
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::pages::recommended::name;
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
    /// Both films were shown beside each other.
    sure: Option<String>,
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

/// `POST /films/{film}/merge`: first 200 with both films beside each other, then 303 to the film that
/// goes on; 404, 422 with the form.
async fn merge(
    Path(film): Path<Uuid>,
    caller: Caller,
    asking: Asking,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let mut asking = asking.with_form_key(typed.command.as_deref())?;
    match join(&caller, &mut asking, film, &typed).await {
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            let page = page(&mut *asking.look().await?, film, &typed, &attempt).await?;
            Ok(attempt.respond(page))
        }
        joined => joined,
    }
}

async fn join(
    caller: &Caller,
    asking: &mut Asking,
    film: Uuid,
    typed: &Typed,
) -> Result<Response, Problem> {
    let unknown = || Problem::invalid("into", message!("error-merge-unknown"));
    let into = typed.film().ok_or_else(unknown)?;
    let mut reading = asking.look().await?;
    let row = films::by_id(&mut reading.snapshot, into).await;
    let other = row.map_err(failed)?;
    let other = other.filter(|row| row.film != film).ok_or_else(unknown)?;
    if typed.sure.is_none() && caller.is(Role::Operator) {
        let attempt = Attempt::first();
        let page = sure(&mut reading, film, &other, &attempt).await?;
        return Ok(attempt.respond(page));
    }
    drop(reading);
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

/// Both films with what tells them apart. Nothing takes it back: what is learned of the one that
/// goes on is learned of both from then on.
async fn sure(
    reading: &mut Reading,
    film: Uuid,
    into: &films::Film,
    attempt: &Attempt,
) -> Result<Page, Problem> {
    let language = reading.visitor.language;
    let row = films::by_id(&mut reading.snapshot, film).await;
    let row = row.map_err(failed)?.ok_or_else(Problem::not_found)?;
    let both = [row.film, into.film];
    let cards = films::cards(&mut reading.snapshot, &both).await;
    let cards = Film::all(cards.map_err(failed)?);
    let title = t!(language, "merge-sure-title");
    let doubts = doubts(language, &row, into);
    let labels = [t!(language, "merge-goes"), t!(language, "merge-stays")];
    let content = html! {
        header class="page-head" {
            h1 { (title) }
            p class="lead" { (t!(language, "merge-lead")) }
        }
        ul class="merge-both" {
            @for ((label, film), row) in labels.iter().zip(&cards).zip([&row, into]) {
                li {
                    h2 { (label) }
                    (film_card_small(&film.card(language)))
                    p class="hint" { (known(language, row)) }
                }
            }
        }
        @if !doubts.is_empty() {
            div class="alert" role="alert" {
                p { (t!(language, "merge-doubts")) }
                ul { @for doubt in &doubts { li { (doubt) } } }
            }
        }
        form class="actions" method="post" action={ "/films/" (film) "/merge" } {
            (command(&attempt.command))
            input type="hidden" name="into" value=(into.film);
            input type="hidden" name="sure" value="on";
            button class="button danger" type="submit" { (t!(language, "merge-submit")) }
            a class="button quiet" href={ "/films/" (film) "/merge" } { (t!(language, "cancel")) }
        }
    };
    Ok(Page::new(reading.visitor.clone(), title, content).styled(asset("imports.css")))
}

/// What tells a film from another of its name.
fn known(language: Language, row: &films::Film) -> String {
    let directors = row.directors.iter();
    let directors = directors.map(|person| name(language, person).to_owned());
    let numbers = [
        row.tmdb.map(|id| format!("TMDB {id}")),
        row.imdb.as_ref().map(|id| format!("IMDb {id}")),
    ];
    let said = [row.original_title.clone()].into_iter();
    let said = said.chain(directors).chain(numbers.into_iter().flatten());
    said.collect::<Vec<_>>().join(" · ")
}

/// Why they may be two.
fn doubts(language: Language, film: &films::Film, into: &films::Film) -> Vec<String> {
    let directed = |row: &films::Film| -> Vec<Uuid> {
        row.directors
            .iter()
            .map(|one| people::id(&one.en))
            .collect()
    };
    let (one, other) = (directed(film), directed(into));
    let are_known = !one.is_empty() && !other.is_empty();
    let years = film.year.zip(into.year);
    let doubts = [
        (
            are_known && !one.iter().any(|id| other.contains(id)),
            t!(language, "merge-doubt-directors"),
        ),
        (
            years.is_some_and(|(a, b)| a.abs_diff(b) > 1),
            t!(language, "merge-doubt-years"),
        ),
        (
            film.tmdb.zip(into.tmdb).is_some_and(|(a, b)| a != b),
            t!(language, "merge-doubt-tmdb"),
        ),
    ];
    let told = doubts.into_iter().filter(|(is_doubt, _)| *is_doubt);
    told.map(|(_, text)| text).collect()
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
        search::scan_tables(snapshot, false).await.map_err(failed)?;
        let found = search::films(snapshot, &query, &Filters::default(), None, OFFERED).await;
        search::scan_tables(snapshot, true).await.map_err(failed)?;
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
            p class="lead" { (t!(language, "merge-lead")) }
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
            (optional_field(language, &into, problem))
            p class="actions" {
                button class="button" type="submit" { (t!(language, "merge-look")) }
                a class="button quiet" href={ "/films/" (film) } { (t!(language, "cancel")) }
            }
        }
    };
    Ok(Page::new(reading.visitor.clone(), title, content).styled(asset("imports.css")))
}
