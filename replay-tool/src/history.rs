//! `history STREAM`: what happened to one thing, and what it was at some point.

use std::process::ExitCode;

use anyhow::Context;
use domain::Event;
use event_log::{Recorded, StreamName, copy_stream};
use projections::history::{At, StreamAt};
use sealing::Opening;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::lines;
use crate::out::Out;

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
    /// The stream's name, such as review-…, member-… or room-…, as `events` shows it
    stream: String,

    /// Show the state at this version or time (of recording; the latest at or before it)
    #[arg(long, value_name = "VERSION|TIME")]
    at: Option<At>,
}

pub async fn run(arguments: &Arguments, pool: &PgPool, out: &mut Out) -> anyhow::Result<ExitCode> {
    let stream = StreamName::from(arguments.stream.as_str());
    let mut folded = StreamAt::default();
    let mut last = 0;
    let mut connection = pool.acquire().await?;
    'all: loop {
        let events = copy_stream(&mut connection, &stream, last, PAGE).await?;
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
                take(&mut folded, event)?;
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

/// Members' words are shown sealed, and the state needs none.
fn take(folded: &mut StreamAt, recorded: &Recorded) -> anyhow::Result<()> {
    let stored = recorded.stored();
    let (event_type, version) = (stored.event_type, stored.schema_version);
    let event = Event::from_stored(event_type, version, stored.payload, Opening::Closed)
        .with_context(|| format!("position {}", recorded.position))?;
    folded.take(recorded, &event)?;
    Ok(())
}

/// As the API has it, but for words: none was opened here, and which were forgotten is not known.
fn as_object(folded: &StreamAt) -> Value {
    let mut state = folded.shown();
    if let Value::Object(fields) = &mut state {
        let unopened = json!({ "forgotten": true });
        let words = fields.values_mut().filter(|value| **value == unopened);
        words.for_each(|value| *value = json!({ "sealed": true }));
    }
    state
}

fn tell_state(stream: &StreamName, folded: &StreamAt, out: &mut Out) -> anyhow::Result<()> {
    let StreamAt {
        version,
        position,
        state,
        ..
    } = folded;
    if out.json {
        out.object(&json!({
            "stream": stream.as_str(),
            "version": version,
            "position": position,
            "state": as_object(folded),
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
