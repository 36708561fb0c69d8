//! Reading, decoding and writing at once, each in a task of its own.

use std::sync::Arc;

use event_log::{Keyring, Recorded, copy_page};
use futures::future::try_join_all;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::writer::{Output, Where, write};
use super::{Pace, Phase, Progress, Reporter, Source, Unit, span};
use crate::batch;
use crate::model::Happened;
use crate::projector::ProjectError;

/// Windows that wait between two stages.
const WAITING: usize = 2;
/// A window holds about so many bytes of events at most, whatever they say.
const WINDOW_BYTES: usize = 8 * 1024 * 1024;
/// Where the size of events is not known yet.
const FIRST_WINDOW: i64 = 500;

type Window = Arc<Vec<Happened>>;

/// Brings all units to their targets. What they wrote is committed window by window:
/// broken off anywhere, it goes on from there.
pub(crate) async fn load(
    source: &Source,
    place: &Where,
    units: Vec<Unit>,
    pace: Pace,
    report: Reporter<'_>,
) -> Result<Vec<Unit>, ProjectError> {
    let (from, through) = span(&units);
    if from == through {
        return Ok(units);
    }
    let (send_read, read) = mpsc::channel(WAITING);
    let (progress, heard) = mpsc::unbounded_channel();
    // dropped with this future: nothing goes on unobserved
    let (mut readers, mut writers) = (JoinSet::new(), JoinSet::new());
    let mut inputs = Vec::new();
    for (number, units) in spread(units, pace.writers()).into_iter().enumerate() {
        let (input, windows) = mpsc::channel(WAITING);
        inputs.push(input);
        let progress = progress.clone();
        let output = Output { number, progress };
        let options = source.options.clone();
        writers.spawn(write(options, place.clone(), units, windows, pace, output));
    }
    drop(progress);
    let range = (from, through);
    readers.spawn(read_windows(source.options.clone(), range, pace, send_read));
    readers.spawn(decode(source.keyring.clone(), read, inputs));
    tell(heard, writers.len(), from, through, report).await;
    let mut units = Vec::new();
    while let Some(done) = writers.join_next().await {
        units.extend(done.expect("writers do not panic")?);
    }
    while let Some(done) = readers.join_next().await {
        done.expect("readers do not panic")?;
    }
    Ok(units)
}

/// Shares the models among writers, so that each has about as many.
fn spread(units: Vec<Unit>, writers: usize) -> Vec<Vec<Unit>> {
    let mut shares: Vec<Vec<Unit>> = Vec::new();
    shares.resize_with(writers.min(units.len()), Vec::new);
    let count = shares.len();
    for (number, unit) in units.into_iter().enumerate() {
        shares[number % count].push(unit);
    }
    shares
}

async fn read_windows(
    options: PgConnectOptions,
    (mut position, through): (i64, i64),
    pace: Pace,
    windows: mpsc::Sender<Vec<Recorded>>,
) -> Result<(), ProjectError> {
    let mut connection = options.connect().await?;
    let mut size = FIRST_WINDOW.min(pace.window());
    while position < through {
        let events = copy_page(&mut connection, position, size.min(through - position)).await?;
        let Some(last) = events.last() else {
            return Ok(()); // the log ends before the target
        };
        position = last.position;
        let bytes: usize = events.iter().map(|event| event.payload.len()).sum();
        let fitting = WINDOW_BYTES / (bytes / events.len()).max(1);
        size = i64::try_from(fitting).map_or(pace.window(), |fit| fit.clamp(1, pace.window()));
        if windows.send(events).await.is_err() {
            return Ok(()); // whoever wanted them failed, and says why
        }
    }
    Ok(())
}

async fn decode(
    keyring: Keyring,
    mut read: mpsc::Receiver<Vec<Recorded>>,
    writers: Vec<mpsc::Sender<Window>>,
) -> Result<(), ProjectError> {
    while let Some(events) = read.recv().await {
        let window = Arc::new(batch::read(&keyring, &events).await?);
        let handing = writers.iter().map(|writer| writer.send(window.clone()));
        if try_join_all(handing).await.is_err() {
            return Ok(()); // as above
        }
    }
    Ok(())
}

/// The slowest writer says how far all are.
async fn tell(
    mut heard: mpsc::UnboundedReceiver<(usize, i64)>,
    writers: usize,
    from: i64,
    target: i64,
    report: Reporter<'_>,
) {
    let mut reached = vec![from; writers];
    while let Some((writer, position)) = heard.recv().await {
        reached[writer] = position;
        report(Progress {
            phase: Phase::Loading,
            position: reached.iter().copied().min().unwrap_or(position),
            target,
        });
    }
}
