//! Requests to other sites: providers of sign-ins, TMDB.

/// What every client of other sites is made of. It goes nowhere by itself: a redirect could take
/// a secret along. It says who it is: GitHub answers nobody without a name.
pub fn client() -> reqwest::ClientBuilder {
    // whoever came first has installed the same one
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent("reeltime")
        .redirect(reqwest::redirect::Policy::none())
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::header::LOCATION;
    use axum::http::{HeaderMap, StatusCode};
    use axum::routing::get;
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn no_redirect_is_followed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let elsewhere = (StatusCode::FOUND, [(LOCATION, "/inside")]);
        let routes = Router::new()
            .route("/", get(async move |_: HeaderMap| elsewhere))
            .route("/inside", get(async || "secret"));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let answer = client().build().unwrap().get(url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FOUND);
        assert!(!answer.text().await.unwrap().contains("secret"));
    }
}
