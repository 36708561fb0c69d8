//! The log's form outside of a database: CloudEvents 1.0 in JSON, one for each line.
//!
//! An event has its payload as `data`, byte for byte as it is stored (sealed fields
//! stay sealed), and what the log knows of it as extension attributes. Positions and
//! versions are texts: CloudEvents' integers end at 2³¹. An accepted command is a line of
//! its own behind the last event that was there; its `hash` covers it and all commands
//! before it, as an event's does for events. A signed checkpoint is a line behind the last event
//! that it covers, with the note as `data`. The last line says that it is the last.

use std::borrow::Cow;

use anyhow::{Context, bail, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use event_log::checkpoint::Signed;
use event_log::{Head, Recorded, StoredCommand};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const VERSION: &str = "1.0";
const SOURCE: &str = "/reeltime/log";
const COMMAND: &str = "log.command";
const CHECKPOINT: &str = "log.checkpoint";
const END: &str = "log.end";

/// What the first command is tied to.
pub const FIRST: [u8; 32] = [0; 32];

pub enum Line {
    Event(Box<Recorded>),
    /// With its hash.
    Command(StoredCommand, [u8; 32]),
    Checkpoint(Signed),
    End(End),
}

/// What was exported: the log's head, the last command's hash, and how many checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    pub position: i64,
    pub hash: [u8; 32],
    pub commands: [u8; 32],
    pub checkpoints: u64,
}

impl End {
    pub fn of(head: &Head, commands: [u8; 32], checkpoints: u64) -> End {
        End {
            position: head.position,
            hash: head.hash,
            commands,
            checkpoints,
        }
    }
}

/// A command's hash: SHA-256(hash before ‖ id ‖ actor ‖ position ‖ events ‖ digest).
pub fn hash_command(before: &[u8; 32], command: &StoredCommand) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update(before);
    sha.update(command.id.as_bytes());
    sha.update(command.actor.as_bytes());
    sha.update(command.position.to_be_bytes());
    sha.update(command.events.to_be_bytes());
    sha.update(&command.digest);
    sha.finalize().into()
}

/// All attributes that a line may have.
#[derive(Default, Serialize, Deserialize)]
struct CloudEvent<'l> {
    specversion: Cow<'l, str>,
    id: String,
    source: Cow<'l, str>,
    #[serde(rename = "type")]
    kind: Cow<'l, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Cow<'l, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    datacontenttype: Option<Cow<'l, str>>,
    #[serde(default)]
    position: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    streamversion: Option<String>,
    /// The version in its stream that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    aboutversion: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schemaversion: Option<i16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recordedtime: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commandid: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlationid: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    causationid: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keyid: Option<Uuid>,
    /// Of a command: how many events it recorded, and the digest of what was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    /// Of the end: the last command's hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    commandhash: Option<String>,
    /// Of the end: how many checkpoints came.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoints: Option<u64>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    data: Option<&'l RawValue>,
    /// A payload that would not survive as a part of a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    data_base64: Option<String>,
}

pub fn event(event: &Recorded) -> serde_json::Result<String> {
    let payload = event.payload.as_str();
    let fits = payload.trim() == payload && !payload.contains(['\n', '\r']);
    let raw: Option<&RawValue> = match fits {
        true => Some(serde_json::from_str(payload)?),
        false => None,
    };
    let line = CloudEvent {
        specversion: VERSION.into(),
        id: event.id.to_string(),
        source: SOURCE.into(),
        kind: event.event_type.as_str().into(),
        subject: Some(event.stream.as_str().into()),
        time: Some(told(event.occurred_at)),
        datacontenttype: Some("application/json".into()),
        position: event.position.to_string(),
        streamversion: Some(event.version.to_string()),
        aboutversion: event.about.map(|version| version.to_string()),
        schemaversion: Some(event.schema_version),
        recordedtime: Some(told(event.recorded_at)),
        actor: Some(event.actor),
        commandid: Some(event.command),
        correlationid: Some(event.correlation),
        causationid: event.causation,
        keyid: event.key_id,
        hash: Some(hex(&event.hash)),
        data: raw,
        data_base64: (!fits).then(|| BASE64_STANDARD.encode(payload)),
        ..CloudEvent::default()
    };
    serde_json::to_string(&line)
}

