//! Which path leads where, and what all routes share.

use std::{
    fmt,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::Uri,
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use tapmap_core::{Coordinates, MarkChange, Marks, NotMarked, OwnPlace, ProgramFile};
use tapmap_engine::{History, Live, remembered::SiteOf};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    assets::{self, Assets},
    guard::{self, Guard, OneTimeKeys, Token},
    news::Announcer,
    problem::{Code, Problem},
    routes::{
        about, coverage, days, document, events, flows, geo, history, insights, keys, listeners, marks,
        own_place, preferences, report, snapshot, status, stream,
    },
    stream::Hub,
    wire::{About, Continues, CountryName, DataSource, NewPreferences, Preferences, ServiceName},
};

/// What the routes ask of the program that they run in.
pub trait Control: Send + Sync {
    /// The data that look-ups are answered from.
    fn data(&self) -> Vec<DataSource>;
    /// Looks for data files again and answers what is used then. May take seconds.
    fn recheck_data(&self) -> Vec<DataSource>;
    /// Keeps the place that the user picked, or forgets it, tells the recorder, and answers the
    /// place that holds now.
    ///
    /// # Errors
    /// Fails with a sentence when the choice could not be kept.
    fn choose_own_place(&self, place: Option<Coordinates>) -> Result<Option<OwnPlace>, String>;
    /// The marks that there are, after a look at the programs' files, and what is wrong with the file that
    /// keeps them, in a sentence.
    fn marks(&self) -> (Marks, Option<String>);
    /// Changes the marks, keeps them and answers them.
    ///
    /// # Errors
    /// When the change makes no sense, or could not be kept; nothing has changed then.
    fn change_marks(&self, change: MarkChange) -> Result<Marks, MarksRefusal>;
    /// The program's file at a path, as it is now; `None` when the system does not tell.
    fn program_file(&self, path: &str) -> Option<ProgramFile>;
    /// What the reader chose for the page.
    fn preferences(&self) -> Preferences;
    /// Changes what the reader chose, keeps it and answers it.
    ///
    /// # Errors
    /// When the change makes no sense, or could not be kept; nothing has changed then.
    fn change_preferences(&self, new: NewPreferences) -> Result<Preferences, PreferencesRefusal>;
    /// Whether recording continues after log-out; `None` when nothing of this computer is recorded.
    fn continues(&self) -> Option<Continues>;
    /// A new random key of at least 32 letters, digits, `-` or `_`.
    fn new_one_time_key(&self) -> String;
}

/// Why marks were not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarksRefusal {
    /// The change makes no sense.
    NotMarked(NotMarked),
    /// They could not be kept; why, in a sentence.
    NotKept(String),
}

/// Why preferences were not changed, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreferencesRefusal {
    /// The change makes no sense.
    NotUnderstood(String),
    /// They could not be kept.
    NotKept(String),
}

/// What the program gives.
pub struct Settings {
    /// The recorder's state.
    pub live: Live,
    /// The program around.
    pub control: Arc<dyn Control>,
    /// The token for whatever changes something.
    pub token: Token,
    /// Where the server listens: the address of the listener given to [`crate::serve`].
    pub bind: SocketAddr,
    /// Says a country's name.
    pub country_name: CountryName,
    /// Says what a service port is registered for.
    pub service_name: ServiceName,
    /// What the program is and whom it thanks.
    pub about: About,
    /// After how many observed days events are told.
    pub learning_days: u32,
    /// Says the site that a name belongs to.
    pub site: SiteOf,
    /// A folder to serve the page from instead of the one inside the program, for work on the page.
    pub ui_dir: Option<PathBuf>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Settings").field("bind", &self.bind).finish_non_exhaustive()
    }
}

/// The web part of the program. Cloning gives another handle to the same.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    live: Live,
    history: OnceLock<History>,
    control: Arc<dyn Control>,
    guard: Guard,
    keys: OneTimeKeys,
    country_name: CountryName,
    service_name: ServiceName,
    about: About,
    learning_days: u32,
    site: SiteOf,
    hub: Arc<Hub>,
    announcer: Announcer,
    assets: Assets,
}

impl fmt::Debug for App {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("App").field("guard", &self.0.guard).finish_non_exhaustive()
    }
}

impl App {
    /// The web part over a recorder.
    pub fn new(settings: Settings) -> Self {
        let Settings {
            live,
            control,
            token,
            bind,
            country_name,
            service_name,
            about,
            learning_days,
            site,
            ui_dir,
        } = settings;
        let guard = Guard::new(bind, &live.status().identity.host_name, token);
        let hub = Arc::new(Hub::new(live.clone()));
        let assets = Assets::new(ui_dir);
        Self(Arc::new(Shared {
            live,
            history: OnceLock::new(),
            control,
            guard,
            keys: OneTimeKeys::default(),
            country_name,
            service_name,
            about,
            learning_days,
            site,
            hub,
            announcer: Announcer::default(),
            assets,
        }))
    }

