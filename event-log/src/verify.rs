//! Checking the whole log: positions without a gap, streams' versions contiguous,
//! time never backwards, the hash chain, every stored form readable, every
//! event's command in `log.commands` and no other there that says to have recorded
//! one, and the triggers and unique indexes in place that refuse changes. (A row of
//! a command that changed nothing has no event to fit: it is counted, no more.)
//!
//! Several readers take ranges of positions in turn. A range begins with the
//! stored hash of the event before it, so ranges are independent of each other:
//! the one that holds that event has checked it. What is kept in memory is
//! bounded by a range: the versions of its streams (an event whose stream began
//! in an earlier range is looked up in the table), what was signed of it, and for
//! each range one number that sums up which command recorded which position. What
//! was signed is compared in the order of positions: no reader is further ahead of
//! the slowest than a few ranges.
//!
//! What a chain alone can't tell: whether its newest events were cut off together
//! with their commands' rows, or all of it was written anew. Signed checkpoints can,
//! best those that are kept outside the database.

mod commands;
mod comparing;
mod damage;
mod diagnosis;
mod forged;
mod guards;
mod range;
mod signed;

use std::collections::BTreeMap;
use std::hash::RandomState;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, PgPool};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::event::Recorded;
use crate::store;

use comparing::{Comparing, RangeTree};
pub use damage::{Damage, Kind};
pub use signed::Signatures;
use signed::{Signed, Tally};

/// Ranges for each reader that are being read, or wait in memory for one in front of them that is.
const AHEAD: usize = 2;

/// Who reads the log.
#[derive(Clone, Copy, Debug)]
pub struct Readers {
    /// So many at once, each with a connection of its own.
    pub count: NonZeroUsize,
    /// Positions that a reader takes at a time: what it keeps in memory grows with it.
    pub range: NonZeroU32,
}

impl Readers {
    pub fn new(count: NonZeroUsize) -> Readers {
        let range = const { NonZeroU32::new(50_000).expect("not zero") };
        Readers { count, range }
    }

    fn range(self) -> i64 {
        i64::from(self.range.get())
    }
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Where the log ended when the check began: what came later was not checked.
    pub head: i64,
    /// Rows of `log.commands` that were compared, also of those that changed nothing.
    pub commands: i64,
    /// The first wrong position; everything before it is right.
    pub damage: Option<Damage>,
    /// What should refuse changes and does not, a sentence each.
    pub missing_guards: Vec<String>,
    /// Signed checkpoints that were compared.
    pub checkpoints: usize,
    /// The last position that a checkpoint confirms.
    pub confirmed: i64,
    /// Checkpoints that nobody signed who may, a sentence each.
    pub forged: Vec<String>,
}

impl Verdict {
    pub fn is_sound(&self) -> bool {
        self.damage.is_none() && self.missing_guards.is_empty() && self.forged.is_empty()
    }
}

/// Checks the log up to its present head, beside writers and readers; writes
/// nothing. `decode` says whether a stored form can be read (the log itself can't
/// tell); `progress` hears of positions checked and the head.
pub async fn verify<D, P>(
    pool: &PgPool,
    readers: Readers,
    signatures: &Signatures,
    decode: D,
    progress: P,
) -> sqlx::Result<Verdict>
where
    D: Fn(&Recorded) -> Result<(), String> + Send + Sync + 'static,
    P: Fn(i64, i64) + Send + Sync + 'static,
{
    let options = (*pool.connect_options()).clone();
    let options = options.options([("default_transaction_read_only", "on"), ("jit", "off")]);
    let mut connection = options.connect().await?;
    let missing_guards = guards::missing(&mut connection).await?;
    // before the head: what they cover is there, if it was not cut off
    let signed = Signed::look(&mut connection, signatures).await?;
    let head = store::head_position(&mut connection).await?;
    let check = Arc::new(Check {
        options,
        readers,
        head,
        signed,
        comparing: Mutex::new(Comparing::new()),
        ahead: Arc::new(Semaphore::new(AHEAD * readers.count.get())),
        decode,
        progress,
        seal: RandomState::new(),
        next: AtomicI64::new(0),
        done: AtomicI64::new(0),
        wrong_at: AtomicI64::new(i64::MAX),
    });
    let mut read = check.clone().read_all().await?;
    let mut tally = std::mem::take(&mut read.tally);
    let signed = &check.signed;
    signed.rest(&mut connection, read.read, &mut tally).await?;
    let claims = commands::claims(&check.options, readers, head, &check.seal).await?;
    let damage = match before_first(&mut connection).await? {
        Some(damage) => Some(damage),
        None => first_wrong(&mut connection, (head, readers.range()), read, &claims).await?,
    };
    let damage = earlier(claims.impossible.clone(), damage);
    let comparing = check.comparing();
    let not_as_signed = comparing
        .not_as_signed
        .map(|other| signed.not_as_signed(other));
    let damage = earlier(not_as_signed, damage).or_else(|| signed.cut_off(head));
    Ok(Verdict {
        head,
        commands: claims.commands,
        damage,
        missing_guards,
        checkpoints: tally.checkpoints + signed.kept_outside(),
        confirmed: comparing.confirmed,
        forged: signed.forged(tally.forged),
    })
}

