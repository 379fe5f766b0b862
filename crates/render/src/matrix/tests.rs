//! What people and programs read of a matrix.

use contract::judge::{Cell, Matrix, MatrixRow};
use contract::report::{Python, TargetKind};
use contract::{Fails, Verdict, Version};

use super::{Sheet, to_json, to_text};
use crate::{Colour, Detail, Tool};

fn cell(verdict: Verdict, fails: Option<Fails>, allowed: bool) -> Cell {
    Cell { verdict, fails, allowed, error: fails.map(|_| "ImportError: told".to_owned()) }
}

fn row(name: &str, declared: Option<&str>, cells: Vec<Cell>) -> MatrixRow {
    MatrixRow { name: name.to_owned(), version: "1.0".to_owned(), declared: declared.map(str::to_owned), cells }
}

fn sheet() -> Sheet {
    use Verdict::{AtRisk, Compatible, Incompatible, NotApplicable, Undetermined};
    let releases = ["1.26.0", "1.26.4", "2.0.0", "2.0.2", "2.1.0"];
    let good = || cell(Compatible, None, true);
    let broken = |fails| cell(Incompatible, Some(fails), true);
    let rows = vec![
        row("late", None, vec![good(), good(), broken(Fails::Use), broken(Fails::Use), cell(AtRisk, None, true)]),
        row(
            "old",
            Some("<2"),
            vec![
                good(),
                good(),
                cell(Incompatible, Some(Fails::Import), false),
                broken(Fails::Import),
                broken(Fails::Import),
            ],
        ),
        row("picky", Some(">=1.26.4"), vec![cell(Compatible, None, false), good(), good(), good(), good()]),
        row("plain", None, vec![cell(NotApplicable, None, true); 5]),
        row("untold", None, vec![cell(Undetermined, None, true); 5]),
    ];
    Sheet {
        kind: TargetKind::Environment,
        path: "/env".to_owned(),
        python: Some(Python { version: "3.11.7".to_owned(), platform: "linux-x86_64".to_owned() }),
        numpy: "2.1.3".parse().ok(),
        matrix: Matrix {
            releases: releases.iter().map(|text| text.parse::<Version>().expect("a version")).collect(),
            rows,
        },
        problems: vec!["a folder could not be read".to_owned()],
        left_out: vec!["2 packages are conda's".to_owned()],
    }
}

#[test]
fn a_column_for_each_line_and_for_each_part_of_one_that_differs() {
    let text = to_text(&[sheet()], Detail::Attention, Colour::Off);
    let expected = "\
/env, Python 3.11.7 on linux-x86_64, NumPy 2.1.3

NumPy       1.26.0  1.26.4  2.0.0     2.0.2   2.1*
late 1.0    ok      ok      use       use     risk
old 1.0     ok      ok      (import)  import  import
picky 1.0   (ok)    ok      ok        ok      ok
plain 1.0   -       -       -         -       -
untold 1.0  ?       ?       ?         ?       ?

No NumPy release here suits every distribution, by its bytes and by its metadata
note: a folder could not be read
not looked at: 2 packages are conda's

ok works, import fails at import, ";
    assert!(text.starts_with(expected), "{text}");
    let mut many = sheet();
    let plain = row("plain", None, vec![cell(Verdict::NotApplicable, None, true); 5]);
    many.matrix.rows.extend(vec![plain; 10]);
    let text = to_text(std::slice::from_ref(&many), Detail::Attention, Colour::Off);
    assert!(
        text.contains("\n11 more distributions that no NumPy release breaks or forbids; `-v` lists them\n"),
        "{text}"
    );
    let everything = to_text(&[many], Detail::Everything, Colour::Off);
    assert!(everything.contains("\nplain 1.0   -       -"), "{everything}");
}

#[test]
fn releases_that_suit_all_are_told_as_runs() {
    let mut suiting = sheet();
    suiting.matrix.rows.retain(|row| row.name == "picky" || row.name == "plain");
    let text = to_text(&[suiting.clone()], Detail::Attention, Colour::Off);
    assert!(
        text.contains("Suits every distribution, by its bytes and by its metadata: NumPy 1.26.4 to 2.1.0\n"),
        "{text}"
    );
    suiting.matrix.rows.retain(|row| row.name == "plain");
    let text = to_text(&[suiting], Detail::Attention, Colour::Off);
    assert!(text.contains("Every NumPy release here suits every distribution"), "{text}");
}

#[test]
fn programs_get_every_release() {
    let text = to_json(&[sheet()], Tool { version: "0.1.0", knowledge: "2026-11-21" }).expect("plain values serialise");
    let value: serde_json::Value = serde_json::from_str(&text).expect("valid JSON");
    assert_eq!(value["schema"], "numpact.matrix/1");
    let target = &value["targets"][0];
    assert_eq!(target["numpy"], "2.1.3");
    assert_eq!(target["releases"].as_array().map(Vec::len), Some(5));
    assert_eq!(target["suiting"], serde_json::json!([]));
    let cell = &target["distributions"][1]["cells"][2];
    assert_eq!(
        *cell,
        serde_json::json!({"numpy": "2.0.0", "verdict": "incompatible", "fails": "import", "allowed": false,
                           "error": "ImportError: told"})
    );
}

#[test]
fn a_line_a_sheet_is_all_there_is_when_little_is_wanted() {
    let text = to_text(&[sheet()], Detail::Counts, Colour::Off);
    assert_eq!(text, "/env: No NumPy release here suits every distribution, by its bytes and by its metadata\n");
}
