//! The description is checked against the rules that every operation of ours follows.

use std::collections::BTreeSet;

use domain::MemberName;
use serde_json::Value;

use super::*;
use crate::authorization::{RULES, Who};

fn document() -> Value {
    let (_, document) = described().split_for_parts();
    serde_json::to_value(document::complete(document)).unwrap()
}

/// Path, method and operation.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((path.as_str(), method.as_str(), operation));
        }
    }
    operations
}

fn has_header(operation: &Value, name: &str) -> bool {
    let parameters = operation["parameters"].as_array().unwrap();
    parameters
        .iter()
        .any(|one| one["in"] == "header" && one["name"] == name)
}

/// In the order of their paths.
const OPERATIONS: &[&str] = &[
    "get /audit/checkpoint",
    "get /audit/events",
    "get /audit/events/{position}/receipt",
    "get /audit/streams/{stream}",
    "put /changed-email",
    "delete /comments/{comment}",
    "get /comments/{comment}",
    "patch /comments/{comment}",
    "post /comments/{comment}/reports",
    "get /films",
    "get /films/{film}",
    "get /films/{film}/akin",
    "put /films/{film}/merge/{into}",
    "get /films/{film}/onward",
    "get /films/{film}/path",
    "get /films/{film}/review",
    "put /films/{film}/review",
    "get /films/{film}/reviews",
    "get /films/{film}/similar",
    "delete /films/{film}/watchlist",
    "get /films/{film}/watchlist",
    "put /films/{film}/watchlist",
    "get /genres",
    "get /genres/{genre}/films",
    "post /live/ticket",
    "delete /me",
    "get /me",
    "patch /me",
    "get /me/email",
    "put /me/email",
    "post /me/email/verification",
    "get /me/events",
    "get /me/events/{position}/receipt",
    "get /me/export",
    "get /me/following/reviews",
    "get /me/like-minded",
    "get /me/measures",
    "put /me/measures/{measure}/appeal",
    "post /me/passkeys",
    "post /me/passkeys/challenge",
    "put /me/password",
    "delete /me/sessions",
    "get /me/sessions",
    "delete /me/sessions/{session}",
    "get /me/suggestions",
    "get /me/taste",
    "get /measures",
    "post /measures",
    "delete /measures/{measure}",
    "put /measures/{measure}/decision",
    "post /members",
    "post /members/joined",
    "get /members/{member}",
    "get /members/{member}/comments",
    "get /members/{member}/diary",
    "delete /members/{member}/follow",
    "put /members/{member}/follow",
    "get /members/{member}/followers",
    "get /members/{member}/following",
    "get /members/{member}/likes",
    "post /members/{member}/reports",
    "get /members/{member}/reviews",
    "delete /members/{member}/roles/{role}",
    "put /members/{member}/roles/{role}",
    "get /members/{member}/watchlist",
    "get /notifications",
    "get /notifications/seen",
    "put /notifications/seen",
    "put /password",
    "post /password-resets",
    "get /people/{slug}",
    "get /reports",
    "put /reports/{report}",
    "get /reviews",
    "delete /reviews/{review}",
    "get /reviews/{review}",
    "get /reviews/{review}/comments",
    "post /reviews/{review}/comments",
    "delete /reviews/{review}/like",
    "put /reviews/{review}/like",
    "post /reviews/{review}/reports",
    "get /roles",
    "get /rooms",
    "post /rooms",
    "get /rooms/{room}",
    "patch /rooms/{room}",
    "delete /rooms/{room}/archive",
    "put /rooms/{room}/archive",
    "get /rooms/{room}/members",
    "delete /rooms/{room}/members/{member}/ban",
    "put /rooms/{room}/members/{member}/ban",
    "delete /rooms/{room}/members/{member}/invitation",
    "put /rooms/{room}/members/{member}/invitation",
    "delete /rooms/{room}/members/{member}/moderator",
    "put /rooms/{room}/members/{member}/moderator",
    "delete /rooms/{room}/members/{member}/mute",
    "put /rooms/{room}/members/{member}/mute",
    "post /rooms/{room}/members/{member}/removal",
    "get /rooms/{room}/messages",
    "post /rooms/{room}/messages",
    "delete /rooms/{room}/messages/{seq}",
    "get /rooms/{room}/messages/{seq}",
    "patch /rooms/{room}/messages/{seq}",
    "get /rooms/{room}/messages/{seq}/present",
    "delete /rooms/{room}/messages/{seq}/reactions/{reaction}",
    "put /rooms/{room}/messages/{seq}/reactions/{reaction}",
    "post /rooms/{room}/messages/{seq}/reports",
    "delete /rooms/{room}/presence",
    "put /rooms/{room}/presence",
    "put /rooms/{room}/read-marker",
    "get /search",
    "get /search/suggestions",
    "post /sessions",
    "delete /sessions/current",
    "post /sessions/passkey",
    "post /sessions/passkey/challenge",
    "get /trending",
    "put /verified-email",
];

