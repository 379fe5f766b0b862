//! `pyproject.toml`: the tables that PEP 518, PEP 621 and PEP 735 describe.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

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
        Ok(found)
    }

    /// The requirements of an extra; `None` where there is no such extra.
    pub fn extra(&self, name: &str) -> Option<&[String]> {
        self.extras.get(&normalized(name)).map(Vec::as_slice)
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

    #[test]
    fn what_a_build_works_out_is_unknown() {
        let of = |text| Project::parse(text).expect("well written").dependencies;
        assert_eq!(of("[project]\nname = 'a'\ndynamic = ['dependencies']\n"), None);
        assert_eq!(of("[project]\nname = 'a'\n"), Some(Vec::new()));
        assert_eq!(of("[build-system]\nrequires = ['setuptools']\n"), None, "an old build tells");
    }
}
