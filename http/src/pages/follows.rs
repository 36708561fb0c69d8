//! Whom members follow: who follows a member, whom they follow, and what those write whom the
//! reading member follows.

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use projections::follows::{self, FollowCard, Following};
use projections::members::{self, Member};
use projections::reviews;
use serde::Deserialize;
use uuid::Uuid;

use crate::api::follows::{begin, end};
use crate::app::App;
use crate::asking::Asking;
use crate::assets::asset;
use crate::components::{
    Author, Tab, author, avatar, counted, empty, icon, pagination, review_card, tabs,
};
use crate::cursor;
use crate::extract::{Path, Query};
use crate::flash::redirect;
use crate::language::Language;
use crate::layout::Page;
use crate::pages::leading_to;
use crate::pages::rows::{Looking, Review};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::t;

/// On one page.
const MEMBERS: i64 = 50;
const REVIEWS: i64 = 20;
/// On the main page.
const NEWS: i64 = 4;
/// What those wrote whom one follows.
const FOLLOWING: &str = "/following";

pub fn routes() -> Router<App> {
    Router::new()
        .route(FOLLOWING, get(followed_reviews))
        .route("/members/{member}/follow", post(follow))
        .route("/members/{member}/unfollow", post(unfollow))
        .route("/members/{member}/followers", get(followers))
        .route("/members/{member}/following", get(following))
}

#[derive(Deserialize)]
struct From {
    cursor: Option<String>,
}

/// `POST /members/{member}/follow`: 303 to their page, 403, 404.
async fn follow(
    Path(member): Path<Uuid>,
    caller: Caller,
    asking: Asking,
) -> Result<Response, Problem> {
    let here = format!("/members/{member}");
    let position = begin(&asking, &caller, member).await?;
    Ok(asking.respond(position, redirect(&here)))
}

/// `POST /members/{member}/unfollow`: 303 to their page, 404.
async fn unfollow(
    Path(member): Path<Uuid>,
    caller: Caller,
    asking: Asking,
) -> Result<Response, Problem> {
    let here = format!("/members/{member}");
    let position = end(&asking, &caller, member).await?;
    Ok(asking.respond(position, redirect(&here)))
}

/// `GET /members/{member}/followers?cursor={cursor}`: 200, 400, 404.
async fn followers(
    Path(member): Path<Uuid>,
    Query(from): Query<From>,
    reading: Reading,
) -> Result<Response, Problem> {
    list(member, from.cursor.as_deref(), reading, Side::Followers).await
}

/// `GET /members/{member}/following?cursor={cursor}`: 200, 400, 404.
async fn following(
    Path(member): Path<Uuid>,
    Query(from): Query<From>,
    reading: Reading,
) -> Result<Response, Problem> {
    list(member, from.cursor.as_deref(), reading, Side::Following).await
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Followers,
    Following,
}

async fn list(
    member: Uuid,
    cursor: Option<&str>,
    mut reading: Reading,
    side: Side,
) -> Result<Response, Problem> {
    let after: Option<i64> = cursor::decode(cursor)?;
    let language = reading.visitor.language;
    let snapshot = &mut reading.snapshot;
    let row = members::by_id(snapshot, member).await.map_err(failed)?;
    let row = row.ok_or_else(Problem::not_found)?;
    let page = match side {
        Side::Followers => follows::followers(snapshot, member, after, MEMBERS).await,
        Side::Following => follows::following(snapshot, member, after, MEMBERS).await,
    };
    let page = page.map_err(failed)?;
    let home = format!("/members/{member}");
    let (followers, following) = (format!("{home}/followers"), format!("{home}/following"));
    let tab = |of, href, text| Tab {
        href,
        text,
        is_here: of == side,
    };
    let sides = [
        tab(Side::Followers, &followers, t!(language, "followers")),
        tab(Side::Following, &following, t!(language, "following")),
    ];
    let here = match side {
        Side::Followers => &followers,
        Side::Following => &following,
    };
    let name = row.name.clone();
    let name = name.unwrap_or_else(|| t!(language, "former-member"));
    let title = match side {
        Side::Followers => t!(language, "followers-of", name = &name),
        Side::Following => t!(language, "following-of", name = &name),
    };
    let next = page
        .next
        .map(|next| format!("{here}?cursor={}", cursor::encode(&next)));
    let content = html! {
        header class="page-head" {
            h1 { (title) }
            p class="lead" { a href=(home) { (name) } }
        }
        (tabs(&t!(language, "follows-label"), &sides))
        (people(language, side, &page.items))
        (pagination(language, after.map(|_| here.as_str()), next.as_deref()))
    };
    let page = Page::new(reading.visitor.clone(), title, content).styled(asset("follows.css"));
    Ok(reading.respond(page))
}

