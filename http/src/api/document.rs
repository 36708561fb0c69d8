//! The API's description (OpenAPI 3.1): what each operation's attributes say, and what holds for
//! all of them, added here so that none can forget it.

use utoipa::OpenApi as _;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    Components, ContentBuilder, Header, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder,
};

use crate::authorization::{RULES, Who};
use crate::problem::{PROBLEM_JSON, ProblemBody};
use crate::session::SESSION_COOKIE;

const POSITION: &str = "Reeltime-Position";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Reeltime",
        description = "A community for people who love films.\n\n\
            Every answer says in `Reeltime-Position` which state of Reeltime it shows; a read \
            that sends it gets an answer that is at least as new. A write that sends an \
            `Idempotency-Key` may be sent again: it is done once and answered the same. How often \
            a member, or else an address, may ask is told in `RateLimit-Policy` (a quota of `q` \
            in `w` seconds), what is left of it in `RateLimit` (`r`, and one more within `t` \
            seconds); beyond, the answer is 429 with `Retry-After`. Errors are \
            `application/problem+json` (RFC 9457) with a stable `type`; their sentences are in \
            the member's language, else by `Accept-Language`. A server that shows the site as it \
            was says so in `Reeltime-As-Of`, and refuses what would change anything \
            (`/problems/read-only`).",
    ),
    components(schemas(ProblemBody)),
    tags(
        (name = "films", description = "The catalogue"),
        (name = "search", description = "Finding films, people and members"),
        (name = "reviews", description = "What members think of films"),
        (name = "likes", description = "Likes of reviews"),
        (name = "watchlists", description = "What members want to see"),
        (name = "comments", description = "What is said under reviews"),
        (name = "recommendations", description = "What to watch next, and why"),
        (name = "rooms", description = "Talking, now"),
        (name = "notifications", description = "What the caller is told"),
        (name = "reports", description = "What was reported to the site's moderators"),
        (name = "measures", description = "What the site's moderators did, and what is said against it"),
        (name = "members", description = "Who is here"),
        (name = "me", description = "The caller's own account"),
        (name = "sessions", description = "Signing in and out"),
        (name = "roles", description = "Who may do more than members may"),
        (name = "audit", description = "What happened, and what it can be checked with"),
    )
)]
struct Beginning;

/// What stands before the operations.
pub fn beginning() -> OpenApi {
    Beginning::openapi()
}

/// Adds to all operations what all of them have.
pub fn complete(mut document: OpenApi) -> OpenApi {
    // who is signed in sees what is theirs; most reads answer everybody
    document.security = Some(vec![
        SecurityRequirement::default(),
        SecurityRequirement::new("session", [""; 0]),
        SecurityRequirement::new("token", [""; 0]),
    ]);
    let components = document.components.get_or_insert_default();
    add_security_schemes(components);
    for problem in PROBLEMS {
        components
            .responses
            .insert(problem.name.to_owned(), problem.response().into());
    }
    for (path, item) in &mut document.paths.paths {
        if let Some(read) = &mut item.get {
            complete_read(path, read);
        }
        let writes = [
            &mut item.put,
            &mut item.post,
            &mut item.patch,
            &mut item.delete,
        ];
        for write in writes.into_iter().flatten() {
            complete_write(path, write);
        }
    }
    document
}

fn complete_read(path: &str, read: &mut Operation) {
    complete_any(path, read);
    let parameters = read.parameters.get_or_insert_default();
    parameters.push(header(POSITION, "Show at least this position.", Type::Integer).into());
    parameters.push(header("If-None-Match", "The ETag of what is there.", Type::String).into());
    let not_modified = ResponseBuilder::new()
        .description("What the client has is right")
        .header(POSITION, position())
        .header("ETag", tag());
    let not_modified = with_limits(not_modified).build();
    read.responses
        .responses
        .insert("304".to_owned(), not_modified.into());
    for response in successes(read) {
        response.headers.insert("ETag".to_owned(), tag().into());
    }
}

fn complete_write(path: &str, write: &mut Operation) {
    complete_any(path, write);
    let explanation = "The client's name for this write, 1 to 255 bytes, best a UUID. The same \
        write sent again under it is done once.";
    let key = header("Idempotency-Key", explanation, Type::String);
    write.parameters.get_or_insert_default().push(key.into());
    may_answer(write, "CrossSite");
    if write.request_body.is_some() {
        for name in ["RequestTimeout", "PayloadTooLarge", "UnsupportedMediaType"] {
            may_answer(write, name);
        }
    }
}

fn complete_any(path: &str, operation: &mut Operation) {
    for response in successes(operation) {
        let headers = &mut response.headers;
        headers.insert(POSITION.to_owned(), position().into());
        for (name, header) in limits() {
            headers.insert(name.to_owned(), header.into());
        }
    }
    for name in [
        "BadRequest",
        "Invalid",
        "TooManyRequests",
        "Internal",
        "Busy",
    ] {
        may_answer(operation, name);
    }
    // a film's address leads on once it was joined with another
    if path.contains("{film}") {
        let moved = operation.responses.responses.entry("308".to_owned());
        moved.or_insert_with(|| moved_permanently().into());
    }
    if path.contains('{') || needs_a_role(path) {
        may_answer(operation, "NotFound");
    }
    if needs_a_role(path) {
        may_answer(operation, "SecondFactor");
    }
    if operation.security.is_some() {
        may_answer(operation, "Unauthenticated");
    }
}

