//! `[tool.poetry]`: what projects of Poetry require that have no `[project]` table, as requirements of PEP 508.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::poetry::alternatives;

/// The table, as far as it tells what is required.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Poetry {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    dependencies: Option<BTreeMap<String, Dependency>>,
    #[serde(default)]
    dev_dependencies: BTreeMap<String, Dependency>,
    #[serde(default)]
    group: BTreeMap<String, Group>,
    /// Names of dependencies, by extra.
    #[serde(default)]
    extras: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    dependencies: BTreeMap<String, Dependency>,
}

/// What follows the name: a constraint, a table, or one for each Python or platform.
#[derive(Deserialize)]
#[serde(untagged)]
enum Dependency {
    Constraint(String),
    Details(Box<Details>),
    Several(Vec<Details>),
}

#[derive(Default, Deserialize)]
struct Details {
    version: Option<String>,
    python: Option<String>,
    platform: Option<String>,
    markers: Option<String>,
    #[serde(default)]
    extras: Vec<String>,
    #[serde(default)]
    optional: bool,
    url: Option<String>,
    git: Option<String>,
    rev: Option<String>,
    tag: Option<String>,
    branch: Option<String>,
    path: Option<String>,
}

impl Poetry {
    /// What it requires when it runs; `None` where it says nothing of that, or in a way that no requirement can say.
    pub(super) fn dependencies(&self) -> Option<Vec<String>> {
        lines(self.dependencies.as_ref()?, |details| !details.optional)
    }

    /// Its extras; those are left out that no requirement can say.
    pub(super) fn extras(&self) -> BTreeMap<String, Vec<String>> {
        let all = self.dependencies.iter().flatten();
        let of = |wanted: &Vec<String>| {
            let named = all.clone().filter(|(name, _)| wanted.contains(name));
            named.map(|(name, dependency)| dependency.lines(name, |_| true)).collect::<Option<Vec<_>>>()
        };
        self.extras.iter().filter_map(|(name, wanted)| Some((name.clone(), of(wanted)?.concat()))).collect()
    }

    /// Its groups, the one that was called `dev-dependencies` too; those are left out that no requirement can say.
    pub(super) fn groups(&self) -> BTreeMap<String, Vec<String>> {
        let dev = (!self.dev_dependencies.is_empty()).then_some(("dev", &self.dev_dependencies));
        let groups = self.group.iter().map(|(name, group)| (name.as_str(), &group.dependencies));
        dev.into_iter().chain(groups).filter_map(|(name, all)| Some((name.to_owned(), lines(all, |_| true)?))).collect()
    }
}

fn lines(dependencies: &BTreeMap<String, Dependency>, wanted: fn(&Details) -> bool) -> Option<Vec<String>> {
    let others = dependencies.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("python"));
    Some(others.map(|(name, dependency)| dependency.lines(name, wanted)).collect::<Option<Vec<_>>>()?.concat())
}

impl Dependency {
    fn lines(&self, name: &str, wanted: fn(&Details) -> bool) -> Option<Vec<String>> {
        let all = match self {
            Self::Constraint(words) => return Some(vec![format!("{name}{}", one_of(words)?)]),
            Self::Details(details) => std::slice::from_ref(details.as_ref()),
            Self::Several(all) => all,
        };
        all.iter().filter(|details| wanted(details)).map(|details| details.line(name)).collect()
    }
}

impl Details {
    /// Its requirement; `None` where none can say it.
    fn line(&self, name: &str) -> Option<String> {
        Some(format!("{name}{}{}{}", self.extras(), self.place()?, self.marker()?))
    }

    fn extras(&self) -> String {
        if self.extras.is_empty() { String::new() } else { format!("[{}]", self.extras.join(",")) }
    }

    /// The version or the address.
    fn place(&self) -> Option<String> {
        if self.path.is_some() {
            return None;
        }
        if let Some(url) = &self.url {
            return Some(format!(" @ {url}"));
        }
        if let Some(git) = &self.git {
            let at = self.rev.as_ref().or(self.tag.as_ref()).or(self.branch.as_ref());
            return Some(format!(" @ git+{git}{}", at.map(|at| format!("@{at}")).unwrap_or_default()));
        }
        one_of(self.version.as_deref().unwrap_or("*"))
    }

