//! From a request to a socket that is ours alone: the handshake, and the TCP stream that hyper
//! gives back after it.

use axum::extract::FromRequestParts;
use axum::http::header::{
    CONNECTION, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tungstenite::handshake::derive_accept_key;

use super::deflate;
use crate::problem::Problem;

/// The subprotocol, which says which frames are spoken.
pub const PROTOCOL: &str = "reeltime.v1";

/// A request for a socket. As an extractor: answers 400 or 426 to anything else.
pub struct Upgrade {
    key: HeaderValue,
    upgrading: OnUpgrade,
    /// What is long is packed, in both directions.
    pub packs: bool,
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Upgrade, Response> {
        let headers = &parts.headers;
        let asks = parts.method == Method::GET
            && lists(headers, &CONNECTION, "upgrade")
            && lists(headers, &UPGRADE, "websocket");
        let key = headers.get(SEC_WEBSOCKET_KEY).cloned();
        let upgrading = parts.extensions.remove::<OnUpgrade>();
        let (true, Some(key), Some(upgrading)) = (asks, key, upgrading) else {
            let upgrade = [(UPGRADE, "websocket"), (CONNECTION, "upgrade")];
            return Err((StatusCode::UPGRADE_REQUIRED, upgrade).into_response());
        };
        if !lists(headers, &SEC_WEBSOCKET_VERSION, "13") {
            let known = [(SEC_WEBSOCKET_VERSION, "13")];
            return Err((StatusCode::UPGRADE_REQUIRED, known).into_response());
        }
        if !lists(headers, &SEC_WEBSOCKET_PROTOCOL, PROTOCOL) {
            let why = format!("The subprotocol is {PROTOCOL}.");
            return Err(Problem::bad_request(why).into_response());
        }
        Ok(Upgrade {
            key,
            upgrading,
            packs: deflate::is_offered(headers),
        })
    }
}

/// Whether a header's comma-separated list has this word.
fn lists(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|one| one.trim().eq_ignore_ascii_case(word))
}

impl Upgrade {
    /// Answers 101, and has `talk` with the socket once it is there; also with what the client
    /// sent in a hurry behind its request.
    pub fn then<T, F>(self, talk: T) -> Response
    where
        T: FnOnce(TcpStream, Bytes) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        tokio::spawn(async move {
            let Ok(upgraded) = self.upgrading.await else {
                return; // the client hung up
            };
            // every connection of ours is one: `server::converse`
            let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else {
                tracing::error!("an upgraded connection is no TCP stream");
                return;
            };
            talk(parts.io.into_inner(), parts.read_buf).await;
        });
        let accept = derive_accept_key(self.key.as_bytes());
        let headers = [
            (CONNECTION, HeaderValue::from_static("upgrade")),
            (UPGRADE, HeaderValue::from_static("websocket")),
            (
                SEC_WEBSOCKET_ACCEPT,
                HeaderValue::try_from(accept).expect("Base64 is visible ASCII"),
            ),
            (SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL)),
        ];
        let mut response = (StatusCode::SWITCHING_PROTOCOLS, headers).into_response();
        if self.packs {
            let agreed = HeaderValue::from_static(deflate::AGREED);
            response
                .headers_mut()
                .insert(SEC_WEBSOCKET_EXTENSIONS, agreed);
        }
        response
    }
}
