//! Who asks, and what there is to ask about: a film, a review of each member, and what hangs on it.

use domain::{MemberId, ReportId, Role, RoomId};
use serde_json::{Value, json};
use tests::site::{Answer, Member, Site, generous, parasite, text};
use uuid::Uuid;
use web::authorization::Rule;
use web::providers::ProvidersFile;

/// Whose is the thing that a request is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Thing {
    /// The asker's; there is none where a stranger asks.
    Own,
    Others,
    /// Somebody else's, which moderators have hidden.
    Hidden,
    Absent,
}

pub struct Asker {
    pub role: Option<Role>,
    /// None: a stranger.
    pub member: Option<Member>,
}

/// A film, a review of each member, and who asks about them.
pub struct Town {
    pub site: Site,
    zoe: Member,
    bystander: Member,
    /// Keeps order on the site.
    warden: Member,
    hidden_review: String,
    hidden_comment: String,
    pub askers: Vec<Asker>,
}

pub async fn town() -> Town {
    let naver = r#"[{"kind": "naver", "client_id": "reeltime", "client_secret": "hush"}]"#;
    let providers = naver.parse::<ProvidersFile>().unwrap().open().unwrap();
    let site = Site::start_with_providers(generous(), providers).await;
    let zoe = site.sign_up("Zoe").await;
    let bystander = site.sign_up("Bystander").await;
    let warden = site.sign_up("Warden").await;
    site.grant(&warden, Role::Moderator).await;
    let mut askers = vec![Asker {
        role: None,
        member: None,
    }];
    let member = Some(site.sign_up("A member").await);
    askers.push(Asker { role: None, member });
    for role in Role::ALL {
        let member = site.sign_up(&format!("An {}", role.slug())).await;
        site.grant(&member, role).await;
        askers.push(Asker {
            role: Some(role),
            member: Some(member),
        });
    }
    let mocker = site.sign_up("Mocker").await;
    let hidden_review = site.review(&mocker, parasite()).await;
    site.hide(&warden, "review", &hidden_review).await;
    let review = site.review(&zoe, parasite()).await;
    let hidden_comment = site.comment(&mocker, &review, "Ha!").await;
    site.hide(&warden, "comment", &hidden_comment).await;
    // before it, nobody finds one
    site.signed().await;
    Town {
        site,
        zoe,
        bystander,
        warden,
        hidden_review,
        hidden_comment,
        askers,
    }
}

impl Town {
    /// As a route is asked about such a thing.
    pub async fn ask(&mut self, rule: &Rule, asker: usize, thing: Thing) -> Answer {
        let path = self.path(rule, asker, thing).await;
        let mut asking = self.site.ask(rule.method, &path);
        if let Some(member) = &self.askers[asker].member {
            asking = asking.by(member);
        }
        if rule.path.ends_with("/decision") || rule.path.ends_with("/decide") {
            self.appeal_of(&path, asker, thing).await;
        }
        let asking = match rule.method {
            "GET" => asking,
            _ if rule.path.starts_with("/api/") => asking.json(&body(rule)),
            _ => asking.body(
                "application/x-www-form-urlencoded",
                "text=Rain&rating=4&language=en&reaction=%F0%9F%94%A5&act=mute&outcome=dismissed&reason=Rude",
            ),
        };
        let answer = asking.await;
        if rule.path.ends_with("/sessions/current") {
            self.sign_in_again(asker).await;
        }
        answer
    }

    /// Whose a thing is that is there.
    fn owner(&self, asker: usize, thing: Thing) -> Option<&Member> {
        match (&self.askers[asker].member, thing) {
            (_, Thing::Absent) => None,
            (Some(member), Thing::Own) => Some(member),
            (_, Thing::Own | Thing::Others | Thing::Hidden) => Some(&self.zoe),
        }
    }

    /// The route's path, about a thing that is there for this request alone.
    async fn path(&self, rule: &Rule, asker: usize, thing: Thing) -> String {
        let absent = Uuid::from_u128(0xAB5E).to_string();
        let owner = self.owner(asker, thing);
        let mut path = rule.path.to_owned();
        if path.contains("{room}") || path.contains("{report}") {
            path = self.in_room(path, owner).await;
        }
        for parameter in [
            "{member}",
            "{film}",
            "{into}",
            "{genre}",
            "{slug}",
            "{role}",
            "{review}",
            "{comment}",
            "{provider}",
            "{session}",
            "{stream}",
            "{position}",
            "{measure}",
        ] {
            if !path.contains(parameter) {
                continue;
            }
            let value = match (parameter, owner) {
                ("{review}", _) if thing == Thing::Hidden => self.hidden_review.clone(),
                ("{comment}", _) if thing == Thing::Hidden => self.hidden_comment.clone(),
                // revoking one's own is refused, and nobody who asks gets another role
                ("{role}", _) => "operator".to_owned(),
                ("{provider}", Some(_)) => "naver".to_owned(),
                ("{genre}", Some(_)) => "drama".to_owned(),
                ("{slug}", Some(_)) => "im-kwon-taek".to_owned(),
                ("{film}", Some(_)) => {
                    if let Some(member) = &self.askers[asker].member {
                        self.review_of(member).await;
                    }
                    parasite().to_string()
                }
                // with itself, which is refused: another test needs it
                ("{into}", Some(_)) => parasite().to_string(),
                ("{member}", Some(owner)) => owner.id.clone(),
                ("{stream}", Some(owner)) => format!("member-{}", owner.id),
                ("{stream}", None) => format!("member-{absent}"),
                ("{position}", Some(owner)) => self.signed_up_at(owner).await.to_string(),
                ("{position}", None) => i64::MAX.to_string(),
                ("{review}", Some(owner)) => self.review_of(owner).await,
                ("{comment}", Some(owner)) => {
                    let review = self.review_of(owner).await;
                    self.site.comment(owner, &review, "Stairs.").await
                }
                ("{measure}", Some(owner)) => self.measure_of(owner).await,
                ("{session}", Some(owner)) => self.session_of(owner).await,
                (_, Some(_) | None) => absent.clone(),
            };
            path = path.replace(parameter, &value);
        }
        assert!(
            !path.contains('{'),
            "{path}: a thing that this test does not know"
        );
        path
    }

