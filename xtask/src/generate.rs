//! `cargo xtask generate`: writes the Rust tables of `crates/knowledge` from the data beside them.

mod distributions;

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use contract::Version;

use crate::data::{self, ContractRow, Contracts, Headers, HeadersRow, ReleaseRow, Releases};
use crate::paths;

/// No choices.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// The head of the generated file.
const HEAD: &str = "\
//! NumPy's releases and what they provide. Written by `cargo xtask generate` from `data/numpy-releases.toml` and
//! `data/numpy-contracts.toml`: do not edit.

use crate::table::{Contract, Row};
";

/// The head of the file with the defaults of headers.
const HEADERS_HEAD: &str = "\
//! What compiled code asks for by default, by the headers it was built with. Written by `cargo xtask generate` from
//! `data/numpy-headers.toml`: do not edit.

/// The first release with such headers, `NPY_VERSION` and the default of `NPY_FEATURE_VERSION`, in ascending order.
pub(crate) static HEADERS: &[(&[u64], u32, u32)] = &[
";

/// Does it.
///
/// # Errors
/// When the data cannot be read or contradicts itself, or the file cannot be written.
pub(crate) fn run(_: &Args) -> Result<()> {
    for (path, text) in fresh()? {
        std::fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
        eprintln!("wrote `{}`", path.display());
    }
    Ok(())
}

/// The generated files and the texts that they should have.
fn fresh() -> Result<[(PathBuf, String); 3]> {
    let sources = paths::repository().join("crates/knowledge/src");
    Ok([
        (sources.join("generated.rs"), table(&data::releases()?, &data::contracts()?)?),
        (sources.join("generated_distributions.rs"), distributions::table(&data::distributions()?)?),
        (sources.join("generated_headers.rs"), headers(&data::headers()?)?),
    ])
}

fn table(releases: &Releases, contracts: &Contracts) -> Result<String> {
    ensure!(releases.release.is_sorted_by(|a, b| a.version < b.version), "the releases are not in ascending order");
    ensure!(contracts.contract.is_sorted_by(|a, b| a.from < b.from), "the contracts are not in ascending order");
    let mut text = format!("{HEAD}\n/// The day on which the list of releases was last brought up to date.\n");
    let _ = writeln!(text, "pub const KNOWLEDGE_DATE: &str = \"{}\";\n", releases.date);
    for row in &contracts.contract {
        text.push_str(&contract(row));
    }
    text.push_str("/// Every final release, in ascending order.\npub(crate) static RELEASES: &[Row] = &[\n");
    for row in &releases.release {
        text.push_str(&release(row, &contracts.contract)?);
    }
    Ok(text + "];\n")
}

/// The file that holds the defaults of headers.
fn headers(headers: &Headers) -> Result<String> {
    ensure!(headers.headers.is_sorted_by(|a, b| a.from < b.from), "the headers are not in ascending order");
    let mut text = HEADERS_HEAD.to_owned();
    for HeadersRow { from, abi, target, .. } in &headers.headers {
        let numbers: Vec<String> = numbers(from)?.iter().map(u64::to_string).collect();
        let _ = writeln!(text, "    (&[{}], {abi:#010x}, {target:#x}),", numbers.join(", "));
    }
    Ok(text + "];\n")
}

/// The item that holds one contract.
fn contract(row: &ContractRow) -> String {
    let types: Vec<String> = row.types.iter().map(|(name, size)| format!("(\"{name}\", {size})")).collect();
    let slots: Vec<String> = row.null_slots.iter().map(u16::to_string).collect();
    format!(
        "static {}: Contract = Contract {{\n    abi: {:#010x},\n    feature: {:#x},\n    types: &[{}],\n    \
         null_slots: &[{}],\n}};\n\n",
        name(&row.from),
        row.abi,
        row.feature,
        types.join(", "),
        slots.join(", ")
    )
}

/// The line of one release.
fn release(row: &ReleaseRow, contracts: &[ContractRow]) -> Result<String> {
    let numbers: Vec<String> = numbers(&row.version)?.iter().map(u64::to_string).collect();
    let pythons: Vec<String> = row.pythons.iter().map(|p| format!("({}, {})", p.major(), p.minor())).collect();
    Ok(format!(
        "    Row {{ version: &[{}], contract: &{}, pythons: &[{}], yanked: {} }},\n",
        numbers.join(", "),
        name(&contract_of(&row.version, contracts)?.from),
        pythons.join(", "),
        row.yanked
    ))
}

/// The contract of a release: the last one of its own line that begins at or before it. A line without a contract is
/// an error and not a guess.
fn contract_of<'a>(version: &Version, contracts: &'a [ContractRow]) -> Result<&'a ContractRow> {
    let found = contracts.iter().rfind(|row| row.from <= *version);
    found.filter(|row| row.from.line() == version.line()).with_context(|| {
        format!("nothing says what NumPy {version} provides: run `cargo xtask measure numpy {version}` and add the row")
    })
}

/// `1.26.4` -> `FROM_1_26_4`.
fn name(version: &Version) -> String {
    format!("FROM_{}", version.to_string().replace('.', "_"))
}

/// The numbers of a final release.
fn numbers(version: &Version) -> Result<Vec<u64>> {
    let numbers: Result<Vec<u64>, _> = version.to_string().split('.').map(str::parse).collect();
    let Ok(numbers) = numbers else { bail!("`{version}` is not a final release") };
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::{contract_of, fresh};
    use crate::data;

    #[test]
    fn the_tables_in_the_tree_are_those_that_the_data_give() {
        for (path, text) in fresh().expect("the data are sound") {
            let there = std::fs::read_to_string(&path).expect("the generated table is in the tree");
            assert!(there == text, "run `cargo xtask generate`: `{}` is another one", path.display());
        }
    }

    #[test]
    fn a_line_that_was_not_measured_is_an_error() {
        let contracts = data::contracts().expect("the data are sound").contract;
        let of = |version: &str| contract_of(&version.parse().expect("a version"), &contracts);
        assert_eq!(of("1.26.4").expect("a known line").from.line().to_string(), "1.26");
        assert!(of("99.0.0").is_err());
        assert!(of("1.6.2").is_err());
    }
}