#[test]
fn every_resource_is_described_as_openapi_3_1() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let described: Vec<String> = operations(&document)
        .iter()
        .map(|(path, method, _)| format!("{method} {}", path.trim_start_matches("/api/v1")))
        .collect();
    assert_eq!(described, OPERATIONS);
}

#[test]
fn every_operation_says_what_all_do() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let place = format!("{method} {path}");
        assert!(path.starts_with("/api/v1/"), "{place}");
        assert!(
            !operation["summary"].as_str().unwrap().is_empty(),
            "{place}"
        );
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{place}");
        let responses = operation["responses"].as_object().unwrap();
        let mut expected = vec!["400", "422", "429", "500", "503"];
        match method {
            "get" => {
                assert!(has_header(operation, "Reeltime-Position"), "{place}");
                expected.push("304");
            }
            _ => {
                assert!(has_header(operation, "Idempotency-Key"), "{place}");
                expected.push("403");
            }
        }
        if path.contains('{') {
            expected.push("404");
        }
        if operation.get("security").is_some() {
            expected.push("401");
        }
        if operation.get("requestBody").is_some() {
            expected.extend(["408", "413", "415"]);
        }
        for status in expected {
            assert!(responses.contains_key(status), "{place} {status}");
        }
        for (status, response) in responses {
            if status.starts_with('2') {
                for name in ["Reeltime-Position", "RateLimit-Policy", "RateLimit"] {
                    let header = &response["headers"][name];
                    assert!(header.is_object(), "{place} {status} {name}");
                }
                let forms = response["content"].as_object().into_iter().flatten();
                let bodies: Vec<&Value> = forms.map(|(_, form)| &form["schema"]).collect();
                let is_described = bodies.iter().all(|body| body.is_object());
                let is_there = !bodies.is_empty() && is_described;
                let says_nothing = ["202", "204"].contains(&status.as_str());
                assert_eq!(is_there, !says_nothing, "{place} {status}");
            }
        }
        for parameter in path
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next())
        {
            let parameters = operation["parameters"].as_array().unwrap();
            let found = parameters
                .iter()
                .any(|one| one["in"] == "path" && one["name"] == parameter);
            assert!(found, "{place} {parameter}");
        }
    }
}

/// What another document describes.
const IN_ASYNCAPI: [&str; 3] = [
    "/api/v1/asyncapi.json",
    "/api/v1/live",
    "/api/v1/rooms/{room}/events",
];

#[test]
fn what_is_described_is_what_the_table_of_rules_knows() {
    let document = document();
    let described: BTreeSet<(String, String, bool)> = operations(&document)
        .into_iter()
        .map(|(path, method, operation)| {
            let needs_a_member = operation.get("security").is_some();
            (path.to_owned(), method.to_uppercase(), needs_a_member)
        })
        .collect();
    let ruled = RULES
        .iter()
        .filter(|rule| rule.path.starts_with("/api/") && rule.path != "/api/v1/openapi.json")
        .filter(|rule| !IN_ASYNCAPI.contains(&rule.path))
        .map(|rule| {
            let needs_a_member = rule.who != Who::Everyone;
            (rule.path.to_owned(), rule.method.to_owned(), needs_a_member)
        });
    assert_eq!(described, ruled.collect());
}

#[test]
fn operations_have_names_of_their_own() {
    let document = document();
    let names: Vec<&str> = operations(&document)
        .iter()
        .map(|(_, _, operation)| operation["operationId"].as_str().unwrap())
        .collect();
    let distinct: BTreeSet<&&str> = names.iter().collect();
    assert_eq!(distinct.len(), names.len(), "{names:?}");
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 20, "{found:?}");
    for reference in found {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn bodies_say_what_they_need_and_allow_nothing_else() {
    let document = document();
    let schema = |name: &str| document["components"]["schemas"][name].clone();
    for (name, required) in [
        ("NewMember", vec!["name", "email", "password", "language"]),
        ("NewReview", vec!["rating"]),
        ("NewComment", vec!["text"]),
        ("Withdrawal", vec!["password"]),
    ] {
        let schema = schema(name);
        assert_eq!(schema["additionalProperties"], false, "{name}");
        assert_eq!(schema["required"], serde_json::json!(required), "{name}");
    }
    // the least and the most that the site takes
    for body in ["NewMember", "Change"] {
        let name = schema(body)["properties"]["name"].clone();
        assert_eq!(name["minLength"], MemberName::MIN_CHARS, "{body}");
        assert_eq!(name["maxLength"], MemberName::MAX_CHARS, "{body}");
    }
    let review = schema("Review");
    assert!(
        review["required"]
            .as_array()
            .unwrap()
            .contains(&"edited_at".into())
    );
}
