//! What a client says and does at random.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rand::RngExt;
use rand::seq::IndexedRandom;
use serde_json::json;
use tests::live::Closed;
use tests::new_id;
use tests::oracle::{Scrolled, Sent};

use super::super::line::Line;
use super::Client;
use super::keeping::OFTEN;

/// Why somebody may say nothing.
const SILENCED: [&str; 4] = ["muted", "banned", "no_such_room", "room_archived"];

/// Messages that are asked for at once.
const LONGEST_PAGE: usize = 20;

impl Client {
    /// Does something, or begins to send something that is sent until it is acknowledged.
    pub(super) async fn act(&mut self, line: &mut Line) -> Result<(), Closed> {
        let busy = Arc::clone(&self.plan.busy);
        busy.fetch_add(1, Ordering::Relaxed);
        let done = self.act_now(line).await;
        if self.pending.is_none() {
            busy.fetch_sub(1, Ordering::Relaxed);
        }
        done
    }

    async fn act_now(&mut self, line: &mut Line) -> Result<(), Closed> {
        if let Some(duty) = self.plan.duty.clone()
            && self.plan.random.random_bool(OFTEN)
        {
            return self.keep_order(line, &duty).await;
        }
        let message = self.own.last().copied().unwrap_or(1);
        let room = &self.plan.room;
        match self.plan.random.random_range(0..100) {
            0..30 => {
                let body = format!("안녕 {}", new_id());
                self.pending = Some((new_id(), body));
            }
            30..36 => {
                let body = format!("edited {}", new_id());
                let edit = json!({"t": "edit", "room": room, "cid": new_id(),
                                  "message": message, "body": body});
                line.ask(edit).await?;
            }
            36..40 => {
                let retract = json!({"t": "retract", "room": room, "cid": new_id(),
                                     "message": message});
                line.ask(retract).await?;
            }
            40..46 => {
                let react = json!({"t": "react", "room": room, "cid": new_id(),
                                   "message": message, "emoji": "🔥", "on": message % 2 == 0});
                line.ask(react).await?;
            }
            46..50 => line.say(json!({"t": "typing", "room": room})).await,
            // a reload, or the line is cut: nobody says goodbye
            50..54 => return Err(Closed(None)),
            54..56 => {
                // reads nothing for a while
                let ms = self.plan.random.random_range(500..2_500);
                tokio::time::sleep(Duration::from_millis(ms)).await;
            }
            // the line is dead and nobody says so; once, as a member has eight connections
            56..60 if self.half_open.is_none() => {
                self.leaves_half_open = true;
                return Err(Closed(None));
            }
            60..64 => self.scroll_back(line).await?,
            _ => {}
        }
        Ok(())
    }

    /// To what was said before something that is displayed.
    async fn scroll_back(&mut self, line: &mut Line) -> Result<(), Closed> {
        let displayed: Vec<i64> = self.display.messages.keys().copied().collect();
        let Some(&before) = displayed.choose(&mut self.plan.random) else {
            return Ok(());
        };
        let limit = self.plan.random.random_range(1..=LONGEST_PAGE);
        let room = &self.plan.room;
        let history = json!({"t": "history", "room": room, "before": before, "limit": limit});
        let answer = line.ask(history).await?;
        if let Some(messages) = answer["messages"].as_array() {
            self.display.scrolled(&answer);
            let messages = messages
                .iter()
                .map(|message| message["seq"].as_i64().unwrap());
            self.scrolled.push(Scrolled {
                before,
                limit,
                messages: messages.collect(),
            });
        }
        Ok(())
    }

    /// Sends what is pending; sometimes twice, as a client does that heard no answer.
    pub(super) async fn send(&mut self, line: &mut Line) -> Result<(), Closed> {
        let (cid, body) = self.pending.clone().expect("something is pending");
        if self.sent.iter().all(|sent| sent.cid != cid) {
            self.sent.push(Sent {
                cid,
                body: body.clone(),
                acknowledged: None,
            });
        }
        let send = json!({"t": "send", "room": self.plan.room, "cid": cid, "body": body});
        if self.plan.random.random_bool(0.2) {
            line.ask(send.clone()).await?;
        }
        let answer = line.ask(send).await?;
        if answer["t"] == "ack" {
            let seq = answer["seq"].as_i64();
            let sent = self.sent.iter_mut().find(|sent| sent.cid == cid);
            sent.expect("it was sent").acknowledged = seq;
            self.own.extend(seq);
            self.pending = None;
        } else if answer["temporary"] != true {
            let code = answer["code"].as_str();
            let is_the_rule = code.is_some_and(|code| SILENCED.contains(&code));
            assert!(is_the_rule, "{answer}");
            self.pending = None;
        }
        Ok(())
    }
}
