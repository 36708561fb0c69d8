//! The style sheet, the scripts and the icons, embedded in the binary.
//!
//! Their addresses hold one digest of them all (`/assets/{digest}/app.css`), so they can be
//! cached for ever, and modules import each other by relative paths without a build step.

use std::sync::LazyLock;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::extract::Path;
use crate::problem::Problem;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A page from before an update asks with the old digest: it gets today's file, and asks again.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The address of a file. The name is a literal, so that a test finds every one that is used.
pub fn asset(name: &'static str) -> String {
    format!("/assets/{}/{name}", *DIGEST)
}

/// `GET /assets/{digest}/{file}`: 200, 304 or 404. For `Router::merge`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/assets/{digest}/{*file}", get(serve))
        .route(
            "/favicon.ico",
            get(|| async { crate::flash::redirect(&asset("icon.svg")) }),
        )
}

async fn serve(
    Path((digest, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = Files::get(&name).ok_or_else(Problem::not_found)?;
    let tag = format!("\"{}\"", hexadecimal(&file.metadata.sha256_hash()[..12]));
    let cache = if digest == *DIGEST {
        FOR_EVER
    } else {
        ASK_AGAIN
    };
    // gzip makes a tag weak on its way; the bytes are the same.
    let known = headers.get_all(IF_NONE_MATCH).iter();
    let mut known = known
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','));
    let is_known = known.any(|one| one.trim().trim_start_matches("W/") == tag);
    let tag = HeaderValue::try_from(tag).expect("a tag is hexadecimal");
    if is_known {
        return Ok((
            StatusCode::NOT_MODIFIED,
            [(ETAG, tag), (CACHE_CONTROL, cache)],
        )
            .into_response());
    }
    let media = HeaderValue::from_static(media_type(&name));
    let headers = [(CONTENT_TYPE, media), (ETAG, tag), (CACHE_CONTROL, cache)];
    Ok((headers, file.data).into_response())
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Over the names and the bytes of all files.
static DIGEST: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let mut hasher = Sha256::new();
    for name in names {
        let file = Files::get(&name).expect("a listed file is there");
        hasher.update(name.as_bytes());
        hasher.update(file.metadata.sha256_hash());
    }
    hexadecimal(&hasher.finalize()[..8])
});

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::extract::Request;
    use tower::ServiceExt;

    use super::*;

    async fn ask(path: &str, known: &str) -> Response {
        let request = Request::get(path)
            .header(IF_NONE_MATCH, known)
            .body(Body::empty())
            .unwrap();
        routes::<()>().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_file_under_its_digest_is_cached_for_ever() {
        let response = ask(&asset("app.css"), "").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CACHE_CONTROL], FOR_EVER);
        assert_eq!(response.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
        let tag = response.headers()[ETAG].to_str().unwrap().to_owned();
        assert!(
            !to_bytes(response.into_body(), 1_000_000)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            ask(&asset("app.css"), &tag).await.status(),
            StatusCode::NOT_MODIFIED
        );
        let weak = format!("\"x\", W/{tag}");
        assert_eq!(
            ask(&asset("app.css"), &weak).await.status(),
            StatusCode::NOT_MODIFIED
        );
    }

    #[tokio::test]
    async fn a_page_from_before_an_update_goes_on_working() {
        let response = ask("/assets/0000000000000000/app.js", "").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CACHE_CONTROL], ASK_AGAIN);
    }

    #[tokio::test]
    async fn what_is_not_embedded_is_not_found() {
        for path in [
            "/assets/x/nothing.css",
            "/assets/x/../Cargo.toml",
            "/assets/x/..%2FCargo.toml",
        ] {
            assert_eq!(
                ask(path, "").await.status(),
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
    }

    #[test]
    fn every_asset_that_the_source_uses_exists() {
        let mut names = Vec::new();
        collect(
            &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut names,
        );
        assert!(names.len() >= 3, "{names:?}");
        for name in names {
            assert!(Files::get(&name).is_some(), "{name}");
        }
    }

    fn collect(folder: &std::path::Path, names: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, names);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            let call = concat!("asset", "(\"");
            names.extend(
                source
                    .split(call)
                    .skip(1)
                    .filter_map(|after| after.split('"').next().map(str::to_owned)),
            );
        }
    }
}
