//! A review: its card, its like button, its form.

use chrono::{DateTime, NaiveDate, Utc};
use maud::{Markup, html};

use crate::components::{
    Author, Field, FilmCard, author, avatar, command, error_summary, field_error, icon, star_input,
    stars, text_area, time,
};
use crate::images::Size;
use crate::language::Language;
use crate::markdown;
use crate::problem::Problem;
use crate::t;

/// A card shows this much of a long review.
const EXCERPT_CHARACTERS: usize = 420;

pub struct ReviewCard<'a> {
    pub href: &'a str,
    pub author: Author<'a>,
    /// Shown where the page is not about this film.
    pub film: Option<FilmCard<'a>>,
    /// 1 to 10.
    pub half_stars: u8,
    /// Markdown.
    pub text: Option<&'a str>,
    /// It had a text, which was removed at its author's wish.
    pub is_removed: bool,
    pub is_spoiler: bool,
    /// When its author saw the film.
    pub watched_on: Option<NaiveDate>,
    pub at: DateTime<Utc>,
    pub edited_at: Option<DateTime<Utc>>,
    pub like: Like<'a>,
    pub comments: u64,
    /// The whole text, on the review's own page; else its beginning.
    pub is_whole: bool,
    /// From all but its author, who looks; why is said there.
    pub hidden: Option<&'a str>,
}

pub struct Like<'a> {
    /// The page's form goes here; a stranger, to sign in.
    pub action: &'a str,
    /// A script does PUT and DELETE here.
    pub api: &'a str,
    pub count: u64,
    pub is_liked: bool,
    pub who: Liker,
}

/// Who looks at the button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liker {
    Member,
    Author,
    Stranger,
    /// Nobody can like it, as it was.
    Nobody,
}

pub fn review_card(language: Language, card: &ReviewCard) -> Markup {
    html! {
        article class=(if card.is_whole { "review whole" } else { "review" }) {
            @if let Some(film) = &card.film {
                a class="review-poster" href=(film.href) tabindex="-1" aria-hidden="true" {
                    (film.picture(Size::Card))
                }
            }
            div class="review-body" {
                @if let Some(film) = &card.film {
                    @let heading = html! {
                        a href=(film.href) { (film.title) }
                        @if let Some(year) = film.year { " " span { (year) } }
                    };
                    // On its own page the review is what the page is about.
                    @if card.is_whole { h1 class="review-film" { (heading) } }
                    @else { h3 class="review-film" { (heading) } }
                }
                header class="review-head" {
                    (avatar(card.author.name))
                    (author(language, &card.author))
                    (stars(language, card.half_stars))
                    @if let Some(day) = card.watched_on {
                        span class="review-watched" {
                            (t!(language, "review-watched-on", date = language.day(day)))
                        }
                    }
                    span class="review-time" {
                        a href=(card.href) { (time(language, card.at)) }
                        @if let Some(at) = card.edited_at {
                            " · " span title=(t!(language, "review-edited-at", date = language.date(at))) {
                                (t!(language, "review-edited"))
                            }
                        }
                    }
                }
                @if let Some(why) = card.hidden { (hidden_note(language, why)) }
                (review_text(language, card))
                footer class="review-foot" {
                    (like_button(language, &card.like, &card.author))
                    a class="review-comments" href={ (card.href) "#comments" } {
                        (icon("bubble")) (t!(language, "comments-count", count = card.comments))
                    }
                }
            }
        }
    }
}

/// What its author sees above what moderators hid from all others.
pub fn hidden_note(language: Language, why: &str) -> Markup {
    html! {
        p class="hidden-note" {
            (icon("eye")) " " (t!(language, "hidden-note")) " "
            a href=(why) { (t!(language, "hidden-why")) }
        }
    }
}

