//! Every route, asked by everybody about everything: what the table of rules says is what
//! happens.

mod town;

use std::collections::BTreeSet;

use domain::{MemberId, Role};
use tests::site::{Answer, Site};
use uuid::Uuid;
use web::app::Options;
use web::authorization::{RULES, Rule, Who, Whose};
use web::vault::sessions::Factors;

use town::{Asker, Thing, Town, town};

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

#[tokio::test(flavor = "multi_thread")]
async fn roles_act_with_a_second_factor_alone_where_it_is_asked_for() {
    let site = Site::start_as(|options| Options {
        roles_need_two_factors: true,
        ..options
    })
    .await;
    let mut ann = site.ann().await;
    for role in Role::ALL {
        site.grant(&ann, role).await;
    }
    let before = site.events().await;
    let of_roles = |rule: &&Rule| !matches!(rule.who, Who::Everyone | Who::Members);
    let rules: Vec<&Rule> = RULES.iter().filter(of_roles).collect();
    assert!(rules.len() > 20, "{rules:?}");
    for rule in rules {
        let path = rule.path.split('/').map(|part| match part {
            "{position}" => "1".to_owned(),
            part if part.starts_with('{') => Uuid::nil().to_string(),
            part => part.to_owned(),
        });
        let path = path.collect::<Vec<_>>().join("/");
        let answer = site.ask(rule.method, &path).by(&ann).await;
        if rule.method == "GET" && !rule.path.starts_with("/api/") {
            let place = answer.expect(303).header("location").to_owned();
            assert!(place.starts_with("/sign-in/again?next="), "{path}: {place}");
        } else {
            assert_eq!(answer.status, 403, "{}", rule.path);
            let told = answer.text();
            assert!(told.contains("a second factor"), "{}: {told}", rule.path);
        }
    }
    assert_eq!(site.events().await, before);
    // what is everybody's is theirs all the same
    site.get("/films").by(&ann).await.expect(200);
    let member = MemberId(ann.id.parse().unwrap());
    let vault = &site.app.vault;
    let endings = vault.endings(Some(member)).await.unwrap();
    let since = (endings, web::fresh::now());
    let token = vault.begin_session(member, ("", Factors::Two), since).await;
    ann.token = token.unwrap().unwrap().reveal().to_owned();
    tests::secrets::remember(&ann.token);
    site.get("/roles").by(&ann).await.expect(200);
    site.get("/api/v1/reports").by(&ann).await.expect(200);
    site.end().await;
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
}
