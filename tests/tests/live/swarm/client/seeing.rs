//! What a client keeps of what it was shown, and of how that ended.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use tests::live::Closed;
use tests::now;
use tests::oracle::{BANNED, REMOVED, Sitting, Verdict};

use super::super::line::Line;
use super::Client;

impl Client {
    /// Takes in what a subscription begins with: how far the room is.
    pub(super) fn sit_down(&mut self, answer: &Value) -> i64 {
        self.is_away = false;
        self.display.subscribed(answer);
        let head = answer["head"].as_i64().unwrap();
        let shown = answer["snapshot"]["at"].as_i64().unwrap_or(head);
        self.sittings.push(Sitting {
            since: now(),
            shown: vec![(shown, now())],
            ended: None,
        });
        head
    }

    /// Who may not be in the room is shown nothing of it otherwise, either.
    pub(super) async fn is_refused(
        &mut self,
        line: &mut Line,
        answer: &Value,
    ) -> Result<(), Closed> {
        if answer["temporary"] == true {
            return Ok(());
        }
        let code = answer["code"].as_str();
        let is_closed = matches!(code, Some("banned" | "no_such_room"));
        assert!(is_closed, "{answer}");
        self.is_away = true;
        if self.pending.take().is_some() {
            self.plan.busy.fetch_sub(1, Ordering::Relaxed);
        }
        let history = json!({"t": "history", "room": self.plan.room, "limit": 1});
        let history = line.ask(history).await?;
        if let Some(seq) = history["messages"][0]["seq"].as_i64() {
            self.sittings.push(Sitting {
                since: now(),
                shown: vec![(seq, now())],
                ended: None,
            });
        }
        Ok(())
    }

    /// Of a frame.
    pub(super) fn is_shown(&mut self, events: &[Value]) {
        let Some(last) = events.last() else {
            return;
        };
        let seq = last["seq"].as_i64().unwrap();
        let sitting = self.sittings.last_mut().expect("it has subscribed");
        sitting.shown.push((seq, now()));
    }

    pub(super) fn is_told_why(&mut self, ended: &Value) {
        let code = ended["code"].as_str().unwrap_or_default();
        if ![REMOVED, BANNED].contains(&code) {
            return;
        }
        let verdict = Verdict {
            code: code.to_owned(),
            reason: ended["reason"].as_str().map(str::to_owned),
            until: ended["until"].as_str().map(|until| until.parse().unwrap()),
        };
        let sitting = self.sittings.last_mut().expect("it has subscribed");
        sitting.ended = Some((verdict, now()));
    }
}
