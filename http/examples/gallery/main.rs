//! Every component with made-up content, for looking at: `cargo run -p web --example gallery`,
//! then http://127.0.0.1:8090. Nothing is stored. The security headers are the real ones, so
//! that what they forbid is missing here, too.

mod pages;
mod samples;

use std::num::NonZeroU32;
use std::time::Duration;

use axum::Router;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use clap::Parser;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use web::extract::{Form, Json, Path};
use web::flash::{Flash, redirect};
use web::language::Language;
use web::problem::Problem;
use web::settings::Settings;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut settings = Settings::parse();
    settings.listen.set_port(8090);
    settings.limits.request_timeout_seconds = NonZeroU32::MIN;
    let routes = Router::new()
        .route("/", get(pages::home))
        .route("/films", get(pages::films))
        .route("/films/{film}", get(pages::film))
        .route(
            "/films/{film}/review",
            get(pages::write_review).post(pages::refuse_review),
        )
        .route("/genres", get(pages::genres))
        .route("/posters", get(pages::posters))
        .route("/reviews/{review}", get(pages::review))
        .route(
            "/reviews/{review}/like",
            post(|| async { redirect("/reviews/1") }),
        )
        .route("/members/{member}", get(pages::member))
        .route("/sign-up", get(pages::sign_up).post(pages::refuse_sign_up))
        .route("/sign-in", get(pages::sign_in).post(sign_in))
        .route(
            "/sign-out",
            post(|| async { Flash::SignedOut.redirect("/") }),
        )
        .route("/settings", get(pages::settings))
        .route("/empty", get(pages::empty_states))
        .route(
            "/broken",
            get(|| async { Problem::internal("deliberately") }),
        )
        .route("/busy", get(|| async { Problem::busy(3) }))
        .route("/slow", get(|| tokio::time::sleep(Duration::from_secs(60))))
        .route("/language", post(choose_language))
        .route("/api/v1/reviews/{review}/like", put(like).delete(unlike))
        .merge(web::assets::routes());
    let router = web::security::protect(routes, settings.protection());
    let listener = TcpListener::bind(settings.listen).await?;
    println!("http://{}", settings.listen);
    let shutdown = async { drop(tokio::signal::ctrl_c().await) };
    web::server::serve(listener, router, settings.bounds(), shutdown).await;
    Ok(())
}

#[derive(Deserialize)]
struct LanguageForm {
    language: String,
    next: String,
}

async fn choose_language(Form(form): Form<LanguageForm>) -> Result<Response, Problem> {
    let language: Language = form
        .language
        .parse()
        .map_err(|()| Problem::invalid("language", web::message!("error-language")))?;
    Ok(([(SET_COOKIE, language.cookie(false))], redirect(&form.next)).into_response())
}

/// Signs nobody in; shows the message after it.
async fn sign_in() -> Response {
    Flash::SignedIn.redirect("/")
}

#[derive(Serialize)]
struct Likes {
    likes: u32,
}

/// The second review's button always fails, to see it roll back.
async fn like(Path(review): Path<u32>) -> Result<Json<Likes>, Problem> {
    if review == 2 {
        Err(Problem::busy(1))
    } else {
        Ok(Json(Likes { likes: 43 }))
    }
}

async fn unlike(Path(review): Path<u32>) -> Result<Json<Likes>, Problem> {
    if review == 2 {
        Err(Problem::busy(1))
    } else {
        Ok(Json(Likes { likes: 42 }))
    }
}