fn people(language: Language, side: Side, cards: &[FollowCard]) -> Markup {
    if cards.is_empty() {
        return empty(&match side {
            Side::Followers => t!(language, "followers-empty"),
            Side::Following => t!(language, "following-empty"),
        });
    }
    html! {
        ul class="people" {
            @for card in cards {
                @let href = format!("/members/{}", card.member);
                li class="person" {
                    (avatar(card.name.as_deref()))
                    div {
                        (author(language, &Author { name: card.name.as_deref(), href: Some(&href) }))
                        @if let Some(line) = card.about.lines().next() {
                            p class="person-about" { (line) }
                        }
                    }
                }
            }
        }
    }
}

/// `GET /following?cursor={cursor}`: 200, 400; strangers sign in first.
async fn followed_reviews(
    Query(from): Query<From>,
    caller: Caller,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let after = cursor::decode(from.cursor.as_deref())?;
    let looking = Looking::of(&reading);
    let language = looking.language;
    let member = caller.member.0;
    let page = reviews::of_followed(&mut reading.snapshot, member, after, REVIEWS).await;
    let page = page.map_err(failed)?;
    let next = page
        .next
        .map(|next| format!("{FOLLOWING}?cursor={}", cursor::encode(&next)));
    let found = Review::all(page.items, &looking);
    let title = t!(language, "followed-reviews");
    let content = html! {
        header class="page-head" {
            h1 { (title) }
            p class="lead" {
                a href={ "/members/" (member) "/following" } { (t!(language, "following-see")) }
            }
        }
        @if found.is_empty() {
            (empty(&t!(language, "followed-reviews-empty")))
        } @else {
            div class="reviews" {
                @for review in &found { (review_card(language, &review.card_with_film(&looking))) }
            }
        }
        (pagination(language, after.map(|_: reviews::Moment| FOLLOWING), next.as_deref()))
    };
    let page = Page::new(reading.visitor.clone(), title, content);
    Ok(reading.respond(page))
}

/// On the main page: the newest of those whom the member follows; of nobody nothing.
pub async fn news(reading: &mut Reading, looking: &Looking) -> Result<Markup, Problem> {
    let Some(member) = looking.viewer else {
        return Ok(html! {});
    };
    let page = reviews::of_followed(&mut reading.snapshot, member, None, NEWS).await;
    let found = Review::all(page.map_err(failed)?.items, looking);
    let language = looking.language;
    Ok(html! {
        @if !found.is_empty() {
            section {
                div class="section-head" {
                    h2 { (t!(language, "followed-reviews")) }
                    a href=(FOLLOWING) { (t!(language, "home-see-all")) (icon("arrow")) }
                }
                div class="reviews two" {
                    @for review in &found {
                        (review_card(language, &review.card_with_film(looking)))
                    }
                }
            }
        }
    })
}

/// On a member's page: how many follow them, and the button.
pub fn line(looking: &Looking, row: &Member, now: Following) -> Markup {
    let language = looking.language;
    let here = format!("/members/{}", row.member);
    let is_own = looking.viewer == Some(row.member);
    html! {
        div class="follows" {
            p {
                a href={ (here) "/followers" } {
                    (t!(language, "followers")) " "
                    strong class="follower-count" { (counted(language, now.followers)) }
                }
                a href={ (here) "/following" } {
                    (t!(language, "following")) " " strong { (counted(language, now.following)) }
                }
            }
            @if !is_own && row.name.is_some() && !looking.is_past {
                (button(looking, &here, row, now.followed))
            }
        }
    }
}

fn button(looking: &Looking, here: &str, row: &Member, is_followed: bool) -> Markup {
    let language = looking.language;
    let (follow, unfollow) = (t!(language, "follow"), t!(language, "unfollow"));
    let action = format!("{here}/{}", if is_followed { "unfollow" } else { "follow" });
    html! {
        @if looking.viewer.is_none() {
            a class="button small" href=(leading_to("/sign-in", here)) { (follow) }
        } @else {
            form class="follow" method="post" action=(action) data-followed=(is_followed)
                data-api={ "/api/v1/members/" (row.member) "/follow" }
                data-on=(unfollow) data-off=(follow) data-failed=(t!(language, "follow-failed")) {
                button class={ "button small" @if is_followed { " quiet" } } type="submit" {
                    @if is_followed { (unfollow) } @else { (follow) }
                }
            }
        }
    }
}
