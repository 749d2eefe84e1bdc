//! The whole defence of the page and its interface, in one file: which names the server answers to,
//! which sites may ask, who may change something, and what a page may do.
//!
//! - Loopback only, unless the user binds further; then everything needs the token.
//! - `Host` must name this server, so that another site's name pointed at it finds nothing.
//! - `Origin` and `Sec-Fetch-Site` must say "this page"; there is no CORS.
//! - Whatever changes something needs the token in a header that no form can set.
//! - Every answer carries a content policy under which nothing foreign runs or loads.

use std::{
    collections::VecDeque,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use subtle::{Choice, ConstantTimeEq};

use crate::{
    App,
    problem::{Code, Problem},
};

/// The header that carries the token.
pub const TOKEN_HEADER: &str = "x-tapmap-token";
/// The cookie that carries it for reading, when the server is bound beyond loopback.
pub(crate) const TOKEN_COOKIE: &str = "tapmap_token";
/// No request of the page is larger, in bytes.
pub(crate) const BODY_LIMIT: usize = 16 * 1024;
/// How many one-time keys may wait to be used; the oldest is forgotten first.
const KEYS_WAITING: usize = 32;
/// The shortest token or key that cannot be guessed: 128 bits in hexadecimal.
const SHORTEST_SECRET: usize = 32;

/// The headers of every answer.
static HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         font-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types svelte-trusted-html",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "geolocation=(), camera=(), microphone=()"),
];

/// The secret that gives the right to change something. Never printed by `Debug`.
#[derive(Clone)]
pub struct Token(Arc<str>);

/// A token is at least 32 letters, digits, `-` or `_`, from a good random source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("token is not at least {SHORTEST_SECRET} letters, digits, `-` or `_`")]
pub struct BadToken;

impl Token {
    /// A token from its text.
    ///
    /// # Errors
    /// Fails when the text is too short, or holds anything that would need escaping in a header.
    pub fn new(text: &str) -> Result<Self, BadToken> {
        if is_secret(text) { Ok(Self(text.into())) } else { Err(BadToken) }
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Compares in a time that does not depend on where they differ.
    fn matches(&self, offered: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(offered).into()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Token(…)")
    }
}

fn is_secret(text: &str) -> bool {
    text.len() >= SHORTEST_SECRET
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Keys that open one page each.
#[derive(Default)]
pub(crate) struct OneTimeKeys(Mutex<VecDeque<String>>);

impl std::fmt::Debug for OneTimeKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OneTimeKeys(…)")
    }
}

impl OneTimeKeys {
    /// Lets a key be used once. One that could be guessed is refused.
    pub(crate) fn admit(&self, key: String) -> bool {
        if !is_secret(&key) {
            return false;
        }
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.push_back(key);
        if keys.len() > KEYS_WAITING {
            keys.pop_front();
        }
        true
    }

    /// Uses a key up. Takes the same time whichever key it is, and whether there is one.
    pub(crate) fn redeem(&self, offered: &str) -> bool {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Choice::from(0);
        let mut kept = VecDeque::with_capacity(keys.len());
        for key in keys.drain(..) {
            let same = key.as_bytes().ct_eq(offered.as_bytes());
            found |= same;
            if !bool::from(same) {
                kept.push_back(key);
            }
        }
        *keys = kept;
        found.into()
    }
}

/// The names this server answers to, and the token.
#[derive(Debug)]
pub(crate) struct Guard {
    bind: SocketAddr,
    names: Vec<String>,
    token: Token,
}

impl Guard {
    /// A guard for a server bound to `bind` on the computer `host_name`.
    pub(crate) fn new(bind: SocketAddr, host_name: &str, token: Token) -> Self {
        let mut guard = Self { bind, names: vec!["localhost".to_owned()], token };
        if guard.is_beyond_loopback() && !host_name.is_empty() {
            let name = host_name.to_ascii_lowercase();
            guard.names.extend([format!("{name}.local"), name]);
        }
        guard
    }

    /// Whether other computers may be able to reach the server.
    pub(crate) fn is_beyond_loopback(&self) -> bool {
        !self.bind.ip().to_canonical().is_loopback()
    }

    pub(crate) fn token(&self) -> &Token {
        &self.token
    }

    fn check(&self, request: &Request) -> Result<(), Problem> {
        let host = self.check_host(request)?;
        check_site(request, host)?;
        self.check_token(request)?;
        check_length(request.headers())
    }