pub fn command(command: &StoredCommand, hash: &[u8; 32]) -> serde_json::Result<String> {
    let line = CloudEvent {
        specversion: VERSION.into(),
        // a command's id is its actor's own
        id: format!("{}/{}", command.actor, command.id),
        source: SOURCE.into(),
        kind: COMMAND.into(),
        position: command.position.to_string(),
        actor: Some(command.actor),
        commandid: Some(command.id),
        events: Some(command.events),
        digest: Some(hex(&command.digest)),
        hash: Some(hex(hash)),
        ..CloudEvent::default()
    };
    serde_json::to_string(&line)
}

pub fn checkpoint(signed: &Signed) -> serde_json::Result<String> {
    let note = serde_json::value::to_raw_value(&signed.note)?;
    let line = CloudEvent {
        specversion: VERSION.into(),
        id: format!("checkpoint/{}", signed.size),
        source: SOURCE.into(),
        kind: CHECKPOINT.into(),
        time: Some(told(signed.signed_at)),
        datacontenttype: Some("application/json".into()),
        position: signed.size.to_string(),
        data: Some(&note),
        ..CloudEvent::default()
    };
    serde_json::to_string(&line)
}

pub fn end(end: &End) -> serde_json::Result<String> {
    let line = CloudEvent {
        specversion: VERSION.into(),
        id: format!("end/{}", end.position),
        source: SOURCE.into(),
        kind: END.into(),
        position: end.position.to_string(),
        hash: Some(hex(&end.hash)),
        commandhash: Some(hex(&end.commands)),
        checkpoints: Some(end.checkpoints),
        ..CloudEvent::default()
    };
    serde_json::to_string(&line)
}

/// Reads a line back.
pub fn read(text: &str) -> anyhow::Result<Line> {
    let line: CloudEvent = serde_json::from_str(text).context("it is no CloudEvent of a log")?;
    ensure!(
        line.specversion == VERSION && line.source == SOURCE,
        "it is no CloudEvent of a log"
    );
    let position = line.position.parse().context("position")?;
    match &*line.kind {
        END => Ok(Line::End(End {
            position,
            hash: hash(line.hash.as_deref())?,
            commands: hash(line.commandhash.as_deref())?,
            checkpoints: line.checkpoints.context("checkpoints")?,
        })),
        CHECKPOINT => Ok(Line::Checkpoint(Signed {
            size: position,
            note: serde_json::from_str(line.data.context("data")?.get()).context("data")?,
            signed_at: time(line.time.as_deref()).context("time")?,
        })),
        COMMAND => {
            let command = StoredCommand {
                id: line.commandid.context("commandid")?,
                actor: line.actor.context("actor")?,
                position,
                events: line.events.context("events")?,
                digest: bytes(line.digest.as_deref().context("digest")?)?,
            };
            Ok(Line::Command(command, hash(line.hash.as_deref())?))
        }
        _ => Ok(Line::Event(Box::new(recorded(&line, position)?))),
    }
}

fn recorded(line: &CloudEvent<'_>, position: i64) -> anyhow::Result<Recorded> {
    let payload = match (line.data, &line.data_base64) {
        (Some(data), None) => data.get().to_owned(),
        (None, Some(data)) => String::from_utf8(BASE64_STANDARD.decode(data)?)?,
        _ => bail!("it has no data, or twice"),
    };
    let about = line.aboutversion.as_deref().map(str::parse::<i64>);
    let version = line.streamversion.as_deref().context("streamversion")?;
    Ok(Recorded {
        position,
        stream: line.subject.as_deref().context("subject")?.into(),
        version: version.parse().context("streamversion")?,
        about: about.transpose().context("aboutversion")?,
        id: line.id.parse().context("id")?,
        event_type: line.kind.clone().into_owned(),
        schema_version: line.schemaversion.context("schemaversion")?,
        payload,
        key_id: line.keyid,
        actor: line.actor.context("actor")?,
        command: line.commandid.context("commandid")?,
        correlation: line.correlationid.context("correlationid")?,
        causation: line.causationid,
        occurred_at: time(line.time.as_deref()).context("time")?,
        recorded_at: time(line.recordedtime.as_deref()).context("recordedtime")?,
        hash: hash(line.hash.as_deref())?,
    })
}