fn review_text(language: Language, card: &ReviewCard) -> Markup {
    if card.is_removed {
        return html! { p class="review-silent" { (t!(language, "text-removed")) } };
    }
    let Some(text) = card.text else {
        return html! { p class="review-silent" { (t!(language, "review-rating-only")) } };
    };
    let shown = html! {
        @if card.is_whole {
            div class="prose" { (markdown::render(text)) }
        } @else {
            @let short = markdown::excerpt(text, EXCERPT_CHARACTERS);
            p class="prose" {
                (short)
                @if short.ends_with('…') {
                    " " a href=(card.href) { (t!(language, "review-read-more")) }
                }
            }
        }
    };
    html! {
        @if card.is_spoiler {
            details class="spoiler" {
                summary {
                    span { (icon("eye")) (t!(language, "review-spoiler-cover")) }
                    span class="spoiler-show" { (t!(language, "review-spoiler-show")) }
                    span class="spoiler-hide" { (t!(language, "review-spoiler-hide")) }
                }
                (shown)
            }
        } @else { (shown) }
    }
}

/// A heart with its count: a form without scripts, at once with them.
pub fn like_button(language: Language, like: &Like, of: &Author) -> Markup {
    let name = of.shown_name(language);
    let count = html! { span class="like-count" { (language.number(like.count as i64)) } };
    match like.who {
        Liker::Member => html! {
            form class="like" method="post" action=(like.action) data-api=(like.api)
                data-failed=(t!(language, "like-failed")) {
                button type="submit" name="liked" value=(!like.is_liked)
                    aria-pressed=(like.is_liked)
                    aria-label=(t!(language, "like-this", name = name)) {
                    (icon("heart")) (count)
                }
            }
        },
        Liker::Author | Liker::Nobody => html! {
            @let title = (like.who == Liker::Author).then(|| t!(language, "like-own"));
            span class="like still" title=[title] {
                (icon("heart"))
                span class="visually-hidden" { (t!(language, "likes-count", count = like.count)) }
                span aria-hidden="true" { (count) }
            }
        },
        Liker::Stranger => html! {
            a class="like" href=(like.action) title=(t!(language, "like-sign-in")) {
                (icon("heart")) (count)
                span class="visually-hidden" { (t!(language, "like-sign-in")) }
            }
        },
    }
}

pub struct ReviewForm<'a> {
    pub action: &'a str,
    /// Names this submission: sent twice, it is done once.
    pub command: &'a str,
    pub film_title: &'a str,
    /// Names the draft that a script keeps: the film's key.
    pub draft: &'a str,
    pub half_stars: Option<u8>,
    pub text: &'a str,
    pub is_spoiler: bool,
    /// When the film was seen, as it was typed; and the last day that it may be.
    pub watched_on: &'a str,
    pub latest: NaiveDate,
    /// A review is there already.
    pub is_edit: bool,
    pub problem: Option<&'a Problem>,
}

pub fn review_form(language: Language, form: &ReviewForm) -> Markup {
    let text = Field {
        name: "text",
        kind: "text",
        label: t!(language, "review-text-label"),
        hint: Some(t!(language, "review-text-hint")),
        value: form.text,
        autocomplete: "off",
        // The browser counts in UTF-16; the rule itself is the server's.
        most_characters: None,
    };
    html! {
        form class="form review-form" method="post" action=(form.action) {
            h1 {
                @if form.is_edit { (t!(language, "review-form-edit", film = form.film_title)) }
                @else { (t!(language, "review-form-new", film = form.film_title)) }
            }
            (error_summary(language, form.problem))
            (command(form.command))
            (star_input(language, "rating", form.half_stars, field_error(form.problem, "rating")))
            (text_area(language, &text, 10, Some(form.draft), form.problem))
            div class="check" {
                input type="checkbox" id="spoiler" name="spoiler" value="true"
                    checked[form.is_spoiler] aria-describedby="spoiler-hint";
                label for="spoiler" { (t!(language, "review-spoiler-label")) }
                p class="hint" id="spoiler-hint" { (t!(language, "review-spoiler-hint")) }
            }
            (watched_field(language, form))
            p class="actions" {
                button class="button" type="submit" {
                    @if form.is_edit { (t!(language, "review-save")) }
                    @else { (t!(language, "review-post")) }
                }
            }
        }
    }
}

