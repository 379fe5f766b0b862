//! SARIF 2.1.0, for code scanning. Only the part of the format that is used is modelled here; a test reads it back with
//! a library's full model. Ignored findings stand in it as suppressed ones. The counts are properties of the run.

use contract::rules::rules;
use contract::{Evidence, Finding, Severity};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;

use crate::json::v1;
use crate::{Page, words};

/// What RFC 3986 does not allow in a path.
const NOT_IN_PATHS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
struct Run {
    tool: Tool,
    results: Vec<Result>,
    properties: RunProperties,
}

#[derive(Serialize)]
struct RunProperties {
    summary: v1::Summary,
    text: String,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text,
    help: Text,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Result {
    rule_id: String,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
    properties: Properties,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<Logical>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
struct Logical {
    name: String,
    kind: &'static str,
}

#[derive(Serialize)]
struct Fingerprints {
    /// Stays the same while the same rule complains about the same thing, whatever the versions.
    #[serde(rename = "subject/v1")]
    subject: String,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    justification: String,
}

#[derive(Serialize)]
struct Properties {
    evidence: Vec<v1::Evidence>,
}

/// The whole report.
///
/// # Errors
/// None that its values can cause; the serialiser's signature has one.
pub fn to_sarif(page: &Page<'_>) -> std::result::Result<String, serde_json::Error> {
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run { tool: tool(page), results: results(page), properties: properties(page) }],
    };
    let mut text = serde_json::to_string_pretty(&log)?;
    text.push('\n');
    Ok(text)
}

fn properties(page: &Page<'_>) -> RunProperties {
    RunProperties { summary: page.report.summary().into(), text: words::summary(page.report, page.ignored) }
}

fn tool(page: &Page<'_>) -> Tool {
    let rule = |rule: contract::rules::Rule| Rule {
        id: rule.id,
        short_description: Text { text: rule.summary.to_owned() },
        help: Text { text: format!("`numpact rule {}` says what it means and how to mend it", rule.id) },
        default_configuration: Configuration { level: rule.severity.as_str() },
    };
    let rules = rules().into_iter().map(rule).collect();
    Tool { driver: Driver { name: "numpact", semantic_version: page.tool.version, rules } }
}

fn results(page: &Page<'_>) -> Vec<Result> {
    let mut results = Vec::new();
    for (index, target) in page.report.targets.iter().enumerate() {
        results.extend(target.findings.iter().map(|finding| result(finding, &target.path, None)));
        let ignored = page.ignored.iter().filter(|ignored| ignored.target == index);
        results.extend(ignored.map(|ignored| result(&ignored.finding, &target.path, Some(&ignored.reason))));
    }
    results
}

fn result(finding: &Finding, target: &str, ignored: Option<&String>) -> Result {
    let help = finding.help.as_ref().map(|help| format!(". Next: {help}")).unwrap_or_default();
    let suppression = |reason: &String| Suppression { kind: "external", justification: reason.clone() };
    Result {
        rule_id: finding.rule.clone(),
        level: level(finding.severity),
        message: Text { text: format!("{}{help}", finding.message) },
        locations: [location(finding, target)],
        partial_fingerprints: Fingerprints { subject: fingerprint(finding) },
        suppressions: ignored.into_iter().map(suppression).collect(),
        properties: Properties { evidence: finding.evidence.iter().map(|e: &Evidence| e.into()).collect() },
    }
}

fn level(severity: Severity) -> &'static str {
    severity.as_str()
}

fn fingerprint(finding: &Finding) -> String {
    let name = finding.distribution.as_deref().unwrap_or_default();
    format!("{}|{name}|{}", finding.rule, finding.binary.as_deref().unwrap_or_default())
}

fn location(finding: &Finding, target: &str) -> Location {
    let uri = finding.binary.as_deref().map_or_else(|| target_uri(target), encoded);
    let name = finding.distribution.iter().cloned();
    Location {
        physical_location: Physical { artifact_location: Artifact { uri } },
        logical_locations: name.map(|name| Logical { name, kind: "package" }).collect(),
    }
}

fn target_uri(target: &str) -> String {
    let path = encoded(&target.replace('\\', "/"));
    match path.as_bytes() {
        [b'/', ..] => format!("file://{path}"),
        [drive, b':', ..] if drive.is_ascii_alphabetic() => format!("file:///{path}"),
        _ => path,
    }
}

fn encoded(path: &str) -> String {
    utf8_percent_encode(path, NOT_IN_PATHS).to_string()
}

#[cfg(test)]
mod tests {
    use serde_sarif::sarif::Sarif;

    use crate::{Ignored, sample};

    #[test]
    fn another_model_of_the_format_reads_it() {
        let report = sample::broken();
        let ignored = Ignored { target: 0, finding: report.targets[0].findings[0].clone(), reason: "tried".to_owned() };
        let ignored = [ignored];
        let page = crate::Page { ignored: &ignored, ..sample::page(&report) };
        let text = super::to_sarif(&page).expect("plain values serialise");
        let log: Sarif = serde_json::from_str(&text).expect("SARIF");
        let run = log.runs.first().expect("a run");
        let results = run.results.as_ref().expect("results");
        assert_eq!(results.len(), report.targets[0].findings.len() + 1);
        let known: Vec<&str> = run.tool.driver.rules.iter().flatten().map(|rule| rule.id.as_str()).collect();
        assert!(results.iter().all(|r| r.rule_id.as_deref().is_some_and(|id| known.contains(&id))), "{known:?}");
        assert!(results.last().and_then(|r| r.suppressions.as_ref()).is_some_and(|s| s.len() == 1), "suppressed");
        assert!(text.contains(r#""uri": "old/core.so""#), "{text}");
    }

    #[test]
    fn uris_have_no_blanks_and_no_backslashes() {
        assert_eq!(super::target_uri(r"C:\my env"), "file:///C:/my%20env");
        assert_eq!(super::target_uri("/env"), "file:///env");
        assert_eq!(super::target_uri("dist/a b.whl"), "dist/a%20b.whl");
    }
}
