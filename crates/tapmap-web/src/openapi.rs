//! The contract, made from the code: `openapi.json` at the top of the repository is its checked-in
//! copy, and a test holds the two together.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        ContentBuilder, OpenApi as Document, Ref, RefOr, ResponseBuilder, Schema,
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};

use crate::{guard::TOKEN_HEADER, problem::Problem, router, wire};

/// The contract as checked in, which is also what the server hands out.
pub(crate) const CHECKED_IN: &str = include_str!("../../../openapi.json");

/// Schemas of which a part may be left out; everywhere else what is not known is `null`.
const LEAVES_OUT: [&str; 2] = ["Delta", "DictionaryAdditions"];
/// What a delta always holds.
const ALWAYS: [&str; 2] = ["s", "at"];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "TapMap",
        description = "Where this computer connects, as this computer sees it. Times are RFC 3339 in UTC, 64-bit ids are text, what is not known is null.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        version = "1"
    ),
    components(schemas(wire::Hello, wire::Delta, wire::Resync, wire::NewsHeard, wire::Row, wire::CounterRow, wire::EndRow, Problem)),
    modifiers(&Finish)
)]
struct Contract;

/// What the derive macros cannot say.
struct Finish;

impl Modify for Finish {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let token = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
            TOKEN_HEADER,
            "Made at the first start; needed by every request that changes something.",
        )));
        components.add_security_scheme("token", token);
    }
}

/// The contract as JSON text, the same for the same code.
pub fn openapi() -> String {
    let (_, paths) = router::api().split_for_parts();
    let mut document = Contract::openapi();
    document.merge(paths);
    require_all(&mut document);
    allow_problems(&mut document);
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// Nulls are written, never left out: every property is required. (The derive macro takes an
/// `Option` for a property that may be missing.)
fn require_all(document: &mut Document) {
    let Some(components) = document.components.as_mut() else { return };
    for (name, schema) in &mut components.schemas {
        let leaves_out = LEAVES_OUT.contains(&name.as_str());
        for object in objects_of(schema) {
            let names = object.properties.keys().filter(|key| !leaves_out || ALWAYS.contains(&key.as_str()));
            object.required = names.cloned().collect();
        }
    }
}

/// Any request can be refused, by the guard if not by its route.
fn allow_problems(document: &mut Document) {
    let problem = || {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        ResponseBuilder::new()
            .description("Refused, or failed: a problem document")
            .content("application/problem+json", content)
            .build()
    };
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), problem().into());
        }
    }
}

fn objects_of(schema: &mut RefOr<Schema>) -> Vec<&mut utoipa::openapi::Object> {
    match schema {
        RefOr::T(Schema::Object(object)) => vec![object],
        RefOr::T(Schema::AllOf(all)) => all.items.iter_mut().flat_map(objects_of).collect(),
        _ => Vec::new(),
    }
}
