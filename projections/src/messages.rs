//! What is said in rooms.

mod asked;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::forgetting::{self, Extent, Forgotten};
use domain::room::{Event as RoomEvent, MessagePosted};
use domain::{Event, MemberId, MessageText, Reason, RoomId, Sealed};
use sqlx::types::Json;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;

pub use asked::*;

/// Who reacted how.
pub type Reactions = BTreeMap<String, BTreeSet<Uuid>>;

table! {
    /// A message; retracted ones stay in their place.
    pub struct Message in messages {
        key { room: Uuid, seq: i64 }
        n: i64,
        member: Uuid,
        /// `None`: retracted, or forgotten with its author.
        text: Option<String>,
        spoiler: bool,
        posted_at: DateTime<Utc>,
        edited_at: Option<DateTime<Utc>>,
        reply_to: Option<i64>,
        mentions: Json<Vec<Uuid>>,
        reactions: Json<Reactions>,
        retracted_by: Option<Uuid>,
        retraction_reason: Option<String>,
        /// By which measure of the site's moderators it is gone: who took it isn't told.
        measure: Option<Uuid>,
    }
}

impl ReadModel for Message {
    const VERSION: i32 = 2;

    fn apply(happened: &Happened, messages: &mut Changes<Message>) {
        let event = match &happened.event {
            Event::Room(event) => event,
            Event::Forgetting(forgetting::Event::Forgotten(forgotten)) => {
                return forget(forgotten, messages);
            }
            Event::Film(_)
            | Event::Reservation(_)
            | Event::Member(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Follow(_)
            | Event::Comment(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Watchlist(_)
            | Event::Audit(_) => return,
        };
        apply_room(happened, event, messages);
    }
}

fn apply_room(happened: &Happened, event: &RoomEvent, messages: &mut Changes<Message>) {
    let mut change = |room: RoomId, seq: i64, patch: Patch| {
        messages.patch((room.0, seq), patch);
    };
    let at = happened.at;
    match event.clone() {
        RoomEvent::MessagePosted(said) => messages.put(posted(happened, &said)),
        RoomEvent::MessageEdited(edited) => {
            let edit = move |message: &mut Message| {
                message.text = text(&edited.body);
                message.spoiler = edited.spoiler;
                message.mentions = ids(&edited.mentions);
                message.edited_at = Some(at);
            };
            change(edited.room, edited.message, Box::new(edit));
        }
        RoomEvent::MessageRetracted(retracted) => {
            let retract = move |message: &mut Message| {
                message.text = None;
                message.mentions = Json(Vec::new());
                message.reactions = Json(Reactions::new());
                message.retracted_by = Some(retracted.by.0);
                message.retraction_reason = reason(retracted.reason.as_ref());
                message.measure = retracted.measure.map(|measure| measure.0);
            };
            change(retracted.room, retracted.message, Box::new(retract));
        }
        RoomEvent::Reacted(reacted) => {
            let react = move |message: &mut Message| {
                let reaction = reacted.reaction.as_str().to_owned();
                let members = message.reactions.entry(reaction).or_default();
                members.insert(reacted.member.0);
            };
            change(reacted.room, reacted.message, Box::new(react));
        }
        RoomEvent::Unreacted(unreacted) => {
            let take_back = move |message: &mut Message| {
                let reaction = unreacted.reaction.as_str();
                if let Some(members) = message.reactions.get_mut(reaction) {
                    members.remove(&unreacted.member.0);
                }
                message.reactions.retain(|_, members| !members.is_empty());
            };
            change(unreacted.room, unreacted.message, Box::new(take_back));
        }
        RoomEvent::Opened(_)
        | RoomEvent::Renamed(_)
        | RoomEvent::Described(_)
        | RoomEvent::ClosingChosen(_)
        | RoomEvent::Archived(_)
        | RoomEvent::Reopened(_)
        | RoomEvent::Entered(_)
        | RoomEvent::Left(_)
        | RoomEvent::Invited(_)
        | RoomEvent::InvitationDeclined(_)
        | RoomEvent::Muted(_)
        | RoomEvent::Unmuted(_)
        | RoomEvent::Removed(_)
        | RoomEvent::Banned(_)
        | RoomEvent::Unbanned(_)
        | RoomEvent::SlowModeSet(_)
        | RoomEvent::ModeratorAppointed(_)
        | RoomEvent::ModeratorDismissed(_) => {}
    }
}

/// What they said, and why they retracted what others said.
fn forget(forgotten: &Forgotten, messages: &mut Changes<Message>) {
    if forgotten.extent == Extent::Everything {
        let member = forgotten.member.0;
        messages.patch_where("member", member, |message| message.text = None);
        messages.patch_where("retracted_by", member, |message| {
            message.retraction_reason = None;
        });
    }
}

fn posted(happened: &Happened, posted: &MessagePosted) -> Message {
    Message {
        room: posted.room.0,
        seq: happened.version,
        n: posted.n,
        member: posted.member.0,
        text: text(&posted.body),
        spoiler: posted.spoiler,
        posted_at: happened.at,
        edited_at: None,
        reply_to: posted.reply_to.map(|reply| reply.message),
        mentions: ids(&posted.mentions),
        reactions: Json(Reactions::new()),
        retracted_by: None,
        retraction_reason: None,
        measure: None,
    }
}

type Patch = Box<dyn FnOnce(&mut Message) + Send + Sync>;

fn text(body: &Sealed<MessageText>) -> Option<String> {
    body.open().map(|text| text.as_str().to_owned())
}

fn reason(reason: Option<&Sealed<Reason>>) -> Option<String> {
    reason?.open().map(|text| text.as_str().to_owned())
}

fn ids(members: &[MemberId]) -> Json<Vec<Uuid>> {
    Json(members.iter().map(|member| member.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_message_is_named_by_its_version_in_the_room() {
        let rows: Vec<Message> = given(vec![
            signed_up(),
            room_opened(),
            entered(BOB),
            message_posted(1),
        ]);
        assert_eq!((rows[0].seq, rows[0].n), (3, 1));
        assert_eq!(rows[0].text.as_deref(), Some("Rain, @Ann."));
        assert_eq!(rows[0].mentions.0, [ANN.0]);
    }

    #[test]
    fn reactions_are_sets_and_none_is_left_empty() {
        let rows: Vec<Message> = given(vec![
            room_opened(),
            message_posted(1),
            reacted(2, ANN),
            reacted(2, BOB),
            unreacted(2, ANN),
        ]);
        let fire = rows[0].reactions.0["🔥"].clone();
        assert_eq!(fire.into_iter().collect::<Vec<_>>(), [BOB.0]);
        let rows: Vec<Message> = given(vec![
            room_opened(),
            message_posted(1),
            reacted(2, ANN),
            unreacted(2, ANN),
        ]);
        assert!(rows[0].reactions.is_empty());
    }

    #[test]
    fn a_retracted_message_keeps_its_place_and_nothing_else() {
        let rows: Vec<Message> = given(vec![
            room_opened(),
            message_posted(1),
            reacted(2, ANN),
            message_retracted(2),
            answered(2, 2),
        ]);
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].seq, rows[0].text.as_deref()), (2, None));
        assert_eq!(rows[0].retracted_by, Some(ANN.0));
        assert!(rows[0].reactions.is_empty() && rows[0].mentions.is_empty());
        assert_eq!(rows[1].reply_to, Some(2));
    }

    #[test]
    fn what_a_forgotten_member_said_keeps_its_place() {
        let events = |extent| {
            vec![
                room_opened(),
                message_posted(1),
                answered(2, 2),
                forgotten(BOB, extent),
            ]
        };
        let rows: Vec<Message> = given(events(Extent::Everything));
        assert_eq!(
            (rows[0].text.as_deref(), rows[1].text.as_deref()),
            (None, Some("Yes."))
        );
        let rows: Vec<Message> = given(events(Extent::Identity));
        assert!(rows[0].text.is_some());
    }
}
