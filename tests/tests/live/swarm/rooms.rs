//! The rooms of a town, and who keeps order in them.

use std::sync::Arc;
use std::time::Duration;

use commands::Sequencer;
use commands::room::Appoint;
use domain::room::Admission;
use domain::{MemberId, RoomId};
use reqwest::{Client as Http, Method};
use serde_json::{Value, json};
use tests::history;
use tokio::time::Instant;

use super::PATIENCE;
use super::client::{Act, Duty, Member, Urls};
use crate::live::open_by;

/// Longer than any run.
const FOR_GOOD_S: u32 = 3_600;

pub struct Room {
    pub id: String,
    maker: Member,
    moderator: Member,
    pub duty: Arc<Duty>,
}

impl Room {
    /// The first of its members makes it, the last one is a moderator.
    pub async fn open(
        sequencer: &Sequencer,
        members: &[&Member],
        (admission, acts): (Admission, &[Act]),
    ) -> Room {
        let [maker, over @ .., moderator] = members else {
            panic!("somebody makes it, and somebody keeps order");
        };
        let by = id_of(maker);
        let id = open_by(sequencer, by, admission).await;
        let appoint = Appoint {
            room: RoomId(id.parse().unwrap()),
            by,
            member: id_of(moderator),
        };
        let appointed = commands::execute(sequencer, history::asked(by), appoint).await;
        appointed.unwrap();
        let duty = Duty {
            over: over.iter().map(|member| member.id.clone()).collect(),
            acts: acts.to_vec(),
            by_invitation: admission == Admission::Invitation,
        };
        Room {
            id,
            maker: Member::clone(maker),
            moderator: Member::clone(moderator),
            duty: Arc::new(duty),
        }
    }

    /// What a member has to do here besides talking.
    pub fn duty_of(&self, member: &Member) -> Option<Arc<Duty>> {
        let keeps_order = [&self.maker.id, &self.moderator.id].contains(&&member.id);
        let is_kept = keeps_order && !self.duty.acts.is_empty();
        is_kept.then(|| Arc::clone(&self.duty))
    }

    /// Nobody is kept from anything any more, and everybody is invited.
    pub async fn forgive(&self, nodes: &Urls) {
        self.ask(nodes, Method::DELETE, "archive", None).await;
        for member in &self.duty.over {
            let path = format!("members/{member}");
            for held in ["mute", "ban"] {
                let path = format!("{path}/{held}");
                self.ask(nodes, Method::DELETE, &path, None).await;
            }
            if self.duty.by_invitation {
                let path = format!("{path}/invitation");
                self.ask(nodes, Method::PUT, &path, None).await;
            }
        }
    }

    /// Bans a member, and says something behind it.
    pub async fn ban_for_good(&self, nodes: &Urls, member: &str) {
        let term = json!({ "for_s": FOR_GOOD_S, "reason": "For good." });
        let ban = format!("members/{member}/ban");
        self.ask(nodes, Method::PUT, &ban, Some(term)).await;
        self.say_something(nodes).await;
    }

    pub async fn say_something(&self, nodes: &Urls) {
        let said = json!({ "text": "Now, between us." });
        self.ask(nodes, Method::POST, "messages", Some(said)).await;
    }

    /// By its maker, until it is done.
    async fn ask(&self, nodes: &Urls, method: Method, path: &str, body: Option<Value>) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let url = nodes.read().unwrap()[0].clone();
            let url = format!("{url}/api/v1/rooms/{}/{path}", self.id);
            let mut asking = Http::new().request(method.clone(), url);
            asking = asking.bearer_auth(&self.maker.token);
            if let Some(body) = &body {
                asking = asking.json(body);
            }
            let status = asking.send().await.map(|answer| answer.status());
            if status.as_ref().is_ok_and(|status| status.is_success()) {
                return;
            }
            assert!(Instant::now() < deadline, "{path}: {status:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

fn id_of(member: &Member) -> MemberId {
    MemberId(member.id.parse().unwrap())
}
