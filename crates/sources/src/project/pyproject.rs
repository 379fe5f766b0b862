//! `pyproject.toml`: the tables that PEP 518, PEP 621 and PEP 735 describe, and Poetry's own where those are silent.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use pep508_rs::{MarkerTree, Requirement, VerbatimUrl};
use serde::Deserialize;

use super::poetry::Poetry;
use crate::wheel::normalized;

/// What a `pyproject.toml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    /// The name of the project.
    pub name: Option<String>,
    /// Its version; `None` where a build works it out.
    pub version: Option<String>,
    /// What it requires when it runs; `None` where a build works it out.
    pub dependencies: Option<Vec<String>>,
    /// Whether it says anything of how it is built.
    pub build_system: bool,
    /// What building it requires.
    pub build_requires: Vec<String>,
    /// Its extras, by normalised name.
    extras: BTreeMap<String, Vec<String>>,
    /// Its dependency groups, by normalised name.
    groups: BTreeMap<String, Vec<Item>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    project: Option<Table>,
    build_system: Option<BuildSystem>,
    #[serde(default)]
    dependency_groups: BTreeMap<String, Vec<Item>>,
    #[serde(default)]
    tool: Tool,
}

#[derive(Default, Deserialize)]
struct Tool {
    /// Understood when it is needed: a table that Poetry itself would refuse is no fault of the others.
    poetry: Option<toml::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Table {
    name: Option<String>,
    version: Option<String>,
    dependencies: Option<Vec<String>>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    dynamic: Vec<String>,
}

#[derive(Deserialize)]
struct BuildSystem {
    #[serde(default)]
    requires: Vec<String>,
}

/// An entry of a dependency group.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Item {
    Requirement(String),
    Include {
        #[serde(rename = "include-group")]
        group: String,
    },
}

impl Project {
    /// Reads the text of a `pyproject.toml`.
    ///
    /// # Errors
    /// Where it goes wrong, in the words of its parser.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let by_name = |(name, list): (String, Vec<String>)| (normalized(&name), list);
        let mut found = Self {
            build_system: file.build_system.is_some(),
            build_requires: file.build_system.map(|system| system.requires).unwrap_or_default(),
            groups: file.dependency_groups.into_iter().map(|(name, list)| (normalized(&name), list)).collect(),
            ..Self::default()
        };
        if let Some(table) = file.project {
            let dynamic = table.dynamic.iter().any(|field| field == "dependencies");
            found.dependencies = (!dynamic).then(|| table.dependencies.unwrap_or_default());
            found.extras = table.optional_dependencies.into_iter().map(by_name).collect();
            (found.name, found.version) = (table.name, table.version);
        }
        if let Some(Ok(poetry)) = file.tool.poetry.map(toml::Value::try_into) {
            found.complete(poetry);
        }
        Ok(found)
    }

    /// Adds what `[tool.poetry]` says and the standard's tables leave open.
    fn complete(&mut self, poetry: Poetry) {
        if self.dependencies.is_none() {
            self.dependencies = poetry.dependencies();
        }
        for (name, lines) in poetry.extras() {
            self.extras.entry(normalized(&name)).or_insert(lines);
        }
        for (name, lines) in poetry.groups() {
            let items = lines.into_iter().map(Item::Requirement).collect();
            self.groups.entry(normalized(&name)).or_insert(items);
        }
        self.name = self.name.take().or(poetry.name);
        self.version = self.version.take().or(poetry.version);
    }

    /// The requirements of an extra; `None` where there is no such extra.
    pub fn extra(&self, name: &str) -> Option<&[String]> {
        self.extras.get(&normalized(name)).map(Vec::as_slice)
    }

    /// Requirements with those of the project's own extras in the place of what asks for the project itself, such as
    /// `demo[images]` in the project `demo`: an index has another release of it, if any. What such a line says of its
    /// marker holds for each requirement that takes its place.
    ///
    /// # Errors
    /// When it has no such extra.
    pub fn expanded(&self, lines: &[String]) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        self.expand(lines, &MarkerTree::TRUE, &mut Vec::new(), &mut found)?;
        Ok(found)
    }

    /// `inside`: the extras that are being expanded, which may name each other in a circle.
    fn expand(
        &self,
        lines: &[String],
        marker: &MarkerTree,
        inside: &mut Vec<String>,
        found: &mut Vec<String>,
    ) -> Result<(), String> {
        for line in lines {
            let Some(own) = self.asks_for_itself(line) else {
                push_once(found, under(line, marker));
                continue;
            };
            let mut both = own.marker;
            both.and(marker.clone());
            for extra in own.extras.iter().map(|extra| normalized(extra.as_ref())) {
                let more = self.extras.get(&extra).ok_or_else(|| format!("`{line}`: there is no extra `{extra}`"))?;
                if !inside.contains(&extra) {
                    inside.push(extra);
                    self.expand(more, &both, inside, found)?;
                    inside.pop();
                }
            }
        }
        Ok(())
    }

    /// A requirement whose name is the project's own.
    fn asks_for_itself(&self, line: &str) -> Option<Requirement<VerbatimUrl>> {
        let name = self.name.as_deref().map(normalized)?;
        let requirement = Requirement::<VerbatimUrl>::from_str(line).ok()?;
        (normalized(requirement.name.as_ref()) == name).then_some(requirement)
    }

    /// The requirements of a dependency group, those of the groups that it includes too.
    ///
    /// # Errors
    /// When there is no such group, or groups include each other in a circle.
    pub fn group(&self, name: &str) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        self.collect(&normalized(name), &mut BTreeSet::new(), &mut found)?;
        Ok(found)
    }

    fn collect(&self, name: &str, inside: &mut BTreeSet<String>, found: &mut Vec<String>) -> Result<(), String> {
        let known = || self.groups.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let items =
            self.groups.get(name).ok_or_else(|| format!("there is no group `{name}`; there are: {}", known()))?;
        if !inside.insert(name.to_owned()) {
            return Err(format!("the group `{name}` includes itself"));
        }
        for item in items {
            match item {
                Item::Requirement(requirement) => found.push(requirement.clone()),
                Item::Include { group } => self.collect(&normalized(group), inside, found)?,
            }
        }
        inside.remove(name);
        Ok(())
    }
}

