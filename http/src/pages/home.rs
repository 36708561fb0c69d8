//! The main page.

use axum::extract::State;
use axum::response::Response;
use domain::Genre;
use maud::{Markup, html};
use projections::films::{List, Order};
use projections::{films, reviews};

use crate::app::App;
use crate::assets::asset;
use crate::components::taste::RailHead;
use crate::components::{empty, film_rail, genre_tiles, review_card};
use crate::images::Size;
use crate::layout::Page;
use crate::pages::follows;
use crate::pages::recommended::{Asked, under};
use crate::pages::rows::{Film, Looking, Review, in_language};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::t;
use crate::visitor::Visitor;

/// Films in a row that scrolls.
const RAIL: i64 = 16;
const REVIEWS: i64 = 6;
/// Posters beside the welcome.
const FAN: usize = 5;

/// So many trending films are a row; what is talked about comes in place of fewer.
const LEAST_TRENDING: usize = 6;

/// `GET /`: 200.
pub async fn show(State(app): State<App>, mut reading: Reading) -> Result<Response, Problem> {
    let looking = Looking::of(&reading);
    let language = looking.language;
    let mut asked = Asked::of(&app, &mut reading).await?;
    let talk = talk(&asked, &mut reading).await?;
    let personal = match reading.caller {
        Some(_) => personal(&mut asked, &mut reading).await?,
        None => html! {},
    };
    let followed = follows::news(&mut reading, &looking).await?;
    let snapshot = &mut reading.snapshot;
    let newly_added = films::list(snapshot, List::all(Order::Newest), None, RAIL)
        .await
        .map_err(failed)?;
    let newest = reviews::newest_in_words(snapshot, looking.viewer, REVIEWS)
        .await
        .map_err(failed)?;
    let of_genre = match reading.caller {
        Some(_) => html! {},
        None => of_genre(&mut reading, &talk.films).await?,
    };
    let newly_added = Film::all(newly_added.items);
    let newest = Review::all(newest, &looking);

    let content = html! {
        @if reading.caller.is_some() {
            header class="page-head" { h1 { (t!(language, "home-title")) } }
        } @else {
            (welcome(&reading.visitor, if talk.films.len() < FAN { &newly_added } else { &talk.films }))
        }
        (personal)
        (followed)
        (talk.row)
        (recent_reviews(&looking, &newest))
        (of_genre)
        (film_rail(
            language,
            &t!(language, "home-newly-added"),
            Some("/films?sort=newest"),
            &Film::cards(&newly_added, language),
        ))
        section {
            div class="section-head" { h2 { (t!(language, "home-by-genre")) } }
            (genre_tiles(language, &Genre::ALL.map(Genre::slug)))
        }
    };
    let page = Page::new(reading.visitor.clone(), "", content)
        .styled(asset("home.css"))
        .styled(asset("taste.css"));
    Ok(reading.respond(page))
}

/// What everybody has in mind.
struct Talk {
    films: Vec<Film>,
    row: Markup,
}

async fn talk(asked: &Asked<'_>, reading: &mut Reading) -> Result<Talk, Problem> {
    let language = reading.visitor.language;
    let trending = asked.trending(reading).await?;
    if trending.len() >= LEAST_TRENDING {
        let row = under(&trending, language, &t!(language, "taste-trending"));
        return Ok(Talk {
            films: trending.into_films(),
            row,
        });
    }
    let talked_about = films::list(
        &mut reading.snapshot,
        List::all(Order::TalkedAbout),
        None,
        RAIL,
    )
    .await
    .map_err(failed)?;
    let films = Film::all(talked_about.items);
    let row = html! {
        @if films.is_empty() {
            section { (empty(&t!(language, "home-empty"))) }
        } @else {
            (film_rail(
                language,
                &t!(language, "home-talked-about"),
                Some("/films?sort=talked-about"),
                &Film::cards(&films, language),
            ))
        }
    };
    Ok(Talk { films, row })
}

/// Rows for the reading member alone; who is new is told how they come to be.
async fn personal(asked: &mut Asked<'_>, reading: &mut Reading) -> Result<Markup, Problem> {
    let language = reading.visitor.language;
    let for_you = asked.for_you(reading).await?;
    let more = Some(("/taste", t!(language, "taste-see")));
    let Some(last) = asked.history.liked.last().copied() else {
        let head = RailHead {
            heading: &t!(language, "taste-for-you-new"),
            lead: Some(t!(language, "taste-for-you-new-lead")),
            more: None,
        };
        return Ok(for_you.render(language, &head));
    };
    let genre = asked.favourite_genre(reading).await?;
    asked.leave_out(&for_you);
    let akin = asked.akin(reading, last).await?;
    asked.leave_out(&akin);
    let like_minded = asked.walk(reading, &asked.history.liked).await?;
    let title = films::by_id(&mut reading.snapshot, last)
        .await
        .map_err(failed)?
        .map(|film| in_language(language, &film.title_en, &film.title_ko).to_owned())
        .unwrap_or_default();
    let for_you_head = RailHead {
        heading: &t!(language, "taste-for-you"),
        lead: None,
        more,
    };
    Ok(html! {
        (for_you.render(language, &for_you_head))
        (under(&akin, language, &t!(language, "taste-because", film = title)))
        (under(&like_minded, language, &t!(language, "taste-like-minded")))
        @if let Some((genre, films)) = &genre {
            @let name = language.genre(genre);
            (under(films, language, &t!(language, "taste-genre", genre = name)))
        }
    })
}

/// Of the genre that is talked about most; a member sees their own favourite.
async fn of_genre(reading: &mut Reading, talk: &[Film]) -> Result<Markup, Problem> {
    let language = reading.visitor.language;
    let first = talk
        .first()
        .map(|film| film.card(language).genre.to_owned());
    let Some(genre) = first.and_then(|slug| Genre::from_slug(&slug).ok()) else {
        return Ok(html! {});
    };
    let latest = List {
        genre: Some(genre),
        ..List::all(Order::Latest)
    };
    let found = films::list(&mut reading.snapshot, latest, None, RAIL).await;
    let found = Film::all(found.map_err(failed)?.items);
    let heading = t!(
        language,
        "genre-title",
        genre = language.genre(genre.slug())
    );
    let all = format!("/genres/{}", genre.slug());
    let cards = Film::cards(&found, language);
    Ok(film_rail(language, &heading, Some(&all), &cards))
}

fn recent_reviews(looking: &Looking, newest: &[Review]) -> Markup {
    let language = looking.language;
    html! {
        @if !newest.is_empty() {
            section {
                div class="section-head" { h2 { (t!(language, "home-recent-reviews")) } }
                div class="reviews two" {
                    @for review in newest {
                        (review_card(language, &review.card_with_film(looking)))
                    }
                }
            }
        }
    }
}

fn welcome(visitor: &Visitor, films: &[Film]) -> Markup {
    let language = visitor.language;
    html! {
        section class="hero" {
            div {
                h1 { (t!(language, "home-welcome")) }
                p class="lead" { (t!(language, "home-lead")) }
                p class="actions" {
                    @if visitor.as_of.is_none() {
                        a class="button" href="/sign-up" { (t!(language, "home-join")) }
                    }
                    a class="button quiet" href="/films" { (t!(language, "home-browse")) }
                }
            }
            div class="hero-posters" aria-hidden="true" {
                @for film in films.iter().take(FAN) {
                    @let card = film.card(language);
                    a href=(card.href) tabindex="-1" { (card.picture(Size::Card)) }
                }
            }
        }
    }
}
