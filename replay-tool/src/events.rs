//! `events`: what happened, filtered in SQL, page by page.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use event_log::{Filter, Order, Recorded, Tail, head, read_matching};
use projections::history::Wanted;
use sqlx::PgPool;
use uuid::Uuid;

use crate::out::Out;
use crate::{lines, times, tree};

/// Events in memory at once.
const PAGE: i64 = 1_000;
/// Matching events whose trees are shown when no limit is given.
const TREES: i64 = 100;

const ENDING: &str = "\
Each line: position, time of recording, stream and version, type, actor, payload.

Examples:
  replay-tool events --limit 20
  replay-tool events --member 5c1f0b52-7f0e-4d3c-9a51-2f6a3a1c8e10 --since 2026-07-01
  replay-tool events --type review.posted --film 0f8b8a4e-96b7-5d1c-b1cb-7d0e3c0f5a11 --json
  replay-tool events --follow
  replay-tool events --after 1200 --limit 5 --tree";

#[derive(clap::Args)]
#[command(after_help = ENDING)]
pub struct Arguments {
    /// Caused by this member (all zeros: by nobody who is signed in)
    #[arg(long, value_name = "UUID")]
    actor: Option<Uuid>,

    /// Of this type, such as review.posted
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,

    /// In this stream
    #[arg(long)]
    stream: Option<String>,

    /// About this film
    #[arg(long, value_name = "UUID")]
    film: Option<Uuid>,

    /// About this member or what they wrote, whoever caused it
    #[arg(long, value_name = "UUID")]
    member: Option<Uuid>,

    /// Recorded then or later
    #[arg(long, value_name = "TIME", value_parser = times::parse)]
    since: Option<DateTime<Utc>>,

    /// Recorded before then
    #[arg(long, value_name = "TIME", value_parser = times::parse)]
    until: Option<DateTime<Utc>>,

    /// Of this request and all that followed from it
    #[arg(long, value_name = "UUID")]
    correlation: Option<Uuid>,

    /// Behind this position
    #[arg(long, value_name = "POSITION")]
    after: Option<i64>,

    /// No more than so many
    #[arg(long, value_name = "EVENTS", value_parser = clap::value_parser!(i64).range(1..))]
    limit: Option<i64>,

    /// Go on with what happens from now on (from --after or --since, if given), until interrupted
    #[arg(long, conflicts_with = "until")]
    follow: bool,

    /// Show each match among all events of its request, under the event that it follows from
    #[arg(long, conflicts_with_all = ["follow", "json"])]
    tree: bool,
}

pub async fn run(arguments: &Arguments, pool: &PgPool, out: &mut Out) -> anyhow::Result<ExitCode> {
    let (after, through) = arguments.range(pool).await?;
    let mut matching = Matching {
        pool,
        filter: arguments.wanted().filter(),
        position: after,
        left: arguments.limit.unwrap_or(i64::MAX),
    };
    if arguments.tree {
        matching.left = arguments.limit.unwrap_or(TREES);
        tree::show(&mut matching, through, out).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let found = matching.show(through, out).await?;
    if found == 0 && !arguments.follow && !out.json {
        out.line("No event matches.")?;
    }
    if arguments.follow {
        let tail = Tail::start(pool.clone()).await?;
        while matching.left > 0 {
            tail.wait_past(matching.position).await;
            matching.show(tail.head(), out).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Arguments {
    fn wanted(&self) -> Wanted {
        Wanted {
            actor: self.actor,
            event_type: self.event_type.clone(),
            stream: self.stream.clone(),
            film: self.film,
            member: self.member,
            correlation: self.correlation,
            since: self.since,
            until: self.until,
        }
    }

    /// Behind which position and up to which one.
    async fn range(&self, pool: &PgPool) -> anyhow::Result<(i64, i64)> {
        let mut connection = pool.acquire().await?;
        let (begin, through) = self.wanted().range(&mut connection).await?;
        let from_now_on = self.follow && self.after.is_none() && self.since.is_none();
        if from_now_on {
            let head = head(&mut *connection).await?.position;
            return Ok((head, through));
        }
        Ok((begin.max(self.after.unwrap_or(0)), through))
    }
}

/// The matching events, page by page.
pub struct Matching<'a> {
    pub pool: &'a PgPool,
    filter: Filter,
    /// All up to here was looked at.
    position: i64,
    /// How many are still wanted.
    left: i64,
}

impl Matching<'_> {
    /// The next matches up to `through`; none when there are no more.
    pub async fn page(&mut self, through: i64) -> sqlx::Result<Vec<Recorded>> {
        let mut connection = self.pool.acquire().await?;
        while self.position < through && self.left > 0 {
            let limit = PAGE.min(self.left);
            let range = (self.position, through);
            let order = Order::OldestFirst;
            let found = read_matching(&mut connection, &self.filter, range, order, limit).await?;
            self.left -= i64::try_from(found.events.len()).unwrap_or(limit);
            self.position = found.next.unwrap_or(through);
            if !found.events.is_empty() {
                return Ok(found.events);
            }
        }
        Ok(Vec::new())
    }

    /// How many were shown.
    async fn show(&mut self, through: i64, out: &mut Out) -> anyhow::Result<usize> {
        let mut shown = 0;
        loop {
            let events = self.page(through).await?;
            if events.is_empty() {
                return Ok(shown);
            }
            shown += events.len();
            for event in &events {
                if out.json {
                    out.object(&lines::whole(event)?)?;
                } else {
                    out.line(lines::event(out, event))?;
                }
            }
            out.flush()?;
        }
    }
}
