//! `history STREAM`: what happened to one thing, and what it was at some point.

use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Context;
use chrono::{DateTime, Utc};
use domain::{Event, State};
use event_log::{Recorded, StreamName, read_stream};
use sealing::Opening;
use serde_json::json;
use sqlx::PgPool;

use crate::out::Out;
use crate::{lines, times};

/// Events in memory at once.
const PAGE: i64 = 1_000;

const ENDING: &str = "\
Each line: position, time of recording, version, type, actor, payload. Values over 120
characters are cut off in lines, not in JSON.

With --at, the events up to there and the state that they add up to. The state is what
decisions need, without members' words: those are in the events.

Examples:
  replay-tool history review-5c1f0b52-7f0e-4d3c-9a51-2f6a3a1c8e10
  replay-tool history review-5c1f0b52-7f0e-4d3c-9a51-2f6a3a1c8e10 --at 3
  replay-tool history review-5c1f0b52-7f0e-4d3c-9a51-2f6a3a1c8e10 --at 2026-07-01T12:00:00Z --json";

#[derive(clap::Args)]
#[command(after_help = ENDING)]
pub struct Arguments {
    /// The stream's name: film-…, member-…, review-…, like-…, comment-…, reservation-…
    stream: String,

    /// Show the state at this version or time (of recording; the latest at or before it)
    #[arg(long, value_name = "VERSION|TIME")]
    at: Option<At>,
}

#[derive(Clone, Copy)]
enum At {
    Version(i64),
    Time(DateTime<Utc>),
}

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<At, String> {
        match text.parse() {
            Ok(version) => Ok(At::Version(version)),
            Err(_) => times::parse(text).map(At::Time),
        }
    }
}

impl At {
    fn is_before(self, event: &Recorded) -> bool {
        match self {
            At::Version(version) => event.version > version,
            At::Time(time) => event.recorded_at > time,
        }
    }
}

/// The events so far, and what they add up to.
#[derive(Default)]
struct Folded {
    version: i64,
    position: i64,
    state: State,
}

pub async fn run(arguments: &Arguments, pool: &PgPool, out: &mut Out) -> anyhow::Result<ExitCode> {
    let stream = StreamName::from(arguments.stream.as_str());
    let mut folded = Folded::default();
    let mut last = 0;
    'all: loop {
        let events = read_stream(pool, &stream, last, PAGE).await?;
        anyhow::ensure!(last > 0 || !events.is_empty(), "{stream} has no events");
        for event in &events {
            if arguments.at.is_some_and(|at| at.is_before(event)) {
                break 'all;
            }
            if out.json {
                out.object(&lines::whole(event)?)?;
            } else {
                out.line(lines::event_of_stream(out, event))?;
            }
            if arguments.at.is_some() {
                folded.take(event)?;
            }
        }
        match events.last() {
            Some(event) => last = event.version,
            None => break,
        }
    }
    if arguments.at.is_some() {
        tell_state(&stream, &folded, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Folded {
    fn take(&mut self, recorded: &Recorded) -> anyhow::Result<()> {
        let stored = recorded.stored();
        let event = Event::from_stored(
            stored.event_type,
            stored.schema_version,
            stored.payload,
            Opening::Closed,
        )
        .with_context(|| format!("position {}", recorded.position))?;
        // a stream of another kind would not fold
        anyhow::ensure!(
            event.stream().to_string() == recorded.stream.as_str(),
            "position {} belongs to the stream {}: the log is damaged (see replay-tool verify)",
            recorded.position,
            event.stream()
        );
        self.state.evolve(&event);
        (self.version, self.position) = (recorded.version, recorded.position);
        Ok(())
    }
}

fn tell_state(stream: &StreamName, folded: &Folded, out: &mut Out) -> anyhow::Result<()> {
    let Folded {
        version,
        position,
        state,
    } = folded;
    if out.json {
        out.object(&json!({
            "stream": stream.as_str(),
            "version": version,
            "position": position,
            "state": format!("{state:?}"),
        }))?;
    } else if *version == 0 {
        out.line(out.strong("Nothing had happened yet."))?;
    } else {
        let at = format!("State at version {version}, position {position}:");
        out.line(out.strong(at))?;
        out.line(format!("{state:#?}"))?;
    }
    Ok(())
}
