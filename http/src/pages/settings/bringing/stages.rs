//! What a member sees of a file that they bring: the form for it, what it would do, how far that is,
//! and what it did.

use maud::{Markup, html};

use super::BRING;
use crate::components::{confirm, error_summary, field_error, stars};
use crate::import::own::{Listed, Phase, Preview, Shown, Upload};
use crate::language::Language;
use crate::problem::Problem;
use crate::t;

pub fn form(language: Language, problem: Option<&Problem>) -> Markup {
    html! {
        form class="form" method="post" action=(BRING) enctype="multipart/form-data" {
            (error_summary(language, problem))
            ul class="bring-kinds" {
                li { strong { "Letterboxd" } " " (t!(language, "bring-letterboxd")) }
                li { strong { "IMDb" } " " (t!(language, "bring-imdb")) }
                li { strong { "Reeltime" } " " (t!(language, "bring-reeltime")) }
            }
            div class="field" {
                label for="file" { (t!(language, "bring-file")) }
                input id="file" name="file" type="file" accept=".zip,.csv,application/zip,text/csv"
                    required aria-invalid=[field_error(problem, "file").map(|_| "true")];
                @if let Some(error) = field_error(problem, "file") {
                    p class="field-error" { (error.to(language)) }
                }
                p class="hint" { (t!(language, "bring-file-hint")) }
            }
            p class="actions" {
                button class="button" type="submit" { (t!(language, "bring-look")) }
            }
        }
    }
}

pub fn stage(language: Language, upload: &Upload, is_running: bool) -> Markup {
    match upload.phase {
        Phase::Preview => html! {
            @if let Some(found) = &upload.preview {
                (preview(language, found, upload))
            }
        },
        Phase::Importing => running(language, upload, is_running, "/settings/import/start"),
        Phase::Undoing => running(language, upload, is_running, "/settings/import/undo"),
        Phase::Imported => imported(language, upload),
        Phase::Undone => html! { div class="import" { p { (t!(language, "bring-undone")) } } },
    }
}

fn imported(language: Language, upload: &Upload) -> Markup {
    html! {
        div class="import" {
            p {
                strong { (t!(language, "bring-imported", count = upload.posted)) }
                @if upload.liked > 0 {
                    " " (t!(language, "bring-imported-likes", count = upload.liked))
                }
                @if upload.listed > 0 {
                    " " (t!(language, "bring-imported-wanted", count = upload.listed))
                }
            }
            @if upload.posted + upload.liked + upload.listed > 0 {
                p class="hint" { (t!(language, "bring-undo-hint")) }
                (confirm(
                    language,
                    "/settings/import/undo",
                    &t!(language, "bring-undo"),
                    &t!(language, "bring-undo-question", count = upload.posted),
                    &html! {},
                ))
            }
        }
    }
}

fn running(language: Language, upload: &Upload, is_running: bool, again: &str) -> Markup {
    html! {
        div class="import" {
            p {
                strong {
                    (if upload.phase == Phase::Undoing { t!(language, "bring-undoing") }
                     else { t!(language, "bring-importing") })
                }
            }
            progress max=(upload.length.max(1)) value=(upload.done) {}
            p class="import-counts" {
                (t!(language, "bring-done", done = upload.done, length = upload.length))
            }
            @if !is_running {
                p { (t!(language, "bring-broken-off")) }
                form method="post" action=(again) {
                    button class="button" type="submit" { (t!(language, "bring-go-on")) }
                }
            }
        }
    }
}

fn preview(language: Language, found: &Preview, upload: &Upload) -> Markup {
    let Preview {
        new,
        known,
        missing,
        likes,
        lost_likes,
        wanted,
        lost_wanted,
    } = found;
    let films = new.count + known.count + missing.count;
    html! {
        div class="import" {
            p { strong { (t!(language, "bring-found", count = films)) } }
            (list(language, &t!(language, "bring-new", count = new.count), new))
            (list(language, &t!(language, "bring-known", count = known.count), known))
            (list(language, &t!(language, "bring-missing", count = missing.count), missing))
            @if *likes > 0 { p { (t!(language, "bring-likes", count = *likes)) } }
            @if *lost_likes > 0 { p { (t!(language, "bring-lost-likes", count = *lost_likes)) } }
            @if *wanted > 0 { p { (t!(language, "bring-wanted", count = *wanted)) } }
            @if *lost_wanted > 0 {
                p { (t!(language, "bring-lost-wanted", count = *lost_wanted)) }
            }
            @if !upload.may_begin() {
                p class="hint" { (t!(language, "bring-often")) }
            } @else if new.count + likes + wanted > 0 {
                form class="actions" method="post" action="/settings/import/start" {
                    input type="hidden" name="upload" value=(upload.upload);
                    button class="button" type="submit" {
                        @if new.count > 0 { (t!(language, "bring-start", count = new.count)) }
                        @else if *likes > 0 { (t!(language, "bring-start-likes", count = *likes)) }
                        @else { (t!(language, "bring-start-wanted", count = *wanted)) }
                    }
                }
            }
        }
        h3 { (t!(language, "bring-another")) }
    }
}

fn list(language: Language, heading: &str, films: &Listed) -> Markup {
    html! {
        @if films.count > 0 {
            details class="bring-list" {
                summary { (heading) }
                ul {
                    @for shown in &films.first {
                        li {
                            (stars(language, shown.half_stars)) " "
                            @match shown.film {
                                Some(film) => a href={ "/films/" (film) } { (name(language, shown)) },
                                None => (name(language, shown)),
                            }
                        }
                    }
                }
                @if films.count > films.first.len() {
                    @let more = films.count - films.first.len();
                    p class="hint" { (t!(language, "bring-more", count = more)) }
                }
            }
        }
    }
}

fn name(language: Language, shown: &Shown) -> String {
    match (shown.title.is_empty(), shown.year) {
        (true, _) => t!(language, "bring-unnamed"),
        (false, Some(year)) => format!("{} ({year})", shown.title),
        (false, None) => shown.title.clone(),
    }
}
