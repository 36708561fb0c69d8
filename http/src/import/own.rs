//! What a member brings along of their own: ratings from Letterboxd, IMDb, or another Reeltime, of
//! which also how reviews were changed later, reviews that they like, and films that they want to
//! see. The file is read and matched first, and nothing happens until the member says so; it can be
//! undone.
//!
//! A film that the member has reviewed here stays as it is. Everything is posted as of the day that
//! the file tells, under an id that is derived from its place, so that an import that was broken
//! off goes on.

mod arriving;
mod exported;
mod files;
mod matching;
mod said;
mod upload;
mod zipped;

use std::ops::Range;

use chrono::{DateTime, Utc};
use commands::like::{Like, Unlike};
use commands::review::{Amend, PostIfNone, Retract, Review};
use commands::watchlist::{Add, Remove};
use commands::{Asked, Command, ExecuteError, Refused};
use domain::{FilmId, MemberId, Rating, ReviewId, ReviewText};
use event_log::Accepted;
use futures::stream::{self, StreamExt, TryStreamExt};
use projections::{review_likes, reviews, watchlist};
use uuid::Uuid;

use super::execute;
use crate::app::App;
use crate::fresh;

pub use arriving::Arriving;
pub use files::{FILE_BYTES, Unreadable, read};
pub use matching::{Brought, Matched, Want, matched};
pub use said::{Change, Line, Said};
pub use upload::{Listed, Made, Phase, Preview, Shown, Upload, Uploads, Work};

/// Commands on their way at once, and between two marks of progress.
const AT_ONCE: usize = 50;
const MARK: usize = 100;

/// Posts what was uploaded, or takes it back, from where it was left. One that does both, or the
/// same twice, does no harm: each command has its id.
pub async fn go_on(app: &App, member: MemberId) -> anyhow::Result<()> {
    let uploads = Uploads::of(app);
    let Some(work) = uploads.work(member).await? else {
        return Ok(());
    };
    match work.phase {
        Phase::Importing => post(app, &uploads, &work).await?,
        Phase::Undoing => take_back(app, &uploads, &work).await?,
        Phase::Preview | Phase::Imported | Phase::Undone => return Ok(()),
    }
    uploads.finish(&work, fresh::now()).await?;
    Ok(())
}

/// The ranges of a list that are left behind this place.
fn marks(from: usize, length: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = (from..length).step_by(MARK);
    starts.map(move |start| start..(start + MARK).min(length))
}

/// What is done of a list that comes behind so many other steps.
fn done_of(work: &Work, before: usize) -> usize {
    work.done().saturating_sub(before)
}

async fn post(app: &App, uploads: &Uploads, work: &Work) -> anyhow::Result<()> {
    for range in marks(work.done(), work.lines.len()) {
        let to = range.end;
        let posting = range.map(|place| post_one(app, work, place)).collect();
        let posted: Vec<Option<ReviewId>> = at_once(posting).await?;
        let made = Made {
            posted: posted.into_iter().flatten().map(|one| one.0).collect(),
            ..Made::default()
        };
        uploads.advance(work, to, &made, fresh::now()).await?;
    }
    let before = work.lines.len();
    for range in marks(done_of(work, before), work.likes.len()) {
        let to = range.end;
        let liking = range.map(|place| like_one(app, work, place)).collect();
        let liked: Vec<Option<Uuid>> = at_once(liking).await?;
        let made = Made {
            liked: liked.into_iter().flatten().collect(),
            ..Made::default()
        };
        let done = before + to;
        uploads.advance(work, done, &made, fresh::now()).await?;
    }
    let before = before + work.likes.len();
    for range in marks(done_of(work, before), work.wanted.len()) {
        let to = range.end;
        let listing = range.map(|place| want_one(app, work, place)).collect();
        let listed: Vec<Option<Uuid>> = at_once(listing).await?;
        let made = Made {
            listed: listed.into_iter().flatten().collect(),
            ..Made::default()
        };
        let done = before + to;
        uploads.advance(work, done, &made, fresh::now()).await?;
    }
    Ok(())
}

async fn at_once<T>(
    steps: Vec<impl Future<Output = Result<T, ExecuteError>>>,
) -> Result<Vec<T>, ExecuteError> {
    stream::iter(steps).buffered(AT_ONCE).try_collect().await
}

/// Posts a review and its later changes; `None`: nothing of it is new here.
async fn post_one(app: &App, work: &Work, place: usize) -> Result<Option<ReviewId>, ExecuteError> {
    let matched = &work.lines[place];
    let Some(mut review) = matched.review(work.member()) else {
        return Ok(None);
    };
    let (name, posting) = (format!("post {place}"), PostIfNone(review.clone()));
    let accepted = unless_refused(ask(app, work, &name, matched.line.at, posting).await)?;
    if accepted.is_none_or(|accepted| accepted.events == 0) {
        return Ok(None);
    }
    for (nth, edit) in matched.line.edits.iter().enumerate() {
        let from = review.clone();
        match &edit.change {
            Change::Rating(half_stars) => {
                review.rating = Rating::new(*half_stars).unwrap_or(review.rating);
            }
            Change::Words { text, spoiler } => {
                (review.text, review.spoiler) = (words(text.as_deref()), *spoiler);
            }
            Change::Watched(day) => review.watched_on = *day,
        }
        let (name, to) = (format!("edit {place} {nth}"), review.clone());
        unless_refused(ask(app, work, &name, edit.at, Amend { from, to }).await)?;
    }
    Ok(Some(review.review()))
}

