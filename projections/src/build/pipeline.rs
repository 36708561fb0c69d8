//! Reading, decoding and writing at once, each in a task of its own.

use std::collections::HashMap;
use std::sync::Arc;

use event_log::{Keyring, Recorded, copy_page};
use futures::future::try_join_all;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnection;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::pace::Turns;
use super::writer::{Where, Writer};
use super::{Pace, Phase, Progress, Reporter, Source, Unit, span};
use crate::aside::aside;
use crate::batch;
use crate::changes::Mode;
use crate::model::Happened;
use crate::projector::{ProjectError, connect};

/// Windows that wait between two stages.
const WAITING: usize = 2;
/// Where the size of events is not known yet.
const FIRST_WINDOW: i64 = 100;

type Window = Arc<Vec<Happened>>;

/// Brings all units to their targets, and gives their tables the keys. What they wrote is
/// committed from time to time: broken off anywhere, it goes on from there.
pub(crate) async fn load(
    source: &Source,
    place: &Where,
    mut units: Vec<Unit>,
    pace: Pace,
    report: Reporter<'_>,
) -> Result<Vec<Unit>, ProjectError> {
    loop {
        let (done, sound) = pass(source, place, units, pace, &mut *report).await?;
        units = done;
        units.sort_by_key(|unit| unit.model.name());
        if sound {
            units
                .iter_mut()
                .for_each(|unit| unit.model.begin(Mode::Live));
            return Ok(units);
        }
    }
}

/// False: some model is not there yet, and must go on with care.
async fn pass(
    source: &Source,
    place: &Where,
    units: Vec<Unit>,
    pace: Pace,
    report: Reporter<'_>,
) -> Result<(Vec<Unit>, bool), ProjectError> {
    let (from, through) = span(&units);
    let (send_read, read) = mpsc::channel(WAITING);
    let (progress, heard) = mpsc::unbounded_channel();
    let turns = Turns::new(pace);
    // dropped with this future: nothing goes on unobserved
    let (mut readers, mut writers) = (JoinSet::new(), JoinSet::new());
    let mut inputs = Vec::new();
    let mut reading = source.options.connect().await?;
    let sizes = live_sizes(&mut reading).await?;
    let shares = spread(units, pace.writers(), &sizes);
    let whole: i64 = shares.iter().map(|(size, _)| size).sum();
    for (number, (size, mut units)) in shares.into_iter().enumerate() {
        let memory = (source.memory as f64 * size as f64 / whole as f64) as usize;
        let (input, windows) = mpsc::channel(WAITING);
        inputs.push(input);
        let writer = Writer {
            number,
            connection: connect(&source.options, &place.schema).await?,
            resumable: place.resumable,
            windows,
            pace,
            turns: turns.clone(),
            memory,
            progress: progress.clone(),
        };
        writers.spawn(aside(async move {
            let sound = writer.write(&mut units).await;
            sound.map(|sound| (units, sound))
        }));
    }
    drop(progress);
    readers.spawn(read_windows(
        reading,
        (from, through),
        turns.clone(),
        send_read,
    ));
    readers.spawn(aside(decode(source.keyring.clone(), read, turns, inputs)));
    tell(heard, writers.len(), from, through, report).await;
    let (mut units, mut sound) = (Vec::new(), true);
    while let Some(done) = writers.join_next().await {
        let (done, its) = done.expect("writers do not panic")?;
        units.extend(done);
        sound &= its;
    }
    while let Some(done) = readers.join_next().await {
        done.expect("readers do not panic")?;
    }
    Ok((units, sound))
}

/// What the live tables take on the disk.
async fn live_sizes(connection: &mut PgConnection) -> sqlx::Result<HashMap<String, i64>> {
    let query = "select relname::text, pg_table_size(oid) from pg_class
                 where relnamespace = 'read'::regnamespace and relkind = 'r'";
    let sizes: Vec<(String, i64)> = sqlx::query_as(query).fetch_all(connection).await?;
    Ok(sizes.into_iter().collect())
}

/// Shares the models among writers, so that each has about as much to write as the others; with how
/// much that is.
fn spread(
    mut units: Vec<Unit>,
    writers: usize,
    sizes: &HashMap<String, i64>,
) -> Vec<(i64, Vec<Unit>)> {
    // an empty one is work, too: it looks at each event
    let size = |unit: &Unit| sizes.get(unit.model.name()).map_or(1, |size| size + 1);
    units.sort_by_key(|unit| std::cmp::Reverse(size(unit)));
    let mut shares: Vec<(i64, Vec<Unit>)> = Vec::new();
    shares.resize_with(writers.min(units.len()), Default::default);
    for unit in units {
        if let Some((sum, share)) = shares.iter_mut().min_by_key(|(sum, _)| *sum) {
            *sum += size(&unit);
            share.push(unit);
        }
    }
    shares
}

async fn read_windows(
    mut connection: PgConnection,
    (mut position, through): (i64, i64),
    turns: Turns,
    windows: mpsc::Sender<Vec<Recorded>>,
) -> Result<(), ProjectError> {
    let most = turns.pace().window();
    let mut size = FIRST_WINDOW.min(most);
    while position < through {
        let turn = turns.next().await;
        let events = copy_page(&mut connection, position, size.min(through - position)).await?;
        let Some(last) = events.last() else {
            return Ok(()); // the log ends before the target
        };
        position = last.position;
        let bytes: usize = events.iter().map(|event| event.payload.len()).sum();
        let fitting = turns.pace().window_bytes() / (bytes / events.len()).max(1);
        size = i64::try_from(fitting).map_or(most, |fit| fit.clamp(1, most));
        turn.end().await;
        if windows.send(events).await.is_err() {
            return Ok(()); // whoever wanted them failed, and says why
        }
    }
    Ok(())
}

async fn decode(
    keyring: Keyring,
    mut read: mpsc::Receiver<Vec<Recorded>>,
    turns: Turns,
    writers: Vec<mpsc::Sender<Window>>,
) -> Result<(), ProjectError> {
    while let Some(events) = read.recv().await {
        let turn = turns.next().await;
        let window = Arc::new(batch::read(&keyring, &events).await?);
        drop(events);
        turn.end().await;
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