    /// Exactly one `Host`, naming this server. An address is fine beyond loopback whichever it is:
    /// only a *name* can be pointed here by somebody else.
    fn check_host<'request>(&self, request: &'request Request) -> Result<&'request str, Problem> {
        let refused = || Problem::new(Code::HostRefused, "This server does not answer to that name.");
        let mut hosts = request.headers().get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(refused()) };
        let host = host.to_str().map_err(|_| refused())?;
        let target = request.uri().authority().map(axum::http::uri::Authority::as_str);
        if self.answers_to(host) && target.is_none_or(|target| target == host) {
            Ok(host)
        } else {
            Err(refused())
        }
    }

    fn answers_to(&self, host: &str) -> bool {
        let Some((name, port)) = split_host(host) else { return false };
        if port != self.bind.port() {
            return false;
        }
        match name.parse::<IpAddr>() {
            Ok(address) => self.is_beyond_loopback() || address.is_loopback(),
            Err(_) => self.names.iter().any(|known| name.eq_ignore_ascii_case(known)),
        }
    }

    /// Whatever changes something needs the token in its header; beyond loopback everything needs
    /// it, and the cookie will do for reading.
    fn check_token(&self, request: &Request) -> Result<(), Problem> {
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let open = reads && (!self.is_beyond_loopback() || request.uri().path() == "/open");
        if open {
            return Ok(());
        }
        let headers = request.headers();
        let offered = headers.get(TOKEN_HEADER).map(HeaderValue::as_bytes);
        let offered = offered.or_else(|| if reads { cookie(headers) } else { None });
        match offered {
            None => Err(Problem::new(
                Code::TokenMissing,
                "Open the page by the link that TapMap prints or opens.",
            )),
            Some(offered) if self.token.matches(offered) => Ok(()),
            Some(_) => Err(Problem::new(
                Code::TokenWrong,
                "The token belongs to another start of TapMap; open the page anew.",
            )),
        }
    }
}

/// Splits `name:port` or `[v6]:port`; without a port it is HTTP's own, 80.
fn split_host(host: &str) -> Option<(&str, u16)> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => host.find(':').map_or((host, ""), |colon| host.split_at(colon)),
    };
    let port = match port.strip_prefix(':') {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
        None if port.is_empty() => 80,
        _ => return None,
    };
    Some((name, port))
}

/// The request must come from this server's own page, or from no page at all. The one exception is
/// a person who follows a link to the page itself.
fn check_site(request: &Request, host: &str) -> Result<(), Problem> {
    let headers = request.headers();
    let refused = || Problem::new(Code::OriginRefused, "Another site may not use this server.");
    let own_origin = format!("http://{host}");
    if headers.get_all(header::ORIGIN).iter().any(|origin| origin.as_bytes() != own_origin.as_bytes()) {
        return Err(refused());
    }
    let says =
        |name: &str, value: &str| headers.get(name).is_some_and(|found| found.as_bytes() == value.as_bytes());
    let own = !headers.contains_key("sec-fetch-site")
        || says("sec-fetch-site", "same-origin")
        || says("sec-fetch-site", "none");
    let followed_link = matches!(*request.method(), Method::GET | Method::HEAD)
        && request.uri().path() == "/"
        && says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document");
    if own || followed_link { Ok(()) } else { Err(refused()) }
}

/// Refuses a body that announces itself as too large; one that does not is cut off while read.
fn check_length(headers: &HeaderMap) -> Result<(), Problem> {
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > BODY_LIMIT as u64) {
        return Err(Problem::new(Code::TooLarge, format!("A request may hold at most {BODY_LIMIT} bytes.")));
    }
    Ok(())
}

fn cookie(headers: &HeaderMap) -> Option<&[u8]> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == TOKEN_COOKIE)
        .map(|(_, value)| value.as_bytes())
}

/// Checks a request, and puts the headers on whatever is answered.
pub(crate) async fn stand(State(app): State<App>, request: Request, next: Next) -> Response {
    let for_program = request.uri().path().starts_with("/api/");
    let mut response = match app.guard().check(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) if for_program => problem.into_response(),
        Err(problem) => page_for_people(&problem),
    };
    let headers = response.headers_mut();
    for (name, value) in &HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A problem as a page. Its words are this program's own: nothing of the request is repeated.
pub(crate) fn page_for_people(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let Problem { title, detail, .. } = problem;
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title} · TapMap</title>\n\
         <h1>{title}</h1>\n<p>{detail}</p>\n"
    );
    (status, Html(page)).into_response()
}
