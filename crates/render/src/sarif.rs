//! SARIF 2.1.0, for code scanning. Only the part of the format that is used is modelled here; a test reads it back with
//! a library's full model. Ignored findings stand in it as suppressed ones. The counts are properties of the run.

use std::collections::BTreeMap;

use contract::report::{TargetKind, TargetReport};
use contract::rules::rules;
use contract::{Evidence, Finding, Severity};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;

use crate::json::v1;
use crate::page::relative_to;
use crate::{Page, TargetHint, words};

/// The name by which code scanning knows the root of the repository.
const ROOT: &str = "%SRCROOT%";

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
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    /// What relative addresses are relative to: code scanning takes it for the root of the repository.
    original_uri_base_ids: BTreeMap<&'static str, Artifact>,
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
    /// Empty where a finding is about no file at all.
    locations: Vec<Location>,
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
    properties: Properties,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    physical_location: Option<Physical>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<Logical>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

/// Code scanning takes no result without a line. Compiled files have none, and of a lock file or of requirements none is
/// known: the whole file is meant.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
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
        runs: [Run {
            tool: tool(page),
            original_uri_base_ids: BTreeMap::from([(ROOT, root(page.folder))]),
            results: results(page),
            properties: properties(page),
        }],
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
        let hint = page.hint(index);
        let place = Place { target, hint: &hint, folder: page.folder };
        results.extend(target.findings.iter().map(|finding| result(finding, &place, None)));
        let ignored = page.ignored.iter().filter(|ignored| ignored.target == index);
        results.extend(ignored.map(|ignored| result(&ignored.finding, &place, Some(&ignored.reason))));
    }
    results
}

/// Where findings of one target lie.
struct Place<'a> {
    target: &'a TargetReport,
    hint: &'a TargetHint,
    /// What relative paths are relative to.
    folder: &'a str,
}

