//! The contract itself, and the door by which a page gets its token.

use axum::{
    extract::{Query, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use crate::{
    App,
    guard::{TOKEN_COOKIE, page_for_people},
    openapi::CHECKED_IN,
    problem::{Code, Problem},
};

/// The contract, as OpenAPI.
#[utoipa::path(get, operation_id = "show_openapi", path = "/api/v1/openapi.json", responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], CHECKED_IN).into_response()
}

/// The key of a one-time link.
#[derive(Debug, Deserialize)]
pub(crate) struct Key {
    #[serde(default)]
    key: String,
}

/// Uses a one-time key up and sends the browser to the page, with the token in the part of the
/// address that is never sent. A look ahead (`HEAD`, a browser's prefetch) uses nothing up.
pub(crate) async fn open(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    Query(Key { key }): Query<Key>,
) -> Response {
    if method == Method::HEAD || headers.contains_key("sec-purpose") || headers.contains_key("purpose") {
        return StatusCode::NO_CONTENT.into_response();
    }
    if !app.keys().redeem(&key) {
        let problem =
            Problem::new(Code::TokenWrong, "This link has been used, or is not known; start TapMap again.");
        return page_for_people(&problem);
    }
    let token = app.guard().token().expose();
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, format!("/#t={token}"))]).into_response();
    if app.guard().is_beyond_loopback() {
        let cookie = format!("{TOKEN_COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict");
        // A token holds nothing that a header cannot.
        if let Ok(cookie) = cookie.parse() {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
    }
    response
}
