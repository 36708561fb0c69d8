//! Telling the site's moderators of a review, a comment, a message or a member.

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use domain::{CommentId, MemberId, ReviewId, RoomId, Thing};
use maud::html;
use projections::{comments, members, messages, reviews};
use serde::Deserialize;

use crate::api::rooms::find;
use crate::app::App;
use crate::asking::Sent;
use crate::components::{Field, command, error_summary, text_area};
use crate::extract::{Form, Path};
use crate::fields::Fields;
use crate::flash::Flash;
use crate::layout::Page;
use crate::markdown;
use crate::moderation;
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::t;
use crate::visitor::Visitor;

/// What can be reported, with the page that asks why.
const FORMS: [&str; 4] = [
    "/reviews/{review}/report",
    "/comments/{comment}/report",
    "/rooms/{room}/messages/{seq}/report",
    "/members/{member}/report",
];

pub fn routes() -> Router<App> {
    FORMS.iter().fold(Router::new(), |router, path| {
        router.route(path, get(form).post(report))
    })
}

/// What a path of [`FORMS`] names.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    review: Option<ReviewId>,
    comment: Option<CommentId>,
    room: Option<RoomId>,
    seq: Option<i64>,
    member: Option<MemberId>,
}

impl Named {
    fn thing(&self) -> Result<Thing, Problem> {
        let review = self.review.map(|review| Thing::Review { review });
        let comment = self.comment.map(|comment| Thing::Comment { comment });
        let said = self.room.zip(self.seq);
        let said = said.map(|(room, message)| Thing::Message { room, message });
        let member = self.member.map(|member| Thing::Member { member });
        let thing = review.or(comment).or(said).or(member);
        thing.ok_or_else(Problem::not_found)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    command: Option<String>,
    reason: String,
}

/// `GET …/report`: 200, 404; strangers sign in first.
async fn form(Path(named): Path<Named>, mut reading: Reading) -> Result<Response, Problem> {
    let about = named.thing()?;
    let seen = seen(&mut reading, about).await?;
    let attempt = Attempt::first();
    let page = page(&reading.visitor, about, &seen, "", &attempt);
    Ok(reading.respond(attempt.respond(page)))
}

/// `POST …/report`: 303 to what was reported, 403 for one's own, 404, 422 with the form.
async fn report(
    Path(named): Path<Named>,
    caller: Caller,
    mut sent: Sent,
    Form(told): Form<Told>,
) -> Result<Response, Problem> {
    let about = named.thing()?;
    let seen = seen(&mut *sent.look().await?, about).await?;
    match record(&caller, &mut sent, about, &told).await {
        Err(problem) if can_be_mended(&problem) && problem.slug() != "own-thing" => {
            let attempt = Attempt::again(problem, told.command.as_deref());
            let page = page(sent.visitor(), about, &seen, &told.reason, &attempt);
            Ok(attempt.respond(page))
        }
        recorded => recorded,
    }
}

async fn record(
    caller: &Caller,
    sent: &mut Sent,
    about: Thing,
    told: &Told,
) -> Result<Response, Problem> {
    let asking = sent.asking(told.command.as_deref())?;
    let mut fields = Fields::default();
    let reason = fields.reason("reason", &told.reason);
    let reason = fields.finish(|| reason)?;
    let position = moderation::report(asking, caller, about, reason).await?;
    Ok(asking.respond(position, Flash::Reported.redirect(&place(about))))
}

/// The page that a thing is on.
fn place(about: Thing) -> String {
    match about {
        Thing::Review { review } => format!("/reviews/{review}"),
        Thing::Comment { comment } => format!("/comments/{comment}"),
        Thing::Message { room, message } => format!("/rooms/{room}?around={message}#m-{message}"),
        Thing::Member { member } => format!("/members/{member}"),
    }
}

/// Where it is reported.
fn address(about: Thing) -> String {
    match about {
        Thing::Message { room, message } => format!("/rooms/{room}/messages/{message}/report"),
        Thing::Review { .. } | Thing::Comment { .. } | Thing::Member { .. } => {
            format!("{}/report", place(about))
        }
    }
}

/// What the reader sees of it: its author's name and a line of it.
async fn seen(
    reading: &mut Reading,
    about: Thing,
) -> Result<(Option<String>, Option<String>), Problem> {
    let viewer = reading.viewer();
    let found = match about {
        Thing::Review { review } => {
            let card = reviews::by_id(&mut reading.snapshot, review.0, viewer).await;
            card.map_err(failed)?
                .map(|card| (card.member_name, card.text))
        }
        Thing::Comment { comment } => {
            let card = comments::by_id(&mut reading.snapshot, comment.0, viewer).await;
            card.map_err(failed)?
                .map(|card| (card.member_name, card.text))
        }
        Thing::Member { member } => {
            let row = members::by_id(&mut reading.snapshot, member.0).await;
            let row = row.map_err(failed)?.filter(|row| !row.withdrawn);
            row.map(|row| (row.name, Some(row.about)))
        }
        Thing::Message { room, message } => {
            find(reading, room.0).await?;
            let card = messages::by_seq(&mut reading.snapshot, room.0, message).await;
            let card = card.map_err(failed)?.filter(|card| card.text.is_some());
            card.map(|card| (card.member_name, card.text.filter(|_| !card.spoiler)))
        }
    };
    found.ok_or_else(Problem::not_found)
}

fn page(
    visitor: &Visitor,
    about: Thing,
    (name, text): &(Option<String>, Option<String>),
    typed: &str,
    attempt: &Attempt,
) -> Page {
    let language = visitor.language;
    let problem = attempt.problem();
    let title = match about {
        Thing::Review { .. } => t!(language, "report-review-title"),
        Thing::Comment { .. } => t!(language, "report-comment-title"),
        Thing::Message { .. } => t!(language, "room-report-title"),
        Thing::Member { .. } => t!(language, "report-member-title"),
    };
    let field = Field {
        name: "reason",
        kind: "text",
        label: t!(language, "report-reason"),
        hint: Some(t!(language, "report-hint")),
        value: typed,
        autocomplete: "off",
        most_characters: Some(300),
    };
    let content = html! {
        form class="form" method="post" action=(address(about)) {
            h1 { (title) }
            blockquote {
                strong { (name.clone().unwrap_or_else(|| t!(language, "former-member"))) }
                @if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
                    br; (markdown::excerpt(text, 300))
                }
            }
            (error_summary(language, problem))
            (command(&attempt.command))
            (text_area(language, &field, 3, None, problem))
            p class="actions" {
                button class="button" type="submit" { (t!(language, "report-this")) }
                a class="button quiet" href=(place(about)) { (t!(language, "cancel")) }
            }
        }
    };
    Page::new(visitor.clone(), title, content)
}