fn result(finding: &Finding, place: &Place<'_>, ignored: Option<&String>) -> Result {
    let help = finding.help.as_ref().map(|help| format!(". Next: {help}")).unwrap_or_default();
    let suppression = |reason: &String| Suppression { kind: "external", justification: reason.clone() };
    Result {
        rule_id: finding.rule.clone(),
        level: level(finding.severity),
        message: Text { text: format!("{}{help}", finding.message) },
        locations: location(finding, place).into_iter().collect(),
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

fn location(finding: &Finding, place: &Place<'_>) -> Option<Location> {
    let installed = finding.distribution.as_ref().zip(finding.binary.as_ref());
    let on_disk = installed.and_then(|(name, path)| Some(format!("{}/{path}", place.hint.sites.get(name)?)));
    let path = on_disk.as_deref().or(place.hint.file.as_deref()).or(file_of(place.target));
    let physical =
        |path| Physical { artifact_location: artifact(path, place.folder), region: Region { start_line: 1 } };
    // What lies in a wheel, or in one that is still to be installed, is no file of its own.
    let member = finding.binary.iter().filter(|_| on_disk.is_none());
    let package = finding.distribution.iter().map(|name| Logical { name: name.clone(), kind: "package" });
    let member = member.map(|path| Logical { name: path.clone(), kind: "resource" });
    let logical_locations: Vec<Logical> = package.chain(member).collect();
    let somewhere = path.is_some() || !logical_locations.is_empty();
    somewhere.then(|| Location { physical_location: path.map(physical), logical_locations })
}

/// The file or folder that a target is; requirements of the command line are none. One environment of several that a lock
/// file holds has its name behind the file's.
fn file_of(target: &TargetReport) -> Option<&str> {
    let of_several = target.path.strip_suffix(')').and_then(|path| path.rsplit_once(" ("));
    match (target.kind, of_several) {
        (TargetKind::Requirements, _) => None,
        (TargetKind::Lockfile, Some((file, _))) => Some(file),
        _ => Some(&target.path),
    }
}

/// An address: relative to the folder that the program was started in where it lies there.
fn artifact(path: &str, folder: &str) -> Artifact {
    match relative_to(folder, path) {
        Some(relative) => Artifact { uri: encoded(&relative), uri_base_id: Some(ROOT) },
        None => Artifact { uri: absolute(&path.replace('\\', "/")), uri_base_id: None },
    }
}

/// The address of a folder; it ends with a slash, or what is relative to it would not lie in it.
fn root(folder: &str) -> Artifact {
    let uri = absolute(&folder.replace('\\', "/"));
    Artifact { uri: if uri.ends_with('/') { uri } else { uri + "/" }, uri_base_id: None }
}

/// `file:///...` of an absolute path with slashes.
fn absolute(path: &str) -> String {
    let path = encoded(path);
    if path.starts_with('/') { format!("file://{path}") } else { format!("file:///{path}") }
}

fn encoded(path: &str) -> String {
    utf8_percent_encode(path, NOT_IN_PATHS).to_string()
}

#[cfg(test)]
mod tests {
    use contract::report::TargetKind;
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
        assert!(text.contains(r#""uri": "file:///env/lib/old/core.so""#), "{text}");
        let base = run.original_uri_base_ids.as_ref().and_then(|bases| bases.get(super::ROOT)).expect("a base");
        assert_eq!(base.uri.as_deref(), Some("file:///home/me/"));
        for result in results {
            let place = result.locations.iter().flatten().next().and_then(|l| l.physical_location.as_ref());
            assert!(place.and_then(|place| place.region.as_ref()).is_some_and(|region| region.start_line == Some(1)));
        }
    }

    #[test]
    fn addresses_are_relative_to_the_folder_where_they_can_be() {
        let of = |path: &str, folder: &str| {
            let found = super::artifact(path, folder);
            (found.uri, found.uri_base_id.is_some())
        };
        assert_eq!(of(r"C:\my env\a.pyd", "C:\\other"), ("file:///C:/my%20env/a.pyd".to_owned(), false));
        assert_eq!(of(r"C:\here\a b.whl", r"C:\here"), ("a%20b.whl".to_owned(), true));
        assert_eq!(of("/env/a.so", "/home/me"), ("file:///env/a.so".to_owned(), false));
        assert_eq!(of("/home/me/env/a.so", "/home/me"), ("env/a.so".to_owned(), true));
        assert_eq!(of("/home/men/a.so", "/home/me"), ("file:///home/men/a.so".to_owned(), false));
        assert_eq!(of("./dist/a b.whl", "/home/me"), ("dist/a%20b.whl".to_owned(), true));
        assert_eq!(super::root("/").uri, "file:///");
    }

    #[test]
    fn what_lies_in_a_wheel_or_behind_a_lock_file_is_found_at_that_file() {
        let mut report = sample::broken();
        report.targets[0].kind = TargetKind::Lockfile;
        report.targets[0].path = "locks/pixi.lock (default)".to_owned();
        let page = crate::Page { hints: &[], ..sample::page(&report) };
        let text = super::to_sarif(&page).expect("plain values serialise");
        assert!(text.contains(r#""uri": "locks/pixi.lock""#) && !text.contains(r#""uri": "old"#), "{text}");
        assert!(text.contains(r#""name": "old/core.so""#), "{text}");
    }

    /// Their words were taken for the path of a file, `h5py==3.14.0%20numpy==1.23.5`.
    #[test]
    fn requirements_of_the_command_line_are_no_file_and_those_of_a_file_are() {
        let mut report = sample::broken();
        report.targets[0].kind = TargetKind::Requirements;
        report.targets[0].path = "old==1.0 numpy==2.2.4".to_owned();
        let written = |file: Option<&str>| {
            let hints = [crate::TargetHint { file: file.map(str::to_owned), ..crate::TargetHint::default() }];
            let text = super::to_sarif(&crate::Page { hints: &hints, ..sample::page(&report) });
            let text = text.expect("plain values serialise");
            assert!(serde_json::from_str::<Sarif>(&text).is_ok(), "{text}");
            text
        };
        let text = written(None);
        assert!(!text.contains("physicalLocation") && !text.contains("old==1.0"), "{text}");
        assert!(text.contains(r#""name": "old/core.so""#), "{text}");
        assert!(written(Some("a/requirements.txt")).contains(r#""uri": "a/requirements.txt""#));
    }
}
