//! What a member brings along of their own: ratings from Letterboxd, IMDb, or another Reeltime, of
//! which also how reviews were changed later, and reviews that they like. The file is read and
//! matched first, and nothing happens until the member says so; it can be undone.
//!
//! A film that the member has reviewed here stays as it is. Everything is posted as of the day that
//! the file tells, under an id that is derived from its place, so that an import that was broken
//! off goes on.

mod exported;
mod files;
mod matching;
mod upload;

use std::ops::Range;

use chrono::{DateTime, Utc};
use commands::like::{Like, Unlike};
use commands::review::{Amend, PostIfNone, Retract, Review};
use commands::{Asked, Command, ExecuteError, Refused};
use domain::{FilmId, MemberId, Rating, ReviewId, ReviewText};
use event_log::Accepted;
use futures::stream::{self, StreamExt, TryStreamExt};
use uuid::Uuid;

use super::execute;
use crate::app::App;
use crate::fresh;

pub use files::{Change, FILE_BYTES, Line, Said, Unreadable, read};
pub use matching::{Brought, Matched, matched};
pub use upload::{Listed, Phase, Preview, Shown, Upload, Uploads, Work};

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

async fn post(app: &App, uploads: &Uploads, work: &Work) -> anyhow::Result<()> {
    let (lines, done) = (work.lines.len(), work.done());
    for range in marks(done, lines) {
        let (to, posting) = (range.end, range.map(|place| post_one(app, work, place)));
        let posted: Vec<Option<ReviewId>> = stream::iter(posting)
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let posted: Vec<Uuid> = posted
            .into_iter()
            .flatten()
            .map(|review| review.0)
            .collect();
        uploads
            .advance(work, to, &posted, &[], fresh::now())
            .await?;
    }
    for range in marks(done.saturating_sub(lines), work.likes.len()) {
        let (to, liking) = (range.end, range.map(|place| like_one(app, work, place)));
        let liked: Vec<Option<Uuid>> = stream::iter(liking).buffered(AT_ONCE).try_collect().await?;
        let liked: Vec<Uuid> = liked.into_iter().flatten().collect();
        let now = fresh::now();
        uploads.advance(work, lines + to, &[], &liked, now).await?;
    }
    Ok(())
}

/// Posts a review and its later changes; `None`: nothing of it is new here.
async fn post_one(app: &App, work: &Work, place: usize) -> Result<Option<ReviewId>, ExecuteError> {
    let matched = &work.lines[place];
    let Some(mut review) = matched.review(work.member()) else {
        return Ok(None);
    };
    let (name, posting) = (format!("post {place}"), PostIfNone(review.clone()));
    let accepted = match ask(app, work, &name, matched.line.at, posting).await {
        // moderators have hidden it here, and its author has taken it back
        Err(ExecuteError::Refused(Refused::Hidden)) => return Ok(None),
        asked => asked?,
    };
    if accepted.events == 0 {
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
        }
        let (name, to) = (format!("edit {place} {nth}"), review.clone());
        ask(app, work, &name, edit.at, Amend { from, to }).await?;
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

async fn take_back(app: &App, uploads: &Uploads, work: &Work) -> anyhow::Result<()> {
    let (reviews, done) = (work.posted.len(), work.done());
    for range in marks(done, reviews) {
        let to = range.end;
        let posted = uploads.unedited(app, work, &work.posted[range]).await?;
        let taking = posted.into_iter().map(|review| async move {
            let command = Retract {
                member: work.member(),
                review: ReviewId(review),
            };
            let name = format!("take back {review}");
            unless_refused(ask(app, work, &name, fresh::now(), command).await)
        });
        let _: Vec<_> = stream::iter(taking).buffered(AT_ONCE).try_collect().await?;
        uploads.advance(work, to, &[], &[], fresh::now()).await?;
    }
    for range in marks(done.saturating_sub(reviews), work.liked.len()) {
        let to = range.end;
        let taking = work.liked[range].iter().copied();
        let taking = taking.map(|review| async move {
            let command = Unlike {
                member: work.member(),
                review: ReviewId(review),
            };
            let name = format!("unlike {review}");
            unless_refused(ask(app, work, &name, fresh::now(), command).await)
        });
        let _: Vec<_> = stream::iter(taking).buffered(AT_ONCE).try_collect().await?;
        uploads
            .advance(work, reviews + to, &[], &[], fresh::now())
            .await?;
    }
    Ok(())
}

/// What is refused has changed meanwhile: it stays as it is.
fn unless_refused(asked: Result<Accepted, ExecuteError>) -> Result<Option<Accepted>, ExecuteError> {
    match asked {
        Ok(accepted) => Ok(Some(accepted)),
        Err(ExecuteError::Refused(_)) => Ok(None),
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