/// To whom does not have it, it is not there.
fn needs_a_role(path: &str) -> bool {
    let mut rules = RULES.iter().filter(|rule| rule.path == path);
    rules.any(|rule| matches!(rule.who, Who::Only(_) | Who::Either(..)))
}

fn moved_permanently() -> Response {
    let place = described(
        Type::String,
        "The same of the film that it was joined with.",
    );
    let moved = ResponseBuilder::new()
        .description("The film was joined with another")
        .header("Location", place)
        .header(POSITION, position());
    with_limits(moved).build()
}

fn successes(operation: &mut Operation) -> impl Iterator<Item = &mut Response> {
    let responses = operation.responses.responses.iter_mut();
    responses.filter_map(|(status, response)| match response {
        RefOr::T(response) if status.starts_with('2') => Some(response),
        _ => None,
    })
}

/// What an operation says of a status itself stays.
fn may_answer(operation: &mut Operation, name: &str) {
    let problem = PROBLEMS.iter().find(|problem| problem.name == name);
    let status = problem
        .expect("every name is in the list")
        .status
        .to_owned();
    let reference = RefOr::Ref(Ref::from_response_name(name));
    operation
        .responses
        .responses
        .entry(status)
        .or_insert(reference);
}

struct Shared {
    name: &'static str,
    status: &'static str,
    description: &'static str,
}

const fn shared(name: &'static str, status: &'static str, description: &'static str) -> Shared {
    Shared {
        name,
        status,
        description,
    }
}

const PROBLEMS: [Shared; 12] = [
    shared("BadRequest", "400", "The request can't be read"),
    shared("Unauthenticated", "401", "Nobody is signed in"),
    shared("CrossSite", "403", "The request came from another site"),
    shared(
        "SecondFactor",
        "403",
        "The caller's role acts in a session alone that was begun with two factors, or the request \
         came from another site",
    ),
    shared(
        "NotFound",
        "404",
        "There is no such thing, or not for this caller",
    ),
    shared("RequestTimeout", "408", "The body took too long to arrive"),
    shared("PayloadTooLarge", "413", "The body is too long"),
    shared("UnsupportedMediaType", "415", "The body is not JSON"),
    shared(
        "Invalid",
        "422",
        "A field is not as it must be (`errors` tells all of them), or the Idempotency-Key was \
         used for another write",
    ),
    shared(
        "TooManyRequests",
        "429",
        "Too often; `Retry-After` says when to come back",
    ),
    shared("Internal", "500", "Something broke on our side"),
    shared(
        "Busy",
        "503",
        "Not now; `Retry-After` says when to come back",
    ),
];

impl Shared {
    fn response(&self) -> Response {
        let schema = Ref::from_schema_name("ProblemBody");
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let response = ResponseBuilder::new()
            .description(self.description)
            .header(POSITION, position())
            .content(PROBLEM_JSON, content);
        let response = with_limits(response);
        match self.status {
            "429" | "503" => {
                let seconds = described(Type::Integer, "Seconds.");
                response.header("Retry-After", seconds).build()
            }
            _ => response.build(),
        }
    }
}

fn add_security_schemes(components: &mut Components) {
    let explanation = "As signing up and signing in set it.";
    let cookie = ApiKeyValue::with_description(SESSION_COOKIE, explanation);
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "The `token` that signing up and signing in answer with; not to pages, which send \
             `Sec-Fetch-Site`.",
        ))
        .build();
    components.add_security_scheme("token", SecurityScheme::Http(bearer));
}

fn header(name: &str, description: &str, kind: Type) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(Object::with_type(kind)))
        .build()
}

fn tag() -> Header {
    described(Type::String, "Of the content; for `If-None-Match`.")
}

fn position() -> Header {
    described(
        Type::Integer,
        "The position of the log that this shows or is recorded at.",
    )
}

/// What is told of the limits that a request was counted for.
fn limits() -> [(&'static str, Header); 2] {
    let policy = r#"Each limit that this was counted for: `"writes";q=240;w=60`."#;
    let left = r#"What is left of each: `"writes";r=239;t=1`."#;
    [
        ("RateLimit-Policy", described(Type::String, policy)),
        ("RateLimit", described(Type::String, left)),
    ]
}

fn with_limits(response: ResponseBuilder) -> ResponseBuilder {
    let limits = limits().into_iter();
    limits.fold(response, |response, (name, header)| {
        response.header(name, header)
    })
}

fn described(kind: Type, description: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(kind).build();
    HeaderBuilder::new()
        .schema(Some(schema))
        .description(Some(description))
        .build()
}