/// `None`: it is liked already, or gone.
async fn like_one(app: &App, work: &Work, place: usize) -> Result<Option<Uuid>, ExecuteError> {
    let like = work.likes[place];
    let command = Like {
        member: work.member(),
        review: ReviewId(like.review),
    };
    let accepted =
        unless_refused(ask(app, work, &format!("like {place}"), like.at, command).await)?;
    let is_new = accepted.is_some_and(|accepted| accepted.events > 0);
    Ok(is_new.then_some(like.review))
}

/// `None`: it is on the list already, or gone.
async fn want_one(app: &App, work: &Work, place: usize) -> Result<Option<Uuid>, ExecuteError> {
    let want = work.wanted[place];
    let command = Add {
        member: work.member(),
        film: FilmId(want.film),
    };
    let accepted =
        unless_refused(ask(app, work, &format!("want {place}"), want.at, command).await)?;
    let is_new = accepted.is_some_and(|accepted| accepted.events > 0);
    Ok(is_new.then_some(want.film))
}

async fn take_back(app: &App, uploads: &Uploads, work: &Work) -> anyhow::Result<()> {
    let member = work.member();
    for range in marks(work.done(), work.posted.len()) {
        let to = range.end;
        let mut now = uploads.read(app).await?;
        let posted = &work.posted[range];
        let posted = reviews::unedited(&mut now, posted, work.uploaded_at).await?;
        drop(now);
        let retract = |review| Retract {
            member,
            review: ReviewId(review),
        };
        undo(app, work, "take back", &posted, retract).await?;
        uploads
            .advance(work, to, &Made::default(), fresh::now())
            .await?;
    }
    let before = work.posted.len();
    for range in marks(done_of(work, before), work.liked.len()) {
        let to = before + range.end;
        let unlike = |review| Unlike {
            member,
            review: ReviewId(review),
        };
        let mut now = uploads.read(app).await?;
        let liked = (member, &work.liked[range]);
        let liked = review_likes::unchanged(&mut now, liked, work.uploaded_at).await?;
        drop(now);
        undo(app, work, "unlike", &liked, unlike).await?;
        uploads
            .advance(work, to, &Made::default(), fresh::now())
            .await?;
    }
    let before = before + work.liked.len();
    for range in marks(done_of(work, before), work.listed.len()) {
        let to = before + range.end;
        let remove = |film| Remove {
            member,
            film: FilmId(film),
        };
        let mut now = uploads.read(app).await?;
        let listed = (member, &work.listed[range]);
        let listed = watchlist::unchanged(&mut now, listed, work.uploaded_at).await?;
        drop(now);
        undo(app, work, "unwant", &listed, remove).await?;
        uploads
            .advance(work, to, &Made::default(), fresh::now())
            .await?;
    }
    Ok(())
}

async fn undo<C: Command + Clone + Send + 'static>(
    app: &App,
    work: &Work,
    name: &str,
    things: &[Uuid],
    command: impl Fn(Uuid) -> C,
) -> Result<(), ExecuteError> {
    let taking = things.iter().copied().map(|thing| {
        let command = command(thing);
        let name = format!("{name} {thing}");
        async move { unless_refused(ask(app, work, &name, fresh::now(), command).await) }
    });
    at_once(taking.collect()).await.map(|_| ())
}

/// What is refused has changed meanwhile: it stays as it is. Whoever may not write, or has left,
/// goes no further.
fn unless_refused(asked: Result<Accepted, ExecuteError>) -> Result<Option<Accepted>, ExecuteError> {
    match asked {
        Ok(accepted) => Ok(Some(accepted)),
        Err(ExecuteError::Refused(why))
            if !matches!(why, Refused::Suspended | Refused::Withdrawn) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn ask<C: Command + Clone + Send + 'static>(
    app: &App,
    work: &Work,
    name: &str,
    at: DateTime<Utc>,
    command: C,
) -> Result<Accepted, ExecuteError> {
    let asked = Asked {
        id: Uuid::new_v5(&work.upload, name.as_bytes()),
        actor: work.member,
        digest: app.vault.digest("own-import", name.as_bytes()),
        at,
        correlation: work.upload,
        causation: None,
    };
    execute(app, asked, command).await
}

impl Matched {
    /// As it was written first; `None`: nothing is posted of it.
    fn review(&self, member: MemberId) -> Option<Review> {
        let film = self.film.filter(|_| !self.is_reviewed)?;
        Some(Review {
            member,
            film: FilmId(film),
            rating: Rating::new(self.line.half_stars).ok()?,
            text: words(self.line.text.as_deref()),
            spoiler: self.line.spoiler,
            watched_on: self.line.watched_on,
            moved: None,
            merged: self.merged.iter().copied().map(FilmId).collect(),
        })
    }
}

fn words(text: Option<&str>) -> Option<ReviewText> {
    ReviewText::new(text?).ok()?
}

/// In the background, on this node.
pub fn start(app: &App, member: MemberId) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = go_on(&app, member).await {
            let error = cluster::sentence(error.as_ref());
            tracing::warn!(error, "an import by a member stopped");
        }
    });
}
