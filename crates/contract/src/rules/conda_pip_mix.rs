//! A conda environment whose NumPy and whose other compiled distributions come from different tools, where that shows.

use crate::judge::{FoundNumpy, is_numpy};
use crate::report::DistributionReport;
use crate::rules::{Case, Rule, words};
use crate::{Finding, Severity, Verdict};

pub(super) const META: Rule = Rule {
    id: "conda-pip-mix",
    severity: Severity::Warning,
    summary: "NumPy and a distribution that does not fit it were installed by different tools",
};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let around = &case.input.surroundings;
    let Some(numpy) = around.numpys.iter().find(|numpy| numpy.wins).filter(|_| around.conda) else {
        return Vec::new();
    };
    if numpy.conda_record && !is_conda(numpy.installer.as_deref()) {
        return vec![recorded_twice(numpy)];
    }
    let broken = |d: &&DistributionReport| d.verdict == Verdict::Incompatible && !is_numpy(&d.name);
    let other_tool = |d: &&DistributionReport| is_conda(d.installer.as_deref()) != is_conda(numpy.installer.as_deref());
    let mixed: Vec<_> = case.report.distributions.iter().filter(broken).filter(other_tool).collect();
    if mixed.is_empty() { Vec::new() } else { vec![mixed_with(numpy, &mixed)] }
}

fn is_conda(installer: Option<&str>) -> bool {
    installer == Some("conda")
}

fn tool(installer: Option<&str>) -> &str {
    installer.unwrap_or("another tool")
}

fn recorded_twice(numpy: &FoundNumpy) -> Finding {
    let tool = tool(numpy.installer.as_deref());
    let message = format!("`{tool}` put NumPy over the one that conda installed: conda's record is no longer true");
    let mut finding = words::general(&META, META.severity, Some("numpy"), message);
    finding.help = Some(format!("remove NumPy with `{tool}`, then install it again with conda"));
    finding.evidence = vec![words::observed("conda records a NumPy that it did not install", &numpy.path)];
    finding
}

fn mixed_with(numpy: &FoundNumpy, mixed: &[&DistributionReport]) -> Finding {
    let names: Vec<String> = mixed.iter().map(|distribution| words::named(distribution)).collect();
    let message = format!(
        "{} came with `{}`, NumPy with `{}`, and they do not fit",
        names.join(", "),
        tool(mixed.first().and_then(|distribution| distribution.installer.as_deref())),
        tool(numpy.installer.as_deref())
    );
    let mut finding = words::general(&META, META.severity, None, message);
    finding.help = Some("install NumPy and what is compiled against it with one tool".to_owned());
    finding.evidence = vec![words::observed("NumPy", &numpy.path)];
    finding
}