/// A requirement that holds under one more condition. What is no requirement stays, for an installer to complain of.
fn under(line: &str, marker: &MarkerTree) -> String {
    match Requirement::<VerbatimUrl>::from_str(line) {
        Ok(mut requirement) if !marker.is_true() => {
            requirement.marker.and(marker.clone());
            requirement.to_string()
        }
        _ => line.to_owned(),
    }
}

fn push_once(found: &mut Vec<String>, line: String) {
    if !found.contains(&line) {
        found.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::Project;

    #[test]
    fn groups_include_groups_but_not_themselves() {
        let text = "[dependency-groups]\nTest_All = ['pytest', {include-group = 'data'}]\ndata = ['numpy<2']\n\
                    a = [{include-group = 'b'}]\nb = [{include-group = 'a'}]\n";
        let project = Project::parse(text).expect("well written");
        assert_eq!(project.group("test-all"), Ok(vec!["pytest".to_owned(), "numpy<2".to_owned()]));
        assert!(project.group("a").expect_err("a circle").contains("includes itself"));
        assert!(project.group("c").expect_err("no such group").contains("`data`"));
    }

    /// An index was asked for the project's own extra.
    #[test]
    fn extras_of_the_project_itself_are_its_own_requirements() {
        let text = "[project]\nname = 'Shop_Floor'\n[project.optional-dependencies]\n\
                    all = ['shop.floor[sky,Sea]', 'six']\nsky = ['numpy<2']\n\
                    sea = [\"shop-floor[deep]; sys_platform == 'linux'\"]\n\
                    deep = [\"scipy; python_version < '3.12'\", 'shop-floor[sea]', 'h5py']\n";
        let project = Project::parse(text).expect("well written");
        let all = project.expanded(project.extra("all").expect("an extra"));
        let expected = [
            "numpy<2",
            "scipy ; python_full_version < '3.12' and sys_platform == 'linux'",
            "h5py ; sys_platform == 'linux'",
            "six",
        ];
        assert_eq!(all.expect("all are there"), expected);
        let told = project.expanded(&["shop-floor[nowhere]".to_owned()]).expect_err("no such extra");
        assert!(told.contains("there is no extra `nowhere`"), "{told}");
    }

    #[test]
    fn what_a_build_works_out_is_unknown() {
        let of = |text| Project::parse(text).expect("well written").dependencies;
        assert_eq!(of("[project]\nname = 'a'\ndynamic = ['dependencies']\n"), None);
        assert_eq!(of("[project]\nname = 'a'\n"), Some(Vec::new()));
        assert_eq!(of("[build-system]\nrequires = ['setuptools']\n"), None, "an old build tells");
    }
}
