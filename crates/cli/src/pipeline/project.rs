//! The check of projects by their sources: what they would be built against, or what they depend on.

use std::path::Path;

use advice::commands;
use anyhow::{Context as _, Result, anyhow, bail};
use contract::report::TargetKind;
use sources::project::{Project, SourceTree, read_folder, read_pyproject};

use crate::pipeline::access::Access;
use crate::pipeline::wheels::{self, Subject};
use crate::pipeline::{Checked, builds, requirements};
use crate::settings::Settings;

/// Checks what an isolated build of sources would compile against: those in a folder, or a source distribution.
pub(crate) fn check_sources(path: &Path, access: &Access) -> Result<Checked> {
    let target = access.target()?;
    let shown = path.display().to_string();
    let tree = if path.is_dir() { read_folder(path)? } else { builds::open(path, &shown)? };
    let planned = builds::plan(shown.clone(), &tree, &target, access);
    let SourceTree { project: Project { name, version, dependencies, .. }, .. } = tree;
    let depends = path.is_dir() && dependencies.is_some_and(|dependencies| !dependencies.is_empty());
    let name = name.unwrap_or_else(|| shown.clone());
    let said = builds::says(&planned, "it", &target);
    let mut gathered = wheels::unknown(&shown, &name, &version.unwrap_or_default(), said);
    gathered.build = Some(planned);
    let subject = Subject {
        kind: TargetKind::SourceTree,
        path: shown,
        target: Some(target),
        numpy: access.numpy(None)?,
        problems: Vec::new(),
        columns: access.columns.as_ref(),
    };
    let mut checked = wheels::judge(subject, &[gathered]);
    checked.report.left_out.extend(depends.then(|| elsewhere(path)));
    Ok(checked)
}

/// Where what a project depends on is looked at: a check of its folder is about its build.
fn elsewhere(folder: &Path) -> String {
    let file = folder.join("pyproject.toml");
    let named = file.strip_prefix(".").unwrap_or(&file).display().to_string();
    let command = commands::line(&["numpact", "check", &named], cfg!(windows));
    format!("what the project depends on; `{command}` looks at that")
}

/// Checks what the dependencies of a `pyproject.toml` come to, with the groups and extras that were asked for.
pub(crate) fn check_dependencies(path: &Path, settings: &Settings, access: &Access) -> Result<Vec<Checked>> {
    let shown = path.display().to_string();
    let wanted = dependencies(&read_pyproject(path)?, settings).with_context(|| format!("`{shown}`"))?;
    if wanted.is_empty() {
        bail!("`{shown}` names no dependency; `--group` and `--extra` add those of a group or an extra");
    }
    requirements::check(&wanted, &[], shown, access)
}

fn dependencies(project: &Project, settings: &Settings) -> Result<Vec<String>> {
    let mut wanted = match &project.dependencies {
        Some(dependencies) => dependencies.clone(),
        None if settings.wanted.groups.is_none() => {
            bail!(
                "what it depends on stands neither in `[project]` nor, in words that every installer knows, in `[tool.poetry]`; \
                 check its lock file instead"
            )
        }
        None => Vec::new(),
    };
    for name in settings.wanted.extras.iter().flatten() {
        wanted.extend_from_slice(project.extra(name).ok_or_else(|| anyhow!("there is no extra `{name}`"))?);
    }
    for name in settings.wanted.groups.iter().flatten() {
        wanted.extend(project.group(name).map_err(anyhow::Error::msg)?);
    }
    project.expanded(&wanted).map_err(anyhow::Error::msg)
}
