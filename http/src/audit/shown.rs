//! Events as the API shows them.

use chrono::{DateTime, Utc};
use domain::MemberId;
use event_log::Recorded;
use projections::history::{Opened, StreamAt};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Names;

/// A member by their name as it is now.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Who {
    pub id: Uuid,
    /// Null: a former member.
    #[schema(required = true)]
    pub name: Option<String>,
}

/// What happened once.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ShownEvent {
    /// In the log: 1, 2, 3 …
    pub position: i64,
    /// What it happened to.
    #[schema(example = "review-b996553c-5aff-524f-af5c-8d6a037913a8")]
    pub stream: String,
    /// Its number in the stream.
    pub version: i64,
    /// Zeros where it is not told.
    pub id: Uuid,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "review.posted")]
    pub event_type: String,
    pub schema_version: i16,
    /// When it happened, as the command says.
    pub occurred_at: DateTime<Utc>,
    /// When it was recorded; never decreases.
    pub recorded_at: DateTime<Utc>,
    /// Who caused it; null: nobody who was signed in.
    #[schema(required = true)]
    pub actor: Option<Who>,
    /// Zeros where it is not told.
    pub command: Uuid,
    /// Of the request, and all that followed from it.
    pub correlation: Uuid,
    /// The event that it follows from; null: somebody asked for it.
    #[schema(required = true)]
    pub causation: Option<Uuid>,
    /// What it says, opened; `{"forgotten": true}` where the keys were destroyed.
    #[schema(value_type = Object)]
    pub data: Value,
    /// Why it can't be read; `data` is then as it is stored. Null: it can.
    #[schema(required = true)]
    pub unreadable: Option<String>,
    /// SHA-256 over this event and all before it, in hexadecimal; zeros where it is not told.
    pub hash: String,
    /// Where its receipt is, which `replay-tool check-receipt` accepts.
    pub receipt: String,
}

impl ShownEvent {
    /// `place` is where events and their receipts are found: `/api/v1/audit/events`.
    pub fn of(opened: Opened, names: &Names, place: &str) -> ShownEvent {
        let Opened {
            recorded,
            data,
            unreadable,
            ..
        } = opened;
        let actor = Some(recorded.actor).filter(|actor| !actor.is_nil());
        ShownEvent {
            receipt: format!("{place}/{}/receipt", recorded.position),
            position: recorded.position,
            stream: recorded.stream.to_string(),
            version: recorded.version,
            id: recorded.id,
            event_type: recorded.event_type,
            schema_version: recorded.schema_version,
            occurred_at: recorded.occurred_at,
            recorded_at: recorded.recorded_at,
            actor: actor.map(|id| Who {
                id,
                name: names.member(id).map(str::to_owned),
            }),
            command: recorded.command,
            correlation: recorded.correlation,
            causation: recorded.causation,
            hash: recorded.hash.map(|byte| format!("{byte:02x}")).concat(),
            data,
            unreadable,
        }
    }
}

/// Whether a member may see all of an event of their history: not of an auditor's reading, which
/// concerns others, too.
pub fn is_all_shown(recorded: &Recorded, member: MemberId) -> bool {
    recorded.event_type != "audit.read" || recorded.actor == member.0
}

/// Of a reading that concerns a member they are told that it was and whose: not what else was
/// asked for, nor whom else it concerns. Of a measure of the site's moderators, all but whose it is.
pub fn own_data(mut opened: Opened, member: MemberId) -> Opened {
    if !is_all_shown(&opened.recorded, member) {
        opened.data = json!({ "auditor": opened.recorded.actor });
    }
    if names_a_moderator(&opened.recorded, member) {
        opened.recorded.actor = Uuid::nil();
        // with these, members could be tried until one fits: an event's id and hash are made of
        // who acted and under which command
        opened.recorded.hash = [0; 32];
        opened.recorded.id = Uuid::nil();
        opened.recorded.command = Uuid::nil();
        if let Value::Object(data) = &mut opened.data {
            data.remove("by");
        }
    }
    opened
}

/// Whom it is against does not learn who of the moderators it was; its receipt would tell.
pub fn names_a_moderator(event: &Recorded, member: MemberId) -> bool {
    let kind = event.event_type.as_str();
    event.actor != member.0 && (MEASURES.contains(&kind) || kind == RETRACTED && is_taken(event))
}

const RETRACTED: &str = "room.message_retracted";

/// Of a message that was retracted: by a measure.
fn is_taken(event: &Recorded) -> bool {
    #[derive(Deserialize)]
    struct Said {
        measure: Option<Uuid>,
    }
    let said: Option<Said> = serde_json::from_str(&event.payload).ok();
    said.is_some_and(|said| said.measure.is_some())
}

/// What is recorded when a measure is taken, lifted or decided on.
const MEASURES: [&str; 10] = [
    "measure.taken",
    "measure.lifted",
    "measure.ended",
    "measure.decided",
    "review.hidden",
    "review.restored",
    "comment.hidden",
    "comment.restored",
    "member.suspended",
    "member.reinstated",
];

/// One thing as it was.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditedStream {
    pub stream: String,
    /// How many events had happened to it; 0: none.
    pub version: i64,
    /// Of the last of them.
    pub position: i64,
    /// What they add up to, as decisions see it, with the words that stand there; null: nothing
    /// had happened yet.
    #[schema(value_type = Object)]
    pub state: Value,
    /// The last of them, oldest first.
    pub events: Vec<ShownEvent>,
    /// The version in front of these, for `at` of the page before; null: it begins with them.
    #[schema(required = true)]
    pub before: Option<i64>,
}

impl AuditedStream {
    pub fn of(stream: String, at: &StreamAt, events: Vec<ShownEvent>) -> AuditedStream {
        let first = events.first().map_or(0, |event| event.version);
        AuditedStream {
            stream,
            version: at.version,
            position: at.position,
            state: at.shown(),
            before: Some(first - 1).filter(|before| *before > 0),
            events,
        }
    }
}
