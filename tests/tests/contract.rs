//! The API answers as its document says, whatever it is asked.

use domain::Role;
use serde_json::{Value, json};
use tests::contract::{Contract, Kept};
use tests::site::{Member, Site, parasite, ratatouille, text};

/// They end the session that asks, or whom it is of.
const LAST: [&str; 5] = [
    "DELETE /api/v1/me",
    "DELETE /api/v1/sessions/current",
    "DELETE /api/v1/me/sessions/{session}",
    "POST /api/v1/sessions",
    "PUT /api/v1/me/password",
];

struct Town {
    site: Site,
    url: String,
    ann: Member,
    zoe: Member,
    things: Vec<(&'static str, Vec<String>)>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_what_the_document_says() {
    let town = Town::build().await;
    let kept = town.check(None, "fuzzing", &[]).await;
    assert!(kept.is_kept, "{}", kept.told);
    assert_eq!(kept.operations, town.operations().await);
    town.site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_gets_what_the_document_says() {
    let town = Town::build().await;
    let kept = town.check(Some(&town.ann), "fuzzing", &LAST).await;
    assert!(kept.is_kept, "{}", kept.told);
    assert_eq!(kept.operations, town.operations().await - LAST.len());
    town.site.end().await;
}

/// Who has every role.
#[tokio::test(flavor = "multi_thread")]
async fn an_operator_gets_what_the_document_says() {
    let town = Town::build().await;
    for role in Role::ALL {
        town.site.grant(&town.zoe, role).await;
    }
    let kept = town
        .check(Some(&town.zoe), "examples,coverage", &LAST)
        .await;
    assert!(kept.is_kept, "{}", kept.told);
    town.site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_is_wrong_is_noticed() {
    let town = Town::build().await;
    let document = town.document().await;
    let genres = "/api/v1/genres";
    let get = format!("/paths/{}/get/responses", genres.replace('/', "~1"));
    let folder = tempfile::tempdir().unwrap();
    let check = async |name: &str, change: &dyn Fn(&mut Value)| {
        let mut wrong = document.clone();
        change(wrong.pointer_mut(&get).unwrap());
        let file = folder.path().join(name);
        std::fs::write(&file, wrong.to_string()).unwrap();
        let contract = Contract {
            document: file.to_str().unwrap().to_owned(),
            url: &town.url,
            member: None,
            things: &[],
            without: &[],
            phases: "fuzzing",
            only: Some(genres),
        };
        let kept = tokio::task::block_in_place(|| contract.check());
        assert_eq!(kept.operations, 1, "{}", kept.told);
        kept
    };
    assert!(check("right.json", &|_| {}).await.is_kept);
    let without = check("status.json", &|responses| {
        responses.as_object_mut().unwrap().remove("200");
    });
    let without = without.await;
    assert!(!without.is_kept);
    assert!(without.told.contains("Undocumented"), "{}", without.told);
    let media = check("media.json", &|responses| {
        responses["200"]["content"] = json!({ "text/csv": { "schema": { "type": "string" } } });
    });
    assert!(!media.await.is_kept);
    let shape = check("shape.json", &|responses| {
        let content = &mut responses["200"]["content"]["application/json"];
        *content = json!({ "schema": { "type": "integer" } });
    });
    assert!(!shape.await.is_kept);
    town.site.end().await;
}

impl Town {
    /// With one of everything.
    async fn build() -> Town {
        let site = Site::start().await;
        let (ann, zoe) = (site.ann().await, site.sign_up("Zoe").await);
        let reviews = vec![
            site.review(&ann, parasite()).await,
            site.review(&zoe, parasite()).await,
        ];
        let comments = vec![
            site.comment(&ann, &reviews[1], "Stairs.").await,
            site.comment(&zoe, &reviews[0], "Rain.").await,
        ];
        let mut rooms = Vec::new();
        for member in [&ann, &zoe] {
            let asked = site.post("/api/v1/rooms").by(member);
            let room = asked.json(&json!({"name": "Stairs"})).await.expect(201);
            let room = text(&room.json()["id"]);
            let asked = site.post(format!("/api/v1/rooms/{room}/messages"));
            let said = asked.by(member).json(&json!({"text": "Rain."})).await;
            said.expect(201);
            rooms.push(room);
        }
        let of = |one: &str| vec![one.to_owned()];
        let things = vec![
            (
                "path.film",
                vec![parasite().to_string(), ratatouille().to_string()],
            ),
            ("path.into", of(&ratatouille().to_string())),
            ("path.member", vec![ann.id.clone(), zoe.id.clone()]),
            ("path.review", reviews),
            ("path.comment", comments),
            ("path.room", rooms),
            ("path.seq", of("2")),
            ("path.genre", of("drama")),
            ("path.slug", of("im-kwon-taek")),
            ("path.role", of("moderator")),
            ("path.reaction", of("🔥")),
            ("path.stream", of(&format!("member-{}", ann.id))),
            ("path.position", vec!["1".to_owned(), "2".to_owned()]),
        ];
        let url = site.serve().await;
        Town {
            site,
            url,
            ann,
            zoe,
            things,
        }
    }

    async fn check(&self, member: Option<&Member>, phases: &str, without: &[&str]) -> Kept {
        let contract = Contract {
            document: format!("{}/api/v1/openapi.json", self.url),
            url: &self.url,
            member,
            things: &self.things,
            without,
            phases,
            only: None,
        };
        tokio::task::block_in_place(|| contract.check())
    }

    async fn document(&self) -> Value {
        self.site
            .get("/api/v1/openapi.json")
            .await
            .expect(200)
            .json()
    }

    async fn operations(&self) -> usize {
        let document = self.document().await;
        let paths = document["paths"].as_object().unwrap().values();
        paths.map(|path| path.as_object().unwrap().len()).sum()
    }
}