struct Check<D, P> {
    options: PgConnectOptions,
    readers: Readers,
    head: i64,
    signed: Signed,
    comparing: Mutex<Comparing>,
    /// A permit for each range that is being read, or waits to be compared.
    ahead: Arc<Semaphore>,
    decode: D,
    progress: P,
    /// Keys that nobody knows: whoever forges can't aim at a sum.
    seal: RandomState,
    /// The range that is taken next.
    next: AtomicI64,
    done: AtomicI64,
    /// Ranges behind the lowest wrong position need not be read.
    wrong_at: AtomicI64,
}

/// What the readers of events found.
#[derive(Default)]
struct Read {
    /// For each range: who recorded what, summed up.
    sums: BTreeMap<i64, u64>,
    /// What was signed of the ranges.
    tally: Tally,
    /// Up to here all ranges were read.
    read: i64,
    wrong: Option<Damage>,
}

fn earlier(one: Option<Damage>, other: Option<Damage>) -> Option<Damage> {
    let damage = one.into_iter().chain(other);
    damage.min_by_key(|damage| damage.position)
}

impl<D, P> Check<D, P>
where
    D: Fn(&Recorded) -> Result<(), String> + Send + Sync + 'static,
    P: Fn(i64, i64) + Send + Sync + 'static,
{
    fn comparing(&self) -> MutexGuard<'_, Comparing> {
        self.comparing.lock().expect("no reader panics")
    }

    async fn read_all(self: Arc<Self>) -> sqlx::Result<Read> {
        let mut running = JoinSet::new();
        for _ in 0..self.readers.count.get() {
            running.spawn(self.clone().read_ranges());
        }
        let mut all = Read {
            read: self.head,
            ..Read::default()
        };
        while let Some(ended) = running.join_next().await {
            let read = ended.expect("a reader does not panic")?;
            all.sums.extend(read.sums);
            all.tally.add(read.tally);
            all.read = all.read.min(read.read);
            all.wrong = earlier(all.wrong, read.wrong);
        }
        Ok(all)
    }

    /// Takes range after range; each is begun only when all before it are.
    async fn read_ranges(self: Arc<Self>) -> sqlx::Result<Read> {
        let mut connection = self.options.connect().await?;
        let mut read = Read::default();
        loop {
            // before the range: so the first of those that are not compared is always being read
            let ahead = self.ahead.clone().acquire_owned().await;
            let permit = ahead.expect("it is never closed");
            let range = self.next.fetch_add(1, Ordering::Relaxed);
            let from = range * self.readers.range();
            if from >= self.head.min(self.wrong_at.load(Ordering::Relaxed)) {
                read.read = from;
                return Ok(read);
            }
            let through = from.saturating_add(self.readers.range()).min(self.head);
            let tick = |events| {
                let done = self.done.fetch_add(events, Ordering::Relaxed) + events;
                (self.progress)(done, self.head);
            };
            let within = (from, through);
            let claims = self.signed.claims(&mut connection, within, &mut read.tally);
            let claims = claims.await?;
            let signed = self.signed.furthest() > from;
            let tree = signed.then(|| RangeTree::new(within, claims));
            let checked = range::check(
                &mut connection,
                within,
                (&self.decode, &self.seal),
                tree,
                tick,
            );
            let (sum, tree, wrong) = checked.await?;
            if let Some(tree) = tree {
                self.comparing().take(tree, permit);
            }
            if let Some(damage) = &wrong {
                self.wrong_at.fetch_min(damage.position, Ordering::Relaxed);
            } else {
                read.sums.insert(range, sum);
            }
            read.wrong = earlier(read.wrong, wrong);
        }
    }
}

/// An event before the first position, which no range holds.
async fn before_first(connection: &mut PgConnection) -> sqlx::Result<Option<Damage>> {
    let lowest: Option<i64> = sqlx::query_scalar("select min(position) from log.events")
        .fetch_one(connection)
        .await?;
    let out_of_place = |position| Damage::nothing_at(position, Kind::OutOfPlace);
    Ok(lowest.filter(|position| *position < 1).map(out_of_place))
}

/// The lower of what is wrong with the events and of what is wrong between them
/// and their commands.
async fn first_wrong(
    connection: &mut PgConnection,
    (head, size): (i64, i64),
    read: Read,
    claims: &commands::Claims,
) -> sqlx::Result<Option<Damage>> {
    let right = read.wrong.as_ref().map_or(head, |wrong| wrong.position - 1);
    for range in 0..=right / size {
        let (from, through) = (range * size, right.min((range + 1) * size));
        let claimed = claims.sums.get(&range).copied().unwrap_or_default();
        if from == through || read.sums.get(&range) == Some(&claimed) {
            continue;
        }
        if let Some(damage) = commands::first_unclaimed(connection, from, through).await? {
            return Ok(Some(damage));
        }
    }
    if let Some(wrong) = read.wrong {
        return diagnosis::explain(connection, wrong, head).await.map(Some);
    }
    // read behind the commands: what they recorded is there, if it was not cut off
    let head = store::head_position(connection).await?;
    let through = claims.furthest;
    let cut_off = || Damage::nothing_at(head + 1, Kind::CutOff { through });
    Ok((through > head).then(cut_off))
}