fn told(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn time(text: Option<&str>) -> anyhow::Result<DateTime<Utc>> {
    let text = text.context("it is missing")?;
    let time = DateTime::parse_from_rfc3339(text)?.to_utc();
    // in UTC it may be a year that could not be written again
    ensure!((0..=9_999).contains(&time.year()), "it is too far away");
    Ok(time)
}

fn hash(hex: Option<&str>) -> anyhow::Result<[u8; 32]> {
    let bytes: Result<[u8; 32], _> = bytes(hex.context("hash")?)?.try_into();
    bytes.map_err(|_| anyhow::anyhow!("a hash has 32 bytes"))
}

pub fn hex(bytes: &[u8]) -> String {
    let digit = |digit: u8| char::from_digit(u32::from(digit), 16).expect("it is below 16");
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}

fn bytes(hex: &str) -> anyhow::Result<Vec<u8>> {
    ensure!(
        hex.is_ascii() && hex.len().is_multiple_of(2),
        "not hexadecimal"
    );
    let pairs = (0..hex.len()).step_by(2);
    let bytes = pairs.map(|at| u8::from_str_radix(&hex[at..at + 2], 16));
    Ok(bytes.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(payload: &str) -> Recorded {
        Recorded {
            position: 3_000_000_000,
            stream: "review-1".into(),
            version: 2,
            about: Some(1),
            id: Uuid::from_u128(1),
            event_type: "review.posted".to_owned(),
            schema_version: 1,
            payload: payload.to_owned(),
            key_id: Some(Uuid::from_u128(2)),
            actor: Uuid::from_u128(3),
            command: Uuid::from_u128(4),
            correlation: Uuid::from_u128(5),
            causation: None,
            occurred_at: DateTime::from_timestamp_micros(1_782_907_200_000_001).unwrap(),
            recorded_at: DateTime::from_timestamp_micros(1_782_907_200_999_999).unwrap(),
            hash: [0xAB; 32],
        }
    }

    #[test]
    fn a_hash_is_shown_byte_for_byte() {
        let hash: [u8; 32] = std::array::from_fn(|index| u8::try_from(index * 8).unwrap());
        let bytes: Vec<String> = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex(&hash), bytes.concat());
    }

    #[test]
    fn an_event_comes_back_byte_for_byte() {
        for payload in [
            r#"{"text": "기생충" , "n":1.50}"#,
            " {} ",
            "{\n}",
            "\"\\n\"",
        ] {
            let stored = recorded(payload);
            let line = event(&stored).unwrap();
            assert!(!line.contains('\n'), "{line}");
            let Line::Event(read) = read(&line).unwrap() else {
                panic!("{line}");
            };
            assert!(*read == stored && read.payload == payload, "{line}");
        }
    }

    #[test]
    fn a_command_a_checkpoint_and_the_end_come_back() {
        let stored = StoredCommand {
            id: Uuid::from_u128(1),
            actor: Uuid::from_u128(2),
            position: 3,
            events: 1,
            digest: vec![0, 255],
        };
        let hash = hash_command(&FIRST, &stored);
        let line = command(&stored, &hash).unwrap();
        let Line::Command(read_back, read_hash) = read(&line).unwrap() else {
            panic!("{line}");
        };
        assert_eq!(hash_command(&FIRST, &read_back), hash);
        assert_eq!(read_hash, hash);
        let signed = Signed {
            size: 3,
            note: "reeltime/log\n3\nAAAA\n\n— reeltime/log AAAA\n".to_owned(),
            signed_at: DateTime::from_timestamp_micros(1_782_907_200_000_001).unwrap(),
        };
        let line = checkpoint(&signed).unwrap();
        assert!(!line.contains('\n'), "{line}");
        assert!(matches!(read(&line), Ok(Line::Checkpoint(read_back)) if read_back == signed));
        let last = End::of(&Head::EMPTY, hash, 1);
        let line = end(&last).unwrap();
        assert!(matches!(read(&line), Ok(Line::End(read_back)) if read_back == last));
    }

    #[test]
    fn a_line_is_a_cloud_event() {
        let line = event(&recorded("{}")).unwrap();
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&line).unwrap();
        assert_eq!(object["specversion"], "1.0");
        assert_eq!(object["subject"], "review-1");
        assert_eq!(object["time"], "2026-07-01T12:00:00.000001Z");
        assert_eq!(object["position"], "3000000000");
        // names of attributes: at most twenty small letters and digits
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        assert!(
            object
                .keys()
                .all(|name| name.len() <= 20 && name.chars().all(plain))
        );
    }

    #[test]
    fn what_is_no_line_of_a_log_is_refused() {
        for text in [
            "",
            "{}",
            r#"{"specversion":"1.0","id":"1","source":"elsewhere","type":"x"}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