    /// Says where what is seen is remembered; before that, and without, nothing is. The first one counts.
    pub fn remember(&self, history: History) {
        if self.0.history.set(history).is_err() {
            tracing::warn!("a second history was offered");
        }
    }

    /// Path and query that open the page once with the right to change things:
    /// `/open?key=<one-time key>`.
    pub fn open_path(&self) -> String {
        let key = self.0.control.new_one_time_key();
        let path = format!("/open?key={key}");
        if self.0.keys.admit(key) { path } else { "/".to_owned() }
    }

    /// Whether other computers may be able to reach the server, so that everything needs the token.
    pub fn is_beyond_loopback(&self) -> bool {
        self.0.guard.is_beyond_loopback()
    }

    /// All routes behind the guard. Streams carry changes while [`App::run`] runs.
    pub fn router(&self) -> Router {
        let (api, _) = api().split_for_parts();
        api.route("/open", get(document::open))
            .fallback(fallback)
            .method_not_allowed_fallback(method_not_allowed)
            .layer(DefaultBodyLimit::max(guard::BODY_LIMIT))
            .layer(middleware::from_fn_with_state(self.clone(), guard::stand))
            .with_state(self.clone())
    }

    /// Feeds the streams; never ends by itself. [`crate::serve`] does this.
    pub async fn run(&self) {
        tokio::join!(self.0.hub.run(), self.keep_telling());
    }

    pub(crate) fn announcer(&self) -> &Announcer {
        &self.0.announcer
    }

    /// After how many observed days events are told.
    pub(crate) fn learning_days(&self) -> u32 {
        self.0.learning_days
    }

    pub(crate) fn site(&self) -> SiteOf {
        self.0.site
    }

    pub(crate) fn live(&self) -> &Live {
        &self.0.live
    }

    pub(crate) fn history(&self) -> Option<&History> {
        self.0.history.get()
    }

    pub(crate) fn control(&self) -> Arc<dyn Control> {
        Arc::clone(&self.0.control)
    }

    pub(crate) fn guard(&self) -> &Guard {
        &self.0.guard
    }

    pub(crate) fn keys(&self) -> &OneTimeKeys {
        &self.0.keys
    }

    pub(crate) fn country_name(&self) -> CountryName {
        self.0.country_name
    }

    pub(crate) fn service_name(&self) -> ServiceName {
        self.0.service_name
    }

    pub(crate) fn about(&self) -> &About {
        &self.0.about
    }

    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.0.hub
    }

    pub(crate) fn assets(&self) -> &Assets {
        &self.0.assets
    }
}

/// The routes of the contract.
pub(crate) fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(flows::list))
        .routes(routes!(listeners::list))
        .routes(routes!(status::show))
        .routes(routes!(coverage::show))
        .routes(routes!(about::show))
        .routes(routes!(own_place::choose, own_place::forget))
        .routes(routes!(geo::recheck))
        .routes(routes!(keys::make))
        .routes(routes!(snapshot::take))
        .routes(routes!(stream::follow))
        .routes(routes!(history::timeline))
        .routes(routes!(history::show))
        .routes(routes!(history::forget, history::restore))
        .routes(routes!(history::compact))
        .routes(routes!(history::verify))
        .routes(routes!(history::import))
        .routes(routes!(days::list))
        .routes(routes!(insights::show))
        .routes(routes!(insights::rhythms))
        .routes(routes!(insights::away))
        .routes(routes!(report::show))
        .routes(routes!(events::list))
        .routes(routes!(marks::list, marks::put, marks::remove))
        .routes(routes!(marks::undo))
        .routes(routes!(preferences::put))
        .routes(routes!(document::openapi))
}

/// Whatever no route answers: the page's files, or a problem.
async fn fallback(
    axum::extract::State(app): axum::extract::State<App>,
    method: axum::http::Method,
    uri: Uri,
    headers: axum::http::HeaderMap,
) -> Response {
    if uri.path().starts_with("/api/") {
        return Problem::new(Code::NotFound, "The interface has no such path; see /api/v1/openapi.json.")
            .into_response();
    }
    assets::answer(app.assets(), &method, uri.path(), &headers)
}

async fn method_not_allowed() -> Problem {
    Problem::new(Code::MethodNotAllowed, "This path does not know that method.")
}
