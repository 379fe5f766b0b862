//! Pages of plans as they are read.

use advice::plan::{Change, NumpyAim, Plan, Proof, Refusal};
use contract::Version;
use contract::report::Report;

use super::{Done, FixPage, done_to_text, to_json, to_text};
use crate::{Colour, TargetHint, sample};

fn v(text: &str) -> Version {
    text.parse().expect("a version")
}

fn plan() -> Plan {
    Plan {
        changes: vec![Change {
            name: "numpy".to_owned(),
            from: Some(v("2.2.4")),
            to: v("1.26.4"),
            requested: false,
            why: "the newest that all allow".to_owned(),
        }],
        keep: vec!["numpy<2".to_owned()],
        proof: Some(Proof {
            resolver: "uv".to_owned(),
            resolutions: 1,
            wheels: 0,
            bytes: 0,
            judged: 3,
            as_before: Vec::new(),
        }),
    }
}

fn page<'a>(report: &'a Report, hint: &'a TargetHint, plans: &'a [Plan], refusals: &'a [Refusal]) -> FixPage<'a> {
    FixPage { report: &report.targets[0], hint, plans, first: 1, refusals, hopeless: &[], offline: false }
}

#[test]
fn a_plan_says_what_why_how_and_how_to_keep_it() {
    let (report, hint) =
        (sample::broken(), TargetHint { place: Some("/e/bin/python".to_owned()), ..TargetHint::default() });
    let text = to_text(&page(&report, &hint, &[plan()], &[]), Colour::Off);
    let told = "Plan 1: numpy 2.2.4 -> 1.26.4
  why    numpy: the newest that all allow
  proof  uv accepts it; nothing but NumPy changes; 3 distributions judged together, none incompatible
  run    /e/bin/python -m pip install --no-deps numpy==1.26.4
  keep   in requirements.txt or a constraints file: `numpy<2`
         in pyproject.toml: dependencies = [\"numpy<2\"]
         in a Dockerfile, behind what installs the rest: RUN python -m pip install 'numpy<2'
";
    assert!(text.contains(told), "{text}");
}

#[test]
fn no_plan_says_what_stands_in_each_way() {
    let (report, hint) = (sample::broken(), TargetHint::default());
    let refusals =
        [Refusal { numpy: NumpyAim::Keep(v("2.2.4")), moved: vec!["a".to_owned()], why: "no wheel".to_owned() }];
    let page = page(&report, &hint, &[], &refusals);
    let text = to_text(&page, Colour::Off);
    assert!(
        text.contains("No other release mends it:\n  with NumPy 2.2.4, which is there, and another a: no wheel\n"),
        "{text}"
    );
    let json: serde_json::Value = serde_json::from_str(&to_json(&page, None).expect("written")).expect("JSON");
    assert_eq!(json["schema"], "numpact.fix/1");
    assert_eq!(json["refused"][0]["kept"], true);
}

#[test]
fn a_plan_that_was_asked_for_keeps_its_number_and_claims_nothing_of_others() {
    let (report, hint) = (sample::broken(), TargetHint::default());
    let plans = [Plan { proof: None, ..plan() }];
    let text = to_text(&FixPage { first: 3, ..page(&report, &hint, &plans, &[]) }, Colour::Off);
    assert!(text.contains("Plan 3: numpy") && text.contains("`--apply --plan 3` does it"), "{text}");
    assert!(!text.contains("No other release"), "{text}");
}

#[test]
fn a_plan_that_could_not_be_tried_is_told_with_what_stands_in_the_other_ways() {
    let (report, hint) = (sample::broken(), TargetHint::default());
    let refusals =
        [Refusal { numpy: NumpyAim::Keep(v("2.2.4")), moved: vec!["a".to_owned()], why: "no wheel".to_owned() }];
    let plans = [Plan { proof: None, ..plan() }];
    let page = page(&report, &hint, &plans, &refusals);
    let why = "building `a` failed; its last lines:\n  a.c:1: no b.h".to_owned();
    let done = Done { title: "a 1.0 built again".to_owned(), not_tried: Some(why), ..Done::default() };
    let text = done_to_text(&page, &done, Colour::Off);
    assert!(text.contains(": not changed; a 1.0 built again could not be had: building `a` failed"), "{text}");
    assert!(
        text.contains("No other release mends it:\n  with NumPy 2.2.4, which is there, and another a: no wheel"),
        "{text}"
    );
    let json: serde_json::Value = serde_json::from_str(&to_json(&page, Some(&done)).expect("written")).expect("JSON");
    assert_eq!((&json["applied"]["stays"], &json["applied"]["kept"]), (&false.into(), &serde_json::Value::Null));
}
