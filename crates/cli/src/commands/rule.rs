//! `numpact rule`: what a rule means, why it matters, how to mend it. The pages are those of `docs/rules`.

use anyhow::{Result, bail};
use contract::rules::{Rule, rules};

use crate::args::RuleArgs;
use crate::exit::ExitStatus;
use crate::output;
use crate::settings::did_you_mean;

/// A rule's id and its page.
macro_rules! pages {
    ($($id:literal)*) => {
        &[$(($id, include_str!(concat!("../../../../docs/rules/", $id, ".md")))),*]
    };
}

/// A page for each rule.
const PAGES: &[(&str, &str)] = pages![
    "build-against-newest-numpy"
    "build-pin-too-new"
    "conda-pip-mix"
    "expectation-not-met"
    "fails-at-first-use"
    "foreign-binary"
    "half-installed-numpy"
    "metadata-allows-broken-numpy"
    "metadata-forbids-working-numpy"
    "mixed-builds"
    "no-numpy-satisfies-both"
    "not-in-a-virtual-environment"
    "numpy-major-mismatch"
    "numpy-too-old"
    "other-type-size-changed"
    "several-numpys"
    "type-size-changed"
    "unchecked-numpy-access"
    "undetermined-binary"
];

pub(super) fn run(arguments: &RuleArgs) -> Result<ExitStatus> {
    let text = match &arguments.id {
        None => list(),
        Some(id) => page(id)?,
    };
    output::write(&text, None)?;
    Ok(ExitStatus::Fine)
}

fn list() -> String {
    let rules = rules();
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let line = |rule: &Rule| format!("{:<width$}  {:<7}  {}\n", rule.id, rule.severity.as_str(), rule.summary);
    rules.iter().map(line).collect()
}

fn page(id: &str) -> Result<String> {
    match PAGES.iter().find(|(known, _)| *known == id) {
        Some((_, page)) => Ok((*page).to_owned()),
        None => {
            let hint = did_you_mean(id, PAGES.iter().map(|(known, _)| *known));
            bail!("there is no rule `{id}`{hint}; `numpact rule` lists them")
        }
    }
}

#[cfg(test)]
mod tests {
    use contract::rules::rules;

    use super::PAGES;

    #[test]
    fn every_rule_has_a_page_and_every_page_a_rule() {
        let rules: Vec<&str> = rules().iter().map(|rule| rule.id).collect();
        let pages: Vec<&str> = PAGES.iter().map(|(id, _)| *id).collect();
        assert_eq!(rules, pages);
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder of pages")
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().trim_end_matches(".md").to_owned())
            .collect();
        files.sort();
        assert_eq!(files, pages);
    }

    #[test]
    fn every_page_says_what_why_and_how() {
        for (id, page) in PAGES {
            assert!(page.starts_with(&format!("# {id}\n")), "{id}: the title is the id");
            for part in ["\n## What it means\n", "\n## Why it matters\n", "\n## How to mend it\n"] {
                assert!(page.contains(part), "{id}: no {part:?}");
            }
        }
    }
}
