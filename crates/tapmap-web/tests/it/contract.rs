//! Holds answers against `openapi.json`, and `openapi.json` against the code.

use std::path::Path;

use serde_json::{Map, Value};

fn checked_in() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "UPDATE=1 writes the file anew")]
fn the_checked_in_contract_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json");
    let made = tapmap_web::openapi();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(
        kept == made,
        "openapi.json is not what the code says: run this test with UPDATE=1 and review the diff"
    );
}

/// Tools that generate code from the contract name functions after the operations.
#[test]
fn every_operation_has_a_name_of_its_own() {
    let contract = checked_in();
    let mut names: Vec<&str> = contract["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|methods| methods.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "{names:?}");
}

#[test]
fn the_contract_lists_every_word() {
    let contract = checked_in();
    for (schema, count) in [
        ("Scope", 11),
        ("State", 12),
        ("Direction", 2),
        ("Attribution", 10),
        ("Role", 14),
        ("Protocol", 2),
        ("Sight", 10),
        ("Evidence", 8),
        ("MatchQuality", 3),
        ("NameSource", 6),
        ("SeenBy", 4),
        ("LayerName", 19),
        ("WhyAway", 2),
    ] {
        let words = contract["components"]["schemas"][schema]["enum"].as_array();
        assert_eq!(words.map(Vec::len), Some(count), "{schema}");
    }
}

/// Fails unless an answer is one that the contract promises: path, method, status, media type, and
/// for JSON every key and value. Keys that the contract does not name are errors too.
pub(crate) fn check(method: &str, path: &str, status: u16, media_type: &str, body: &[u8]) {
    let contract = checked_in();
    let operation = &contract["paths"][template(&contract, path)][method.to_ascii_lowercase()];
    let unknown = operation.is_null();
    let responses = if unknown {
        &contract["paths"]["/api/v1/status"]["get"]["responses"]
    } else {
        &operation["responses"]
    };
    let response = responses.get(status.to_string()).unwrap_or(&responses["default"]);
    assert!(!unknown || status >= 400, "{method} {path} is not in the contract and answered {status}");
    let schema = &response["content"][media_type]["schema"];
    assert!(!schema.is_null(), "{method} {path} {status}: {media_type} is not in the contract");
    if media_type.ends_with("json") {
        let value = serde_json::from_slice(body).unwrap();
        hold(&contract, schema, &value, "body");
    }
}

/// The path as the contract has it: itself, or the one whose braces it fills.
fn template<'a>(contract: &'a Value, path: &'a str) -> &'a str {
    let paths = contract["paths"].as_object().unwrap();
    let fits = |template: &str| {
        let (mut template, mut path) = (template.split('/'), path.split('/'));
        let segments = template.by_ref().zip(path.by_ref());
        let fit = segments.into_iter().all(|(one, other)| one == other || one.starts_with('{'));
        fit && template.next().is_none() && path.next().is_none()
    };
    if paths.contains_key(path) {
        return path;
    }
    paths.keys().find(|template| fits(template)).map_or(path, String::as_str)
}

/// Holds a value against a named schema of the contract.
pub(crate) fn check_schema(name: &str, value: &Value) {
    let contract = checked_in();
    hold(&contract, &contract["components"]["schemas"][name], value, name);
}

fn hold(contract: &Value, schema: &Value, value: &Value, at: &str) {
    if let Err(problem) = holds(contract, schema, value, at) {
        panic!("{problem}");
    }
}

fn holds(contract: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = contract
            .pointer(reference.trim_start_matches('#'))
            .ok_or(format!("{reference} leads nowhere"))?;
        return holds(contract, target, value, at);
    }
    let any = schema["anyOf"].as_array();
    if let Some(choices) = schema["oneOf"].as_array().or(any) {
        let failures: Vec<String> =
            choices.iter().filter_map(|choice| holds(contract, choice, value, at).err()).collect();
        let fits = choices.len() - failures.len();
        return if fits == 1 || fits > 1 && any.is_some() {
            Ok(())
        } else {
            Err(format!("{at}: fits {fits} of the choices: {failures:?}"))
        };
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let merged = merge(contract, parts);
        return holds(contract, &merged, value, at);
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Err(format!("{at}: {value} is not one of {words:?}"));
    }
    let types = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !types.is_empty() && !types.iter().any(|name| is_a(name, value)) {
        return Err(format!("{at}: {value} is not {types:?}"));
    }
    match value {
        Value::Object(object) if schema["properties"].is_object() => {
            hold_object(contract, schema, object, at)
        }
        Value::Array(items) => hold_items(contract, schema, items, at),
        _ => Ok(()),
    }
}

fn merge(contract: &Value, parts: &[Value]) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for part in parts {
        let part = part["$ref"]
            .as_str()
            .and_then(|path| contract.pointer(path.trim_start_matches('#')))
            .unwrap_or(part);
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    serde_json::json!({ "type": "object", "properties": properties, "required": required })
}

fn hold_object(
    contract: &Value,
    schema: &Value,
    object: &Map<String, Value>,
    at: &str,
) -> Result<(), String> {
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(name) {
            return Err(format!("{at}: `{name}` is missing"));
        }
    }
    for (name, value) in object {
        let property =
            schema["properties"].get(name).ok_or(format!("{at}: `{name}` is not in the contract"))?;
        holds(contract, property, value, &format!("{at}.{name}"))?;
    }
    Ok(())
}

fn hold_items(contract: &Value, schema: &Value, items: &[Value], at: &str) -> Result<(), String> {
    let first = schema["prefixItems"].as_array().map_or(&[][..], Vec::as_slice);
    let fewest = schema["minItems"].as_u64().map_or(first.len(), |fewest| usize::try_from(fewest).unwrap());
    if !first.is_empty() && !(fewest..=first.len()).contains(&items.len()) {
        return Err(format!("{at}: {} items instead of {}", items.len(), first.len()));
    }
    for (index, item) in items.iter().enumerate() {
        let of = first.get(index).unwrap_or(&schema["items"]);
        holds(contract, of, item, &format!("{at}[{index}]"))?;
    }
    Ok(())
}

fn is_a(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

#[test]
fn the_validator_refuses_what_does_not_fit() {
    let contract = checked_in();
    let schema = &contract["components"]["schemas"]["Credit"];
    let good = serde_json::json!({ "name": "a", "text": "b", "url": "c", "licence": "d" });
    assert_eq!(holds(&contract, schema, &good, "x"), Ok(()));
    for bad in [
        serde_json::json!({ "name": "a", "text": "b", "url": "c" }),
        serde_json::json!({ "name": 1, "text": "b", "url": "c", "licence": "d" }),
        serde_json::json!({ "name": "a", "text": "b", "url": "c", "licence": "d", "more": "e" }),
    ] {
        assert!(holds(&contract, schema, &bad, "x").is_err(), "{bad}");
    }
    let scope = &contract["components"]["schemas"]["Scope"];
    assert!(holds(&contract, scope, &serde_json::json!("nowhere"), "x").is_err());
}
