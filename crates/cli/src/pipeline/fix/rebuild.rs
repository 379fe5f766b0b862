//! The plan to build what does not fit from source, against the NumPy that is there. It can be proved only when it is
//! done: what was built is read before it is installed.

use std::path::{Path, PathBuf};

use advice::plan::{Change, Plan, headers_for};
use anyhow::{Context as _, Result};
use runner::change::build;
use sources::wheel::normalized;

use super::Installed;
use crate::pipeline::wheels;

/// How many lines of a failed build are told.
const LAST: usize = 8;

/// The plan to build every broken distribution again; `None` where one of them cannot be replaced, or without a NumPy.
pub(super) fn plan(installed: &Installed) -> Option<Plan> {
    let numpy = installed.situation.numpy.as_ref()?;
    let broken = || installed.situation.distributions.iter().filter(|standing| standing.broken);
    if broken().any(|standing| standing.fixed.is_some()) {
        return None;
    }
    let changes: Vec<Change> = broken()
        .map(|standing| Change {
            name: standing.name.clone(),
            from: Some(standing.version.clone()),
            to: standing.version.clone(),
            requested: standing.requested,
            why: format!(
                "built against `{}`, it asks for nothing that NumPy {numpy} lacks; this needs its source distribution and a \
                 compiler for its language (gcc or clang, on Windows MSVC)",
                headers_for(numpy)
            ),
        })
        .collect();
    (!changes.is_empty()).then_some(Plan { changes, keep: Vec::new(), proof: None })
}

/// Builds a plan's wheels into a folder, reads them, and makes sure that they fit. Gives why there are none that do.
pub(super) fn wheels_of(
    plan: &Plan,
    installed: &Installed,
    pip: (&Path, &[String]),
    folder: &Path,
) -> Result<std::result::Result<(), String>> {
    let numpy = installed.situation.numpy.as_ref().context("there is no NumPy to build against")?;
    let constraint = folder.join("build-constraints.txt");
    let mut limits = vec![headers_for(numpy)];
    let built = loop {
        std::fs::write(&constraint, limits.join("\n") + "\n").with_context(|| format!("`{}`", constraint.display()))?;
        let built = build(pip.0, &arguments(plan, pip.1, folder), &constraint)?;
        match limit_for(&built.told).filter(|limit| !built.success && !limits.iter().any(|have| have == limit)) {
            Some(limit) => limits.push(limit.to_owned()),
            None => break built,
        }
    };
    if !built.success {
        return Ok(Err(failure(plan, &built.told)));
    }
    fit(plan, installed, folder)
}

fn arguments(plan: &Plan, start: &[String], folder: &Path) -> Vec<String> {
    let mut arguments = start.to_vec();
    arguments.extend(["wheel", "--no-input", "--no-deps", "--no-cache-dir", "--wheel-dir"].map(str::to_owned));
    arguments.push(folder.display().to_string());
    for change in &plan.changes {
        arguments.extend(["--no-binary".to_owned(), change.name.clone()]);
        arguments.push(format!("{}=={}", change.name, change.to));
    }
    arguments
}

/// What a build asks for that newer build tools no longer have, as a constraint: `pkg_resources` is in setuptools 81.0.0
/// and not in 82.0.0.
fn limit_for(told: &[String]) -> Option<&'static str> {
    let lacks = |line: &String| line.contains("No module named 'pkg_resources'");
    told.iter().any(lacks).then_some("setuptools<82")
}

/// Why there is nothing that was built, with the build's own last lines.
fn failure(plan: &Plan, told: &[String]) -> String {
    let named = |change: &Change| format!("{}=={}", change.name, change.to);
    let missing = |line: &String, change: &Change| {
        let name = line.split("No matching distribution found for ").nth(1);
        name.is_some_and(|name| normalized(name.trim()) == normalized(&named(change)))
    };
    if let Some(change) = plan.changes.iter().find(|change| told.iter().any(|line| missing(line, change))) {
        return format!("there is no source distribution of `{} {}` to build it from", change.name, change.to);
    }
    let names: Vec<String> = plan.changes.iter().map(|change| format!("`{} {}`", change.name, change.to)).collect();
    let lines: Vec<String> = last_lines(told).into_iter().map(|line| format!("\n  {line}")).collect();
    format!("building {} failed; its last lines:{}", names.join(", "), lines.concat())
}

/// The end of what the build itself wrote: pip frames it with `[25 lines of output]` and `[end of output]`.
fn last_lines(told: &[String]) -> Vec<&str> {
    let end = told.iter().rposition(|line| line.trim() == "[end of output]").unwrap_or(told.len());
    let own = told.iter().take(end).map(|line| line.trim()).filter(|line| !line.is_empty());
    let lines: Vec<&str> = own.collect();
    lines.get(lines.len().saturating_sub(LAST)..).unwrap_or_default().to_vec()
}

/// Reads what was built and judges it with what stays. Gives why it does not do.
fn fit(plan: &Plan, installed: &Installed, folder: &Path) -> Result<std::result::Result<(), String>> {
    let built = built(folder)?;
    let gathered = built.iter().map(|path| wheels::gather_local(path)).collect::<Result<Vec<_>>>()?;
    for change in &plan.changes {
        if !gathered.iter().any(|wheel| normalized(wheel.name()) == normalized(&change.name)) {
            return Ok(Err(format!("the build of `{}` left no wheel", change.name)));
        }
    }
    let after = installed.judged_with(installed.scene.numpy.clone(), &gathered);
    let misfit = installed.misfits(&after, &gathered).into_iter().next();
    Ok(misfit.map_or(Ok(()), |misfit| {
        Err(format!("what was built of `{} {}` does not fit either: {}", misfit.name, misfit.version, misfit.why))
    }))
}

fn built(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = folder.read_dir().with_context(|| format!("`{}`", folder.display()))?;
    let mut wheels: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    wheels.retain(|path| path.extension().is_some_and(|end| end == "whl"));
    wheels.sort();
    Ok(wheels)
}

#[cfg(test)]
mod tests {
    use super::{last_lines, limit_for};

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_builds_own_last_lines_are_told_and_not_those_of_pip() {
        let told = lines(
            "  error: subprocess-exited-with-error\n  [3 lines of output]\n      gcc -c a.c\n      a.c:1: b.h: No such file\n\n      \
             [end of output]\n  note: This error originates from a subprocess\nERROR: Failed to build one or more wheels",
        );
        assert_eq!(last_lines(&told).last(), Some(&"a.c:1: b.h: No such file"));
        assert_eq!(last_lines(&lines("a\n\nb\n")), ["a", "b"]);
    }

    #[test]
    fn a_build_that_lacks_what_newer_setuptools_dropped_is_tried_with_an_older_one() {
        assert_eq!(limit_for(&lines("ModuleNotFoundError: No module named 'pkg_resources'")), Some("setuptools<82"));
        assert_eq!(limit_for(&lines("ModuleNotFoundError: No module named 'pkg'")), None);
    }
}