    /// Where the log has it, once that is signed.
    async fn signed_up_at(&self, member: &Member) -> i64 {
        let position: i64 = sqlx::query_scalar(
            "select position from log.events
             where payload ->> 'member' = $1 and event_type = 'member.signed_up'",
        )
        .bind(&member.id)
        .fetch_one(&self.site.pool)
        .await
        .unwrap();
        self.site.signed_through(position).await;
        position
    }

    /// About a new room of the owner, a message of theirs in it, and a bystander.
    async fn in_room(&self, path: String, owner: Option<&Member>) -> String {
        let absent = Uuid::from_u128(0xAB5E);
        let (mut room, mut seq) = (absent, 2);
        if let Some(owner) = owner {
            let asked = self.site.post("/api/v1/rooms").by(owner);
            let opened = asked.json(&json!({"name": "Stairs"})).await.expect(201);
            room = text(&opened.json()["id"]).parse().unwrap();
            let messages = format!("/api/v1/rooms/{room}/messages");
            let asked = self.site.post(&messages).by(owner);
            let said = asked.json(&json!({"text": "Stairs."})).await.expect(201);
            seq = said.json()["seq"].as_i64().unwrap();
            let reports = format!("{messages}/{seq}/reports");
            let asked = self.site.post(&reports).by(&self.bystander);
            asked.json(&json!({})).await.expect(204);
        }
        let bystander = MemberId(self.bystander.id.parse().unwrap());
        let report = match owner {
            Some(_) => {
                let about = domain::Thing::Message {
                    room: RoomId(room),
                    message: seq,
                };
                ReportId::of(about, bystander).0
            }
            None => absent,
        };
        path.replace("{room}", &room.to_string())
            .replace("{seq}", &seq.to_string())
            .replace("{reaction}", "%F0%9F%94%A5")
            .replace("{member}", &self.bystander.id)
            .replace("{report}", &report.to_string())
    }

    /// Posted again if an earlier request has retracted it.
    async fn review_of(&self, member: &Member) -> String {
        let path = format!("/api/v1/films/{}/review", parasite());
        let asked = self.site.put(&path).by(member).json(&json!({"rating": 4}));
        text(&asked.await.json()["id"])
    }

    /// There is something to decide.
    async fn appeal_of(&self, path: &str, asker: usize, thing: Thing) {
        let Some(owner) = self.owner(asker, thing) else {
            return;
        };
        let measure = path.split('/').rev().nth(1).unwrap();
        let appeal = format!("/api/v1/me/measures/{measure}/appeal");
        let said = json!({"text": "It was a quote."});
        self.site
            .put(&appeal)
            .by(owner)
            .json(&said)
            .await
            .expect(204);
    }

    /// Against a comment of theirs, with their appeal where it is for a decision.
    async fn measure_of(&self, owner: &Member) -> String {
        let review = self.review_of(&self.zoe).await;
        let comment = self.site.comment(owner, &review, "Rude.").await;
        self.site.hide(&self.warden, "comment", &comment).await
    }

    /// One more, to be ended.
    async fn session_of(&self, member: &Member) -> String {
        let said = json!({"email": member.email, "password": member.password});
        self.site
            .post("/api/v1/sessions")
            .json(&said)
            .await
            .expect(201);
        let sessions = self.site.get("/api/v1/me/sessions").by(member).await.json();
        let sessions = sessions["items"].as_array().unwrap();
        let other = sessions.iter().find(|session| session["current"] == false);
        text(&other.unwrap()["id"])
    }

    async fn sign_in_again(&mut self, asker: usize) {
        let Some(member) = &mut self.askers[asker].member else {
            return;
        };
        let said = json!({"email": member.email, "password": member.password});
        let session = self.site.post("/api/v1/sessions").json(&said).await;
        member.token = text(&session.expect(201).json()["token"]);
    }
}

/// What is needed to get as far as the thing itself; elsewhere nothing.
fn body(rule: &Rule) -> Value {
    match rule.path.rsplit('/').next() {
        Some("comments" | "{comment}") => json!({"text": "Rain."}),
        Some("review") => json!({"rating": 4}),
        Some("messages" | "{seq}") => json!({"text": "Rain."}),
        Some("read-marker") => json!({"n": 1}),
        Some("seen") => json!({"position": 1}),
        Some("{report}") => json!({"outcome": "dismissed"}),
        Some("decision") => json!({"granted": false, "reason": "Rude."}),
        Some("appeal") => json!({"text": "It was a quote."}),
        _ => json!({}),
    }
}
