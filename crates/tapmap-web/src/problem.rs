//! How a refusal or failure is told: a problem document after RFC 9457 with a stable code.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What went wrong, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The `Host` header names another server.
    HostRefused,
    /// The request comes from another site.
    OriginRefused,
    /// The request carries no token and needs one.
    TokenMissing,
    /// The token is not the right one.
    TokenWrong,
    /// The request is not what the route expects.
    InvalidRequest,
    /// The body is not JSON.
    UnsupportedMediaType,
    /// The body is too large.
    TooLarge,
    /// There is nothing at this path.
    NotFound,
    /// The path does not know this method.
    MethodNotAllowed,
    /// Too many streams are open.
    TooManyStreams,
    /// A choice could not be kept.
    NotKept,
    /// Nothing is remembered here.
    NoHistory,
    /// What is remembered cannot be read or changed.
    HistoryFailed,
    /// The program has a bug.
    Internal,
}

impl Code {
    fn status(self) -> StatusCode {
        match self {
            Self::HostRefused | Self::OriginRefused | Self::TokenWrong => StatusCode::FORBIDDEN,
            Self::TokenMissing => StatusCode::UNAUTHORIZED,
            Self::InvalidRequest => StatusCode::BAD_REQUEST,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotFound | Self::NoHistory => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooManyStreams => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotKept | Self::HistoryFailed | Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::HostRefused => "Host not allowed",
            Self::OriginRefused => "Request from another site",
            Self::TokenMissing => "Token needed",
            Self::TokenWrong => "Token not right",
            Self::InvalidRequest => "Request not understood",
            Self::UnsupportedMediaType => "JSON needed",
            Self::TooLarge => "Request too large",
            Self::NotFound => "Nothing here",
            Self::MethodNotAllowed => "Method not known here",
            Self::TooManyStreams => "Too many streams",
            Self::NotKept => "Choice not kept",
            Self::NoHistory => "No history",
            Self::HistoryFailed => "History not usable",
            Self::Internal => "Failure inside the program",
        }
    }

    fn word(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(word)) => word,
            _ => String::new(),
        }
    }
}

/// A problem document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Identifies the kind of problem: `urn:tapmap:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The kind of problem, for programs.
    pub code: Code,
    /// This problem in a sentence.
    pub detail: String,
}

impl Problem {
    /// A problem with its sentence.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:tapmap:problem:{}", code.word()),
            title: code.title().to_owned(),
            status: code.status().as_u16(),
            code,
            detail: detail.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.code.status(), body).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
