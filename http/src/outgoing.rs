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
