//! What who keeps order in a room does there at random.

use rand::RngExt;
use rand::seq::IndexedRandom;
use reqwest::{Client as Http, Method, StatusCode};
use serde_json::{Value, json};
use tests::live::Closed;
use tests::new_id;

use super::super::line::Line;
use super::{Client, IMPATIENCE};

/// Of all that somebody does who keeps order.
pub const OFTEN: f64 = 0.08;
/// An archived room is opened again with this chance by each of their acts.
const REOPENS: f64 = 0.3;
/// Mutes and bans are over by themselves after one second or two.
const LONGEST_S: u32 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Mute,
    Unmute,
    Remove,
    Ban,
    Unban,
    SlowMode,
    Retract,
    Archive,
    /// Into a room by invitation.
    Invite,
}

impl Act {
    /// Each as often as it stands here.
    pub const USUAL: [Act; 20] = [
        Act::Mute,
        Act::Mute,
        Act::Mute,
        Act::Unmute,
        Act::Remove,
        Act::Remove,
        Act::Ban,
        Act::Ban,
        Act::Unban,
        Act::SlowMode,
        Act::Retract,
        Act::Retract,
        Act::Retract,
        Act::Archive,
        Act::Invite,
        Act::Invite,
        Act::Invite,
        Act::Invite,
        Act::Invite,
        Act::Invite,
    ];
    /// After which a line must end.
    pub const SENDING_AWAY: [Act; 3] = [Act::Remove, Act::Ban, Act::Unban];
}

/// Whom somebody keeps order over, and how.
pub struct Duty {
    /// Members, by their ids.
    pub over: Vec<String>,
    pub acts: Vec<Act>,
    pub by_invitation: bool,
}

impl Client {
    pub(super) async fn keep_order(&mut self, line: &mut Line, duty: &Duty) -> Result<(), Closed> {
        let random = &mut self.plan.random;
        if self.display.archived {
            if random.random_bool(REOPENS) {
                self.ask_by_api(Method::DELETE, "archive").await;
            }
            return Ok(());
        }
        let whom = duty.over.choose(random).expect("somebody is there");
        let act = duty.acts.choose(random).expect("there is something to do");
        match act {
            Act::Mute => self.order(line, "mute", whom).await,
            Act::Unmute => self.order(line, "unmute", whom).await,
            Act::Remove => self.order(line, "remove", whom).await,
            Act::Ban => self.order(line, "ban", whom).await,
            Act::Unban => self.order(line, "unban", whom).await,
            Act::SlowMode => self.set_slow_mode(line).await,
            Act::Retract => self.retract_anothers(line).await,
            Act::Archive => {
                self.ask_by_api(Method::PUT, "archive").await;
                Ok(())
            }
            Act::Invite => {
                if duty.by_invitation {
                    let path = format!("members/{whom}/invitation");
                    self.ask_by_api(Method::PUT, &path).await;
                }
                Ok(())
            }
        }
    }

    async fn order(&mut self, line: &mut Line, act: &str, whom: &str) -> Result<(), Closed> {
        let reason = format!("because {}", new_id());
        let for_s = self.plan.random.random_range(1..=LONGEST_S);
        let order = json!({"t": "moderate", "room": self.plan.room, "cid": new_id(), "act": act,
                           "member": whom, "for_s": for_s, "reason": reason});
        moderate(line, order).await
    }

    async fn set_slow_mode(&mut self, line: &mut Line) -> Result<(), Closed> {
        let for_s = self.plan.random.random_range(0..=LONGEST_S);
        let order = json!({"t": "moderate", "room": self.plan.room, "cid": new_id(),
                           "act": "slow_mode", "for_s": for_s});
        moderate(line, order).await
    }

    /// The newest one that stands.
    async fn retract_anothers(&mut self, line: &mut Line) -> Result<(), Closed> {
        let own = &self.plan.member.id;
        let mut messages = self.display.messages.iter().rev();
        let found = messages.find(|(_, posted)| posted.by != *own && posted.text.is_some());
        let Some((seq, _)) = found else {
            return Ok(());
        };
        let reason = format!("because {}", new_id());
        let order = json!({"t": "moderate", "room": self.plan.room, "cid": new_id(),
                           "act": "retract", "message": seq, "reason": reason});
        moderate(line, order).await
    }

    /// Of a room, at either node. Who finds nobody there asks another time.
    async fn ask_by_api(&mut self, method: Method, path: &str) {
        let node = self.plan.random.random_range(0..2);
        let url = self.plan.nodes.read().unwrap()[node].clone();
        let url = format!("{url}/api/v1/rooms/{}/{path}", self.plan.room);
        let asking = Http::new().request(method, url);
        let asking = asking.bearer_auth(&self.plan.member.token);
        if let Ok(answer) = asking.timeout(IMPATIENCE).send().await {
            let status = answer.status();
            // who is banned is not invited
            let is_no = status == StatusCode::CONFLICT;
            let is_fine = status.is_success() || status.is_server_error() || is_no;
            assert!(is_fine, "{path}: {status}");
        }
    }
}

async fn moderate(line: &mut Line, order: Value) -> Result<(), Closed> {
    let answer = line.ask(order).await?;
    let is_fine = answer["t"] == "ack" || answer["temporary"] == true;
    assert!(is_fine, "{answer}");
    Ok(())
}
