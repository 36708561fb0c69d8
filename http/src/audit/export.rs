//! All that a member did, wrote and is called, as a zip that is made while it is sent: page after
//! page is read, written and gone, so that memory is bounded whatever they did.

mod files;
mod zipping;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::MemberId;
use event_log::Order;
use event_log::checkpoint::Receipts;
use projections::history::Opened;
use sqlx::postgres::PgConnection;
use tokio::sync::mpsc::Sender;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Names, is_all_shown, names_a_moderator, own, own_data, steps, unreceipted};
use crate::api::caching::Streamed;
use crate::app::App;
use crate::fresh;
use crate::language::Language;
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;
use files::File;
use zipping::Part;

/// Exports that a node makes at once; beyond it, 503.
const AT_ONCE: usize = 8;
/// Events in memory at once, with their receipts.
const PAGE: i64 = 500;
/// What a reader has not taken by then is not sent: others wait for the slot.
const LONGEST: Duration = Duration::from_secs(10 * 60);
/// How long an export waits for a checkpoint that covers what was done last.
const SIGNING_PATIENCE: Duration = Duration::from_secs(3);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

static SLOTS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));

/// The caller's zip: 429 when they asked too often, 503 when others are asking.
pub async fn export(app: App, caller: &Caller, language: Language) -> Result<Response, Problem> {
    app.limits.check_export(caller.member)?;
    let slot = SLOTS.clone().try_acquire_owned();
    let slot = slot.map_err(|_| Problem::busy(10))?;
    let through = event_log::head(&app.pool).await.map_err(failed)?.position;
    let receipts = receipts_through(&app, through).await?;
    let (parts, body) = zipping::start();
    let export = Export {
        app,
        member: caller.member,
        language,
        through,
        receipts,
        parts,
        _slot: slot,
    };
    tokio::spawn(async move {
        // where the answer breaks off, it is before the zip's end, which no reader takes for whole
        match tokio::time::timeout(LONGEST, export.write()).await {
            Ok(Ok(())) => {}
            Ok(Err(problem)) => tracing::warn!(problem = problem.slug(), "an export broke off"),
            Err(_) => tracing::warn!("an export was taken too slowly and broken off"),
        }
    });
    let name = format!("reeltime-{}.zip", fresh::now().format("%Y-%m-%d"));
    let headers = [
        (CONTENT_TYPE, "application/zip".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((Streamed::mark(), headers, Body::from_stream(body)).into_response())
}

/// Under the newest checkpoint, which covers what was done last unless nobody signs.
async fn receipts_through(app: &App, position: i64) -> Result<Option<Receipts>, Problem> {
    let deadline = tokio::time::Instant::now() + SIGNING_PATIENCE;
    loop {
        let mut connection = app.pool.acquire().await.map_err(failed)?;
        let receipts = Receipts::newest(&mut connection)
            .await
            .map_err(unreceipted)?;
        drop(connection);
        let covers = receipts
            .as_ref()
            .is_some_and(|receipts| receipts.size() >= position);
        let is_late = tokio::time::Instant::now() >= deadline;
        if covers || is_late || app.public_key.is_none() {
            return Ok(receipts);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

struct Export {
    app: App,
    member: MemberId,
    language: Language,
    /// What happens from now on is not in it.
    through: i64,
    receipts: Option<Receipts>,
    parts: Sender<Part>,
    _slot: OwnedSemaphorePermit,
}

impl Export {
    async fn write(mut self) -> Result<(), Problem> {
        let receipts_through = self.receipts.as_ref().map_or(0, Receipts::size);
        let receipts_through = receipts_through.min(self.through);
        self.begin("README.txt").await?;
        self.put(files::readme(self.through, receipts_through))
            .await?;
        self.begin("account.json").await?;
        let account = self.account(receipts_through).await?;
        self.put(account).await?;
        for file in File::ALL {
            self.begin(file.name()).await?;
            self.put(file.head().map_err(Problem::internal)?).await?;
            self.write_events(file).await?;
            self.put(file.foot().to_owned()).await?;
        }
        if self.receipts.is_some() {
            self.begin("receipts.ndjson").await?;
            self.write_receipts().await?;
        }
        self.send(Part::End).await
    }

    /// Who they are, as the log has it.
    async fn account(&self, receipts_through: i64) -> Result<Vec<u8>, Problem> {
        let stream = self.member.stream().to_string().as_str().into();
        let mut snapshot = self.app.reader.snapshot(None).await.map_err(failed)?;
        let (account, _) = steps(&self.app, &mut snapshot, &stream, (i64::MAX, 1)).await?;
        let key = self.app.public_key.as_ref().map(ToString::to_string);
        let said = files::account(self.member, &account, (self.through, receipts_through), key);
        said.map_err(Problem::internal)
    }

    async fn write_events(&self, file: File) -> Result<(), Problem> {
        let mut is_first = true;
        let mut after = Some(0);
        while let Some(seen) = after {
            let mut snapshot = self.app.reader.snapshot(None).await.map_err(failed)?;
            let (events, next) = self.page(&mut snapshot, seen).await?;
            let names = Names::of(&mut snapshot, events.iter()).await;
            let names = names.map_err(failed)?;
            drop(snapshot);
            let shown = (self.member, self.language, &names);
            let text = file.rows(events, shown, is_first);
            let text = text.map_err(Problem::internal)?;
            is_first &= text.is_empty();
            self.put(text).await?;
            after = next;
        }
        Ok(())
    }

    async fn write_receipts(&mut self) -> Result<(), Problem> {
        let Some(mut receipts) = self.receipts.take() else {
            return Ok(());
        };
        let mut after = Some(0);
        while let Some(seen) = after {
            let mut snapshot = self.app.reader.snapshot(None).await.map_err(failed)?;
            let (events, next) = self.page(&mut snapshot, seen).await?;
            let events = events.into_iter().map(|opened| opened.recorded);
            let covered = events.filter(|event| {
                event.position <= receipts.size() && !names_a_moderator(event, self.member)
            });
            let (own, readings): (Vec<_>, Vec<_>) =
                covered.partition(|event| is_all_shown(event, self.member));
            let mut written = receipts.write(&mut snapshot, &own, true).await;
            let digests = receipts.write(&mut snapshot, &readings, false).await;
            drop(snapshot);
            if let Ok(written) = &mut written {
                written.extend(digests.map_err(unreceipted)?);
                written.sort_by_key(|receipt| receipt.event.position);
            }
            let mut text = Vec::new();
            for receipt in written.map_err(unreceipted)? {
                serde_json::to_writer(&mut text, &receipt).map_err(Problem::internal)?;
                text.push(b'\n');
            }
            self.put(text).await?;
            after = next;
        }
        Ok(())
    }

    /// The next events, and where to go on.
    async fn page(
        &self,
        connection: &mut PgConnection,
        after: i64,
    ) -> Result<(Vec<Opened>, Option<i64>), Problem> {
        let how = ((after, self.through), Order::OldestFirst);
        let found = own(&self.app, connection, self.member, how, PAGE).await?;
        let events = found.events.into_iter();
        let events = events.map(|opened| own_data(opened, self.member));
        Ok((events.collect(), found.next))
    }

    async fn begin(&self, file: &'static str) -> Result<(), Problem> {
        self.send(Part::File(file)).await
    }

    async fn put(&self, text: impl Into<Vec<u8>>) -> Result<(), Problem> {
        self.send(Part::Content(text.into())).await
    }

    async fn send(&self, part: Part) -> Result<(), Problem> {
        let sent = self.parts.send(part).await;
        // whoever downloaded it has gone
        sent.map_err(|_| Problem::busy(1))
    }
}
