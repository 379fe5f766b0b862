//! Holds the JSON report against its published schema.

use serde_json::{Value, json};

use super::{to_json, v1::Document};
use crate::sample;

const PUBLISHED: &str = include_str!("../../../../docs/schema/report-1.json");

fn generated() -> Value {
    let generator = schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Document>().to_value();
    schema["title"] = json!("numpact report, version 1");
    schema
}

fn published() -> Value {
    serde_json::from_str(PUBLISHED).expect("the published schema is JSON")
}

/// Forbids every field that the schema does not name.
fn close(schema: &mut Value) {
    if let Value::Object(map) = schema {
        if map.contains_key("properties") {
            map.insert("additionalProperties".to_owned(), json!(false));
        }
        map.values_mut().for_each(close);
    } else if let Value::Array(items) = schema {
        items.iter_mut().for_each(close);
    }
}

#[test]
fn the_published_schema_is_that_of_the_types() {
    let text = serde_json::to_string_pretty(&generated()).expect("plain values serialise");
    // The whole text is printed, so that an addition can be taken over from the test's output.
    assert!(
        published() == generated(),
        "`docs/schema/report-1.json` is not the schema of the types, which is:\n{text}"
    );
}

#[test]
fn reports_follow_the_schema_and_say_nothing_beside_it() {
    let mut schema = published();
    close(&mut schema);
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    for report in [sample::broken(), sample::healthy(), contract::report::Report::default()] {
        let text = to_json(&sample::page(&report)).expect("plain values serialise");
        let value: Value = serde_json::from_str(&text).expect("valid JSON");
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    assert!(!validator.is_valid(&json!({"schema": "numpact.report/1"})), "the schema accepts anything");
}

#[test]
fn the_names_and_words_that_others_rely_on() {
    let report = sample::broken();
    let text = to_json(&sample::page(&report)).expect("plain values serialise");
    let value: Value = serde_json::from_str(&text).expect("valid JSON");
    assert_eq!(value["schema"], "numpact.report/1");
    let target = &value["targets"][0];
    assert_eq!(target["target"], json!({"kind": "environment", "path": "/env"}));
    assert_eq!(target["numpy"]["abi"], "0x02000000");
    assert_eq!(target["numpy"]["api"], "0x13");
    let old = target["distributions"].as_array().expect("a list").iter().find(|d| d["name"] == "old").expect("`old`");
    assert_eq!(old["numpy"], json!({"binary": ">=1.23,<2", "declared": ">=1.21"}));
    let binary = &old["binaries"][0];
    assert_eq!((&binary["verdict"], &binary["fails"]), (&json!("incompatible"), &json!("import")));
    assert_eq!(binary["requires"]["headers"], "1.x");
    assert_eq!(binary["requires"]["abi"], "0x01000009");
    assert_eq!(binary["requires"]["api"], "0x10");
    assert_eq!(
        value["summary"],
        json!({"distributions": 4, "unread": 0, "binaries": 5, "compatible": 1, "unjudged": 0, "at_risk": 0, "incompatible": 2, "undetermined": 1,
               "not_applicable": 1})
    );
}
