//! The log of a room, opened.

use chrono::{DateTime, Utc};
use commands::Reeltime;
use domain::room::{Admission, Event as Happened};
use domain::{Event, MemberId, Reason, Sealed};
use event_log::{Keyring, Model, Recorded, StreamName};
use sqlx::PgPool;
use tests::live::Posted;
use tests::oracle::{BANNED, Fact, ORDER_KEPT, Order, REMOVED, Truth, Verdict};
use uuid::Uuid;

pub async fn truth(pool: &PgPool, keyring: &Keyring, room: &str) -> sqlx::Result<Truth> {
    let stream = StreamName::from(format!("room-{room}"));
    let recorded = event_log::read_stream(pool, &stream, 0, i64::MAX).await?;
    let ids = recorded.iter().filter_map(|event| event.key_id);
    let keys = keyring.fetch(ids.collect::<Vec<Uuid>>()).await?;
    let mut truth = Truth::default();
    for event in &recorded {
        let Event::Room(happened) = Reeltime::decode(event.stored(), &keys).unwrap() else {
            panic!("{event:?} in a room's stream");
        };
        take(&mut truth, event.version, &happened);
        let fact = told(event, &happened);
        truth.facts.push(fact);
    }
    Ok(truth)
}

/// As the room's readers are told it, and what it means for the order there.
fn told(recorded: &Recorded, happened: &Happened) -> Fact {
    let kind = recorded.event_type.strip_prefix("room.").unwrap();
    let actor = recorded.actor.to_string();
    let mut fact = Fact {
        pos: recorded.position,
        at: recorded.recorded_at,
        kind: kind.to_owned(),
        by: Some(actor.clone()),
        actor,
        order: order(happened),
        ..Fact::default()
    };
    match happened {
        Happened::Entered(entered) => fact.member = Some(entered.member.to_string()),
        Happened::Left(left) => {
            // also where somebody else sent them away
            fact.member = Some(left.member.to_string());
            fact.by.clone_from(&fact.member);
        }
        Happened::Archived(archived) => fact.by = archived.by.map(|by| by.to_string()),
        Happened::MessagePosted(posted) => {
            fact.cid = Some(posted.cid);
            fact.body = posted.body.open().map(|text| text.as_str().to_owned());
            fact.said_at = Some(posted.at);
        }
        Happened::Invited(_)
        | Happened::InvitationDeclined(_)
        | Happened::Muted(_)
        | Happened::Unmuted(_)
        | Happened::Removed(_)
        | Happened::Banned(_)
        | Happened::Unbanned(_) => (fact.kind, fact.by) = (ORDER_KEPT.to_owned(), None),
        _ => {}
    }
    fact
}

fn order(happened: &Happened) -> Option<Order> {
    let order = match happened {
        Happened::Opened(opened) => Order::Opened {
            by_invitation: opened.admission == Admission::Invitation,
        },
        Happened::Archived(_) => Order::Archived,
        Happened::Reopened(_) => Order::Reopened,
        Happened::Invited(invited) => Order::Invited(invited.member.to_string()),
        Happened::InvitationDeclined(declined) => Order::Declined(declined.member.to_string()),
        Happened::Muted(muted) => Order::Muted(muted.member.to_string(), muted.until),
        Happened::Unmuted(unmuted) => Order::Unmuted(unmuted.member.to_string()),
        Happened::Removed(removed) => sent_away(removed.member, REMOVED, (&removed.reason, None)),
        Happened::Banned(banned) => {
            sent_away(banned.member, BANNED, (&banned.reason, banned.until))
        }
        Happened::Unbanned(unbanned) => Order::Unbanned(unbanned.member.to_string()),
        Happened::SlowModeSet(set) => Order::SlowMode {
            seconds: set.seconds,
        },
        Happened::ModeratorAppointed(appointed) => Order::Appointed(appointed.member.to_string()),
        Happened::ModeratorDismissed(dismissed) => Order::Dismissed(dismissed.member.to_string()),
        Happened::MessageRetracted(retracted) => Order::Retracted(retracted.author.to_string()),
        Happened::Renamed(_)
        | Happened::Described(_)
        | Happened::ClosingChosen(_)
        | Happened::MessagePosted(_)
        | Happened::MessageEdited(_)
        | Happened::Reacted(_)
        | Happened::Unreacted(_)
        | Happened::Entered(_)
        | Happened::Left(_) => return None,
    };
    Some(order)
}

fn sent_away(
    member: MemberId,
    code: &str,
    (reason, until): (&Option<Sealed<Reason>>, Option<DateTime<Utc>>),
) -> Order {
    let reason = reason.as_ref().and_then(Sealed::open);
    let verdict = Verdict {
        code: code.to_owned(),
        reason: reason.map(|reason| reason.as_str().to_owned()),
        until,
    };
    Order::SentAway(member.to_string(), verdict)
}

fn take(truth: &mut Truth, seq: i64, happened: &Happened) {
    match happened {
        Happened::MessagePosted(posted) => {
            let posted = Posted {
                by: posted.member.to_string(),
                n: posted.n,
                text: posted.body.open().map(|text| text.as_str().to_owned()),
            };
            truth.messages.insert(seq, posted);
        }
        Happened::MessageEdited(edited) => {
            let text = edited.body.open().map(|text| text.as_str().to_owned());
            posted(truth, edited.message).text = text;
        }
        Happened::MessageRetracted(retracted) => {
            posted(truth, retracted.message).text = None;
        }
        _ => {}
    }
}

fn posted(truth: &mut Truth, seq: i64) -> &mut Posted {
    let posted = truth.messages.get_mut(&seq);
    posted.expect("it was said before")
}
