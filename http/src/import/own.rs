//! What a member brings along of their own: ratings from Letterboxd, IMDb, or another Reeltime. The
//! file is read and matched first, and nothing happens until the member says so; it can be undone.
//!
//! A film that the member has reviewed here stays as it is. Each review is posted as of the day
//! that the file tells, under an id that is derived from its place, so that an import that was
//! broken off goes on.

mod files;
mod matching;
mod upload;

use commands::review::{PostIfNone, Retract, Review};
use commands::{Asked, Command, ExecuteError};
use domain::{FilmId, MemberId, Rating, ReviewId, ReviewText};
use event_log::Accepted;
use futures::stream::{self, StreamExt, TryStreamExt};
use uuid::Uuid;

use super::execute;
use crate::app::App;
use crate::fresh;

pub use files::{FILE_BYTES, Line, Unreadable, read};
pub use matching::{Matched, matched};
pub use upload::{Phase, Upload, Uploads};

/// Commands on their way at once, and between two marks of progress.
const AT_ONCE: usize = 50;
const MARK: usize = 100;

/// Posts what was uploaded, or takes it back, from where it was left. One that does both, or the
/// same twice, does no harm: each command has its id.
pub async fn go_on(app: &App, member: MemberId) -> anyhow::Result<()> {
    let uploads = Uploads::of(app);
    while let Some(upload) = uploads.of_member(member).await? {
        let from = usize::try_from(upload.done).unwrap_or_default();
        let is_done = match upload.phase {
            Phase::Importing => post(app, &uploads, &upload, from).await?,
            Phase::Undoing => take_back(app, &uploads, &upload, from).await?,
            Phase::Preview | Phase::Imported | Phase::Undone => return Ok(()),
        };
        if is_done {
            uploads.finish(&upload, fresh::now()).await?;
        }
    }
    Ok(())
}

/// The next ones; whether they were the last.
async fn post(app: &App, uploads: &Uploads, upload: &Upload, from: usize) -> anyhow::Result<bool> {
    let lines = upload.lines.iter().enumerate().skip(from).take(MARK);
    let next = lines.filter_map(|(place, line)| Some((place, line.command(upload.member())?)));
    let next: Vec<(usize, PostIfNone)> = next.collect();
    let posting = next.into_iter().map(|(place, command)| async move {
        let review = command.0.review();
        let at = upload.lines[place].line.at;
        let name = format!("post {place}");
        let accepted = ask(app, upload, &name, at, command).await;
        accepted.map(|accepted| (review, accepted))
    });
    let posted: Vec<(ReviewId, Accepted)> = stream::iter(posting)
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let new = posted.iter().filter(|(_, accepted)| accepted.events > 0);
    let new: Vec<Uuid> = new.map(|(review, _)| review.0).collect();
    let to = (from + MARK).min(upload.lines.len());
    uploads.advance(upload, to, &new, fresh::now()).await?;
    Ok(to == upload.lines.len())
}

async fn take_back(
    app: &App,
    uploads: &Uploads,
    upload: &Upload,
    from: usize,
) -> anyhow::Result<bool> {
    let reviews = upload.posted.iter().skip(from).take(MARK);
    let next: Vec<Uuid> = uploads.unedited(app, reviews.copied().collect()).await?;
    let now = fresh::now();
    let taking = next.into_iter().map(|review| async move {
        let command = Retract {
            member: upload.member(),
            review: ReviewId(review),
        };
        match ask(app, upload, &format!("take back {review}"), now, command).await {
            Ok(_) | Err(ExecuteError::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    });
    let taken = stream::iter(taking).buffered(AT_ONCE);
    taken.try_for_each(|()| std::future::ready(Ok(()))).await?;
    let to = (from + MARK).min(upload.posted.len());
    uploads.advance(upload, to, &[], now).await?;
    Ok(to == upload.posted.len())
}

async fn ask<C: Command + Clone + Send + 'static>(
    app: &App,
    upload: &Upload,
    name: &str,
    at: chrono::DateTime<chrono::Utc>,
    command: C,
) -> Result<Accepted, ExecuteError> {
    let asked = Asked {
        id: Uuid::new_v5(&upload.upload, name.as_bytes()),
        actor: upload.member,
        digest: app.vault.digest("own-import", name.as_bytes()),
        at,
        correlation: upload.upload,
        causation: None,
    };
    execute(app, asked, command).await
}

impl Matched {
    /// `None`: nothing is posted of it.
    fn command(&self, member: MemberId) -> Option<PostIfNone> {
        let film = self.film.filter(|_| !self.is_reviewed)?;
        Some(PostIfNone(Review {
            member,
            film: FilmId(film),
            rating: Rating::new(self.line.half_stars).ok()?,
            // what is too long here is rated without words
            text: self
                .line
                .text
                .as_deref()
                .and_then(|text| ReviewText::new(text).ok()?),
            spoiler: self.line.spoiler,
            moved: None,
        }))
    }
}

/// In the background, on this node.
pub fn start(app: &App, member: MemberId) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = go_on(&app, member).await {
            tracing::warn!("an import by a member stopped: {error:#}");
        }
    });
}
