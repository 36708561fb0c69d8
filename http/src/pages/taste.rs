//! The reading member's taste: what their ratings say, who thinks alike, what to see.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use projections::compute;
use projections::members;
use projections::tastes::{self, Count, Taste};

use crate::app::App;
use crate::assets::asset;
use crate::components::taste::{Bar, RailHead, bars, columns, legend};
use crate::components::{Author, author, avatar, empty};
use crate::language::Language;
use crate::layout::Page;
use crate::pages::recommended::{Asked, name};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::t;

/// Genres of a chart; the rest is rarely liked.
const GENRES: usize = 12;
/// Decades of a chart, the latest.
const DECADES: usize = 10;
const FELLOWS: usize = 8;

/// `GET /taste`: 200; a stranger is sent to sign in.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let member = caller.member.0;
    let language = reading.visitor.language;
    let taste = tastes::of_member(&mut reading.snapshot, member)
        .await
        .map_err(failed)?;
    let mut asked = Asked::of(&app, &mut reading).await?;
    let for_you = asked.for_you(&mut reading).await?;
    asked.leave_out(&for_you);
    let like_minded = asked.walk(&mut reading, &asked.history.liked).await?;
    let liked = &asked.history.liked;
    let fellows = compute(|| asked.fitted.fellows(liked, member, FELLOWS));
    let fellows = named(&mut reading, fellows).await?;

    let heading = match asked.history.liked.is_empty() {
        true => t!(language, "taste-for-you-new"),
        false => t!(language, "taste-for-you"),
    };
    let for_you_head = RailHead {
        heading: &heading,
        ..RailHead::default()
    };
    let like_minded_heading = t!(language, "taste-like-minded");
    let like_minded_head = RailHead {
        heading: &like_minded_heading,
        ..RailHead::default()
    };
    let content = html! {
        header class="page-head" {
            h1 { (t!(language, "taste-title")) }
            @if taste.all.rated > 0 { p class="lead" { (lead(language, taste.all)) } }
        }
        @if taste.all.rated == 0 {
            (empty(&t!(language, "taste-empty")))
            p class="actions" {
                a class="button" href="/films" { (t!(language, "taste-find-films")) }
            }
        } @else {
            (charts(language, &taste))
        }
        (for_you.render(language, &for_you_head))
        @if !taste.people.is_empty() || !fellows.is_empty() {
            div class="taste-lists" {
                (people(language, &taste))
                (fellow_list(language, &fellows))
            }
        }
        (like_minded.render(language, &like_minded_head))
    };
    let title = t!(language, "taste-title");
    let page = Page::new(reading.visitor.clone(), title, content).styled(asset("taste.css"));
    Ok(reading.respond(page))
}

fn lead(language: Language, all: Count) -> String {
    let average = format!("{:.1}", all.average().unwrap_or_default());
    t!(
        language,
        "taste-lead",
        rated = all.rated,
        liked = all.liked,
        average = average
    )
}

fn charts(language: Language, taste: &Taste) -> Markup {
    let bar = |label: String, count: &Count| Bar {
        label,
        rated: count.rated,
        liked: count.liked,
    };
    let genres = taste.genres.iter().take(GENRES);
    let genres: Vec<Bar> = genres
        .map(|(genre, count)| bar(language.genre(genre), count))
        .collect();
    let late = taste.decades.len().saturating_sub(DECADES);
    let decade = |decade: &i16| t!(language, "taste-decade", decade = decade.to_string());
    let decades = taste.decades[late..].iter();
    let decades: Vec<Bar> = decades
        .map(|(first, count)| bar(decade(first), count))
        .collect();
    html! {
        div class="taste-charts" {
            section {
                div class="section-head" { h2 { (t!(language, "taste-genres")) } }
                (legend(language))
                (bars(language, &genres))
            }
            section {
                div class="section-head" { h2 { (t!(language, "taste-decades")) } }
                (legend(language))
                (columns(language, &decades))
            }
        }
    }
}

fn people(language: Language, taste: &Taste) -> Markup {
    html! {
        @if !taste.people.is_empty() {
            section {
                div class="section-head" { h2 { (t!(language, "taste-people")) } }
                ul class="taste-list" {
                    @for (person, count) in &taste.people {
                        li {
                            span { (name(language, person)) }
                            span class="number" {
                                (t!(language, "taste-people-count", count = count.liked))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A member with a name, and how many likes they have in common with the reader.
struct Fellow {
    name: String,
    href: String,
    common: usize,
}

async fn named(
    reading: &mut Reading,
    fellows: Vec<(uuid::Uuid, usize)>,
) -> Result<Vec<Fellow>, Problem> {
    let mut named = Vec::new();
    for (member, common) in fellows {
        let row = members::by_id(&mut reading.snapshot, member)
            .await
            .map_err(failed)?;
        // who has just gone is none
        if let Some(name) = row.and_then(|row| row.name) {
            named.push(Fellow {
                name,
                href: format!("/members/{member}"),
                common,
            });
        }
    }
    Ok(named)
}

fn fellow_list(language: Language, fellows: &[Fellow]) -> Markup {
    html! {
        @if !fellows.is_empty() {
            section {
                div class="section-head" { h2 { (t!(language, "taste-fellows")) } }
                ul class="taste-list" {
                    @for fellow in fellows {
                        li {
                            (avatar(Some(&fellow.name)))
                            (author(language, &Author {
                                name: Some(&fellow.name),
                                href: Some(&fellow.href),
                            }))
                            span class="number" {
                                (t!(language, "taste-fellows-count", count = fellow.common))
                            }
                        }
                    }
                }
            }
        }
    }
}
