//! What the user knows already.

use axum::{Json, extract::State};
use serde::Deserialize;
use tapmap_core::{MarkChange, NotMarked};
use tapmap_engine::remembered;
use utoipa::IntoParams;

use super::{geo::aside, history};
use crate::{
    App, MarksRefusal, Problem,
    extract::{Body, Parameters},
    problem::Code,
    wire::{Marks, NewMark, UndoMarks},
};

/// All marks, the latest first, also those that have expired.
#[utoipa::path(get, operation_id = "list_marks", path = "/api/v1/marks",
    responses((status = 200, body = Marks)))]
pub(crate) async fn list(State(app): State<App>) -> Result<Json<Marks>, Problem> {
    let (marks, problem) = held(&app).await?;
    Ok(Json(Marks::of(&marks, problem, app.country_name())))
}

/// Marks something as known, or mutes it.
#[utoipa::path(put, operation_id = "put_mark", path = "/api/v1/marks", request_body = NewMark,
    security(("token" = [])), responses((status = 200, body = Marks)))]
pub(crate) async fn put(State(app): State<App>, Body(new): Body<NewMark>) -> Result<Json<Marks>, Problem> {
    let subject: tapmap_core::MarkSubject = new.subject.into();
    let executables = match subject.app().cloned() {
        Some(name) if app.history().is_some() => {
            history::read_now(&app, move |reader, now| remembered::executables(reader, &name, now)).await?
        }
        _ => Vec::new(),
    };
    let control = app.control();
    let files =
        aside(move || executables.iter().filter_map(|path| control.program_file(path)).collect::<Vec<_>>());
    let (kind, note) = (new.kind.into(), new.note.trim().into());
    let new = tapmap_core::NewMark { subject, kind, note, files: files.await? };
    change(app, MarkChange::Put(new)).await
}

/// Which marks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// The one of this id.
    #[serde(default)]
    id: Option<String>,
    /// All of them.
    #[serde(default)]
    all: Option<bool>,
}

/// Removes a mark, or all.
#[utoipa::path(delete, operation_id = "remove_marks", path = "/api/v1/marks", params(Which),
    security(("token" = [])), responses((status = 200, body = Marks)))]
pub(crate) async fn remove(
    State(app): State<App>,
    Parameters(which): Parameters<Which>,
) -> Result<Json<Marks>, Problem> {
    let removal = match which {
        Which { id: Some(id), all: None } => MarkChange::Remove(number(&id)?),
        Which { id: None, all: Some(true) } => MarkChange::Clear,
        Which { .. } => {
            return Err(Problem::new(Code::InvalidRequest, "Say which marks: either id or all=true."));
        }
    };
    change(app, removal).await
}

/// Takes the last change of the marks back; up to eight, one after the other.
#[utoipa::path(post, operation_id = "undo_marks", path = "/api/v1/marks/undo", request_body = UndoMarks,
    security(("token" = [])), responses((status = 200, body = Marks)))]
pub(crate) async fn undo(
    State(app): State<App>,
    Body(UndoMarks { revision }): Body<UndoMarks>,
) -> Result<Json<Marks>, Problem> {
    let revision = revision.as_deref().map(number).transpose()?;
    change(app, MarkChange::Undo(revision)).await
}

/// The marks that there are, and what is wrong with their file.
pub(crate) async fn held(app: &App) -> Result<(tapmap_core::Marks, Option<String>), Problem> {
    let control = app.control();
    aside(move || control.marks()).await
}

async fn change(app: App, change: MarkChange) -> Result<Json<Marks>, Problem> {
    let control = app.control();
    let changed = aside(move || control.change_marks(change)).await?;
    let marks = changed.map_err(|refusal| match refusal {
        MarksRefusal::NotKept(sentence) => Problem::new(Code::NotKept, sentence),
        MarksRefusal::NotMarked(why) => {
            let is_absent = matches!(why, NotMarked::NoSuchMark | NotMarked::NothingToUndo);
            let code = if is_absent { Code::NotFound } else { Code::InvalidRequest };
            Problem::new(code, why.sentence())
        }
    })?;
    Ok(Json(Marks::of(&marks, None, app.country_name())))
}

fn number(text: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| Problem::new(Code::InvalidRequest, "An id is a number."))
}
