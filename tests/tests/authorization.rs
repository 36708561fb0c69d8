//! Every route, asked by everybody about everything: what the table of rules says is what
//! happens.

use std::collections::BTreeSet;

use domain::{MemberId, ReportId, Role, RoomId};
use serde_json::json;
use tests::site::{Answer, Member, Site, generous, parasite};
use uuid::Uuid;
use web::authorization::{RULES, Rule, Who, Whose};
use web::providers::ProvidersFile;

/// Whose is the thing that a request is about.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Thing {
    /// The asker's; there is none where a stranger asks.
    Own,
    Others,
    /// Somebody else's, which moderators have hidden.
    Hidden,
    Absent,
}

struct Asker {
    role: Option<Role>,
    /// None: a stranger.
    member: Option<Member>,
}

/// A film, a review of each member, and who asks about them.
struct Town {
    site: Site,
    zoe: Member,
    bystander: Member,
    /// Keeps order on the site.
    warden: Member,
    hidden_review: String,
    hidden_comment: String,
    askers: Vec<Asker>,
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Admitted,
    Unauthenticated,
    SignInFirst,
    Forbidden,
    NotFound,
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_may_do_what_the_table_says_and_no_more() {
    let mut town = town().await;
    for rule in RULES.iter().filter(|rule| !rule.path.contains("{*")) {
        let wrong = town.try_rule(rule).await;
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
    town.site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_says_something_else_is_noticed() {
    let mut town = town().await;
    let find = |method, path| {
        let mut rules = RULES.iter();
        let found = rules.find(|rule| (rule.method, rule.path) == (method, path));
        *found.unwrap()
    };
    let roles = find("GET", "/api/v1/roles");
    let edit = find("PATCH", "/api/v1/comments/{comment}");
    let like = find("POST", "/reviews/{review}/like");
    for wrong in [
        Rule {
            who: Who::Everyone,
            ..roles
        },
        Rule {
            who: Who::Members,
            ..roles
        },
        Rule {
            who: Who::Only(Role::Auditor),
            ..roles
        },
        Rule {
            who: Who::Everyone,
            ..edit
        },
        Rule {
            whose: Whose::Anyones,
            ..edit
        },
        Rule {
            whose: Whose::Own,
            ..like
        },
        Rule {
            whose: Whose::Anyones,
            ..like
        },
    ] {
        assert!(!town.try_rule(&wrong).await.is_empty(), "{wrong:?}");
    }
    town.site.end().await;
}

/// Without it a form would be turned away.
#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_every_page_has_its_sessions_token() {
    let mut town = town().await;
    let mut seen = BTreeSet::new();
    let is_page = |rule: &&Rule| rule.method == "GET" && !rule.path.starts_with("/api/");
    for rule in RULES.iter().filter(is_page) {
        if rule.path.contains("{*") {
            continue; // files
        }
        for asker in 0..town.askers.len() {
            let Some(member) = town.askers[asker].member.clone() else {
                continue;
            };
            for thing in things(rule, &town.askers[asker]) {
                for (form, has_token) in town.ask(rule, asker, thing).await.forms(&member.token) {
                    assert!(has_token, "{}: {form}", rule.path);
                    let action = form.split("action=\"").nth(1).unwrap_or_default();
                    let action = action.split('"').next().unwrap_or_default();
                    seen.insert((rule.path, without_ids(action)));
                }
            }
        }
    }
    assert!(seen.len() > 100, "{}: {seen:?}", seen.len());
    town.site.end().await;
}

fn without_ids(path: &str) -> String {
    let parts = path.split('/');
    let parts = parts.filter(|part| part.parse::<Uuid>().is_err());
    parts.collect::<Vec<_>>().join("/")
}

async fn town() -> Town {
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
    hide(&site, &warden, "review", &hidden_review).await;
    let review = site.review(&zoe, parasite()).await;
    let hidden_comment = site.comment(&mocker, &review, "Ha!").await;
    hide(&site, &warden, "comment", &hidden_comment).await;
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

/// The measure that does it.
async fn hide(site: &Site, warden: &Member, kind: &str, id: &str) -> String {
    let said = json!({"about": {"kind": kind, "id": id}, "reason": "Rude."});
    let taken = site.post("/api/v1/measures").by(warden).json(&said).await;
    let measure = tests::site::text(&taken.expect(201).json()["id"]);
    site.project().await;
    measure
}

fn things(rule: &Rule, asker: &Asker) -> Vec<Thing> {
    if !rule.path.contains('{') {
        return vec![Thing::Own];
    }
    let mut things = vec![Thing::Others, Thing::Absent];
    if asker.member.is_some() {
        things.push(Thing::Own);
    }
    if rule.path.contains("{review}") || rule.path.contains("{comment}") {
        things.push(Thing::Hidden);
    }
    things
}

fn expected(rule: &Rule, asker: &Asker, thing: Thing) -> Outcome {
    let has = |role| asker.role == Some(role);
    let is_page = !rule.path.starts_with("/api/");
    let admitted = match rule.who {
        Who::Everyone => true,
        Who::Members => asker.member.is_some(),
        Who::Only(role) => has(role),
        Who::Either(one, other) => has(one) || has(other),
    };
    if !admitted {
        return match asker.member {
            Some(_) => Outcome::NotFound,
            None if is_page && (rule.method == "GET" || rule.who == Who::Members) => {
                Outcome::SignInFirst
            }
            None => Outcome::Unauthenticated,
        };
    }
    // a film has no owner: everybody has their own review of it
    let owned = [
        "{review}",
        "{comment}",
        "{session}",
        "{position}",
        "{measure}",
    ];
    let is_owned = owned.iter().any(|parameter| rule.path.contains(parameter));
    let is_kept = rule.whose == Whose::Kept;
    match (thing, rule.whose) {
        (Thing::Absent | Thing::Hidden, _) => Outcome::NotFound,
        (Thing::Others, Whose::Own) if is_owned => Outcome::NotFound,
        (Thing::Own, Whose::Others) => Outcome::Forbidden,
        (Thing::Others, _) if is_kept => Outcome::Forbidden,
        (Thing::Own | Thing::Others, _) => Outcome::Admitted,
    }
}

fn outcome(answer: &Answer) -> Outcome {
    let place = answer.header("location");
    match answer.status.as_u16() {
        // a wrong password, not a closed door
        401 if answer.text().contains("wrong-credentials") => Outcome::Admitted,
        401 => Outcome::Unauthenticated,
        403 => Outcome::Forbidden,
        404 => Outcome::NotFound,
        303 if place.starts_with("/sign-in") => Outcome::SignInFirst,
        status => {
            assert!(status < 500, "{}", answer.text());
            Outcome::Admitted
        }
    }
}

impl Town {
    /// What is otherwise than the rule says.
    async fn try_rule(&mut self, rule: &Rule) -> Vec<String> {
        let mut wrong = Vec::new();
        for asker in 0..self.askers.len() {
            for thing in things(rule, &self.askers[asker]) {
                let expected = expected(rule, &self.askers[asker], thing);
                let answer = self.ask(rule, asker, thing).await;
                let found = outcome(&answer);
                if found != expected {
                    let about = (rule.method, rule.path, self.askers[asker].role, thing);
                    wrong.push(format!("{about:?}: {found:?}, not {expected:?}"));
                }
            }
        }
        wrong
    }

    async fn ask(&mut self, rule: &Rule, asker: usize, thing: Thing) -> Answer {
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

    /// The route's path, about a thing that is there for this request alone.
    async fn path(&self, rule: &Rule, asker: usize, thing: Thing) -> String {
        let absent = Uuid::from_u128(0xAB5E).to_string();
        let owner = match (&self.askers[asker].member, thing) {
            (_, Thing::Absent) => None,
            (Some(member), Thing::Own) => Some(member),
            (_, Thing::Own | Thing::Others | Thing::Hidden) => Some(&self.zoe),
        };
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
            room = tests::site::text(&opened.json()["id"]).parse().unwrap();
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
        tests::site::text(&asked.await.json()["id"])
    }

    /// There is something to decide.
    async fn appeal_of(&self, path: &str, asker: usize, thing: Thing) {
        let owner = match (&self.askers[asker].member, thing) {
            (_, Thing::Absent) => return,
            (Some(member), Thing::Own) => member,
            (_, Thing::Own | Thing::Others | Thing::Hidden) => &self.zoe,
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
        hide(&self.site, &self.warden, "comment", &comment).await
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
        tests::site::text(&other.unwrap()["id"])
    }

    async fn sign_in_again(&mut self, asker: usize) {
        let Some(member) = &mut self.askers[asker].member else {
            return;
        };
        let said = json!({"email": member.email, "password": member.password});
        let session = self.site.post("/api/v1/sessions").json(&said).await;
        member.token = tests::site::text(&session.expect(201).json()["token"]);
    }
}

/// What is needed to get as far as the thing itself; elsewhere nothing.
fn body(rule: &Rule) -> serde_json::Value {
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