    fn marker(&self) -> Option<String> {
        let of_python = |words: &String| {
            let each: Vec<String> = alternatives(words).iter().map(|all| python_marker(all)).collect();
            (!each.is_empty()).then(|| each.join(" or "))
        };
        let python = match &self.python {
            Some(words) => Some(of_python(words)?),
            None => None,
        };
        let platform = self.platform.as_ref().map(|platform| format!("sys_platform == '{platform}'"));
        let all: Vec<String> = [python, platform, self.markers.clone()].into_iter().flatten().collect();
        let all: Vec<String> = all.iter().map(|marker| format!("({marker})")).collect();
        Some(if all.is_empty() { String::new() } else { format!(" ; {}", all.join(" and ")) })
    }
}

/// The specifiers of a constraint; `None` of several alternatives, which no requirement can say.
fn one_of(words: &str) -> Option<String> {
    let [one] = <[String; 1]>::try_from(alternatives(words)).ok()?;
    Some(one)
}

/// `python_full_version >= '3.9' and python_full_version < '4'` of `>=3.9,<4`.
fn python_marker(specifiers: &str) -> String {
    let each = specifiers.split(',').map(|specifier| {
        let at = specifier.find(|c: char| c.is_ascii_digit()).unwrap_or(specifier.len());
        let (operator, version) = specifier.split_at(at);
        format!("python_full_version {operator} '{version}'")
    });
    each.collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use pep508_rs::{Requirement, VerbatimUrl};

    use super::super::Project;

    #[test]
    fn what_poetry_s_table_requires_is_told_as_requirements() {
        let text = "[tool.poetry]\nname = 'shop'\nversion = '1.0'\n[tool.poetry.dependencies]\npython = '^3.9'\nnumpy = '^1.23'\n\
                    Pillow = '*'\nh5py = { version = '~3.8', python = '<3.12', markers = \"sys_platform == 'linux'\" }\n\
                    scipy = [{ version = '1.10.*', python = '^3.8 || ~3.11' }, { version = '>=1.11', platform = 'win32' }]\n\
                    six = { git = 'https://example.org/six.git', tag = '1.16.0', optional = true }\n\
                    [tool.poetry.extras]\nold = ['six']\n[tool.poetry.group.test.dependencies]\npytest = '^0.7'\n";
        let project = Project::parse(text).expect("well written");
        assert_eq!((project.name.as_deref(), project.version.as_deref()), (Some("shop"), Some("1.0")));
        let expected = [
            "Pillow>=0",
            "h5py>=3.8,<3.9 ; (python_full_version < '3.12') and (sys_platform == 'linux')",
            "numpy>=1.23,<2",
            "scipy==1.10.* ; (python_full_version >= '3.8' and python_full_version < '4' or python_full_version >= '3.11' and \
             python_full_version < '3.12')",
            "scipy>=1.11 ; (sys_platform == 'win32')",
        ];
        let lines = project.dependencies.clone().expect("all can be said");
        assert_eq!(lines, expected);
        for line in &lines {
            Requirement::<VerbatimUrl>::from_str(line).expect("a requirement");
        }
        assert_eq!(project.extra("old"), Some(&["six @ git+https://example.org/six.git@1.16.0".to_owned()][..]));
        assert_eq!(project.group("test"), Ok(vec!["pytest>=0.7,<0.8".to_owned()]));
    }

    #[test]
    fn what_no_requirement_can_say_is_unknown_and_a_project_table_wins() {
        let of = |text: &str| Project::parse(text).expect("well written").dependencies;
        assert_eq!(of("[tool.poetry.dependencies]\nnumpy = '^1.23 || ^2.0'\n"), None);
        assert_eq!(of("[tool.poetry.dependencies]\nnear = { path = '../near' }\n"), None);
        assert_eq!(of("[tool.poetry]\nname = 'a'\n"), None);
        assert_eq!(of("[tool.poetry.dependencies]\nnumpy = 1\n"), None, "Poetry would refuse it");
        let both =
            "[project]\nname = 'a'\ndependencies = ['six']\n[tool.poetry.dependencies]\nsix = { source = 'mine' }\n";
        assert_eq!(of(both), Some(vec!["six".to_owned()]));
        let dynamic = "[project]\nname = 'a'\ndynamic = ['dependencies']\n[tool.poetry.dependencies]\nsix = '1.0'\n";
        assert_eq!(of(dynamic), Some(vec!["six==1.0".to_owned()]));
    }
}