fn watched_field(language: Language, form: &ReviewForm) -> Markup {
    let error = field_error(form.problem, "watched_on");
    html! {
        div class="field" {
            label for="watched_on" { (t!(language, "review-watched-label")) }
            input id="watched_on" name="watched_on" type="date" value=(form.watched_on)
                max=(form.latest) aria-invalid=[error.map(|_| "true")]
                aria-describedby=(if error.is_some() { "watched_on-error" } else { "watched_on-hint" });
            @if let Some(error) = error {
                p class="field-error" id="watched_on-error" { (error.to(language)) }
            }
            p class="hint" id="watched_on-hint" { (t!(language, "review-watched-hint")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn like(who: Liker) -> Like<'static> {
        Like {
            action: "/reviews/1/like",
            api: "/api/v1/reviews/1/like",
            count: 1_234,
            is_liked: true,
            who,
        }
    }

    const ANN: Author = Author {
        name: Some("Ann"),
        href: Some("/members/1"),
    };

    fn card(text: Option<&'static str>, is_spoiler: bool, is_whole: bool) -> String {
        let at = Utc.with_ymd_and_hms(2025, 3, 3, 12, 0, 0).unwrap();
        let card = ReviewCard {
            href: "/reviews/1",
            author: ANN,
            film: None,
            half_stars: 9,
            text,
            is_removed: false,
            is_spoiler,
            watched_on: None,
            at,
            edited_at: Some(at),
            like: like(Liker::Member),
            comments: 2,
            is_whole,
            hidden: None,
        };
        review_card(Language::En, &card).into_string()
    }

    #[test]
    fn a_like_button_works_without_scripts_and_says_its_state() {
        let html = like_button(Language::En, &like(Liker::Member), &ANN).into_string();
        assert!(
            html.contains("method=\"post\"") && html.contains("name=\"liked\" value=\"false\"")
        );
        assert!(html.contains("aria-pressed=\"true\"") && html.contains("1,234"));
    }

    #[test]
    fn authors_have_no_button_for_their_own_review() {
        let html = like_button(Language::En, &like(Liker::Author), &ANN).into_string();
        assert!(!html.contains("<button") && html.contains("1,234 likes"));
        let stranger = like_button(Language::En, &like(Liker::Stranger), &ANN).into_string();
        assert!(stranger.contains("href=\"/reviews/1/like\""));
    }

    #[test]
    fn what_gives_away_the_plot_is_covered() {
        let html = card(Some("The butler."), true, true);
        assert!(html.contains("<details class=\"spoiler\">"));
        assert!(!card(Some("The butler."), false, true).contains("<details"));
    }

    #[test]
    fn a_card_shows_a_beginning_and_the_page_the_whole() {
        const LONG: &str = "word *word* word word word word word word word word word word word \
            word word word word word word word word word word word word word word word word word \
            word word word word word word word word word word word word word word word word word \
            word word word word word word word word word word word word word word word word word \
            word word word word word word word word word word word word word word word word word \
            word word word word word word word word word word word word word word word word word";
        assert!(card(Some(LONG), false, false).contains("Read on"));
        let whole = card(Some(LONG), false, true);
        assert!(whole.contains("<em>word</em>") && !whole.contains("Read on"));
        assert!(whole.contains("edited"));
    }

    #[test]
    fn a_rating_alone_is_said_to_be_one() {
        assert!(card(None, false, false).contains("Rated without a review."));
    }

    #[test]
    fn a_form_that_came_back_keeps_what_was_written() {
        let problem = Problem::invalid("rating", crate::message!("error-rating-missing"));
        let form = ReviewForm {
            action: "/films/parasite-2019/review",
            command: "17",
            film_title: "Parasite",
            draft: "parasite-2019",
            half_stars: None,
            text: "So good",
            is_spoiler: true,
            watched_on: "2025-03-02",
            latest: NaiveDate::default(),
            is_edit: false,
            problem: Some(&problem),
        };
        let html = review_form(Language::En, &form).into_string();
        assert!(html.contains("How many stars?") && html.contains("So good"));
        assert!(html.contains("value=\"true\" checked"));
        assert!(html.contains("name=\"command\" value=\"17\""));
    }
}
