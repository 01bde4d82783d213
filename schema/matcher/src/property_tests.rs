//! Property tests: any input is searched without a panic, and every score is in [0, 1].
use crate::{Index, POSSIBLE_SCORE, Profile, Record, Weights, compare};
use proptest::prelude::*;

fn index() -> Index {
    let mut index = Index::new();
    for name in
        ["Quorvath Systems Inc", "City of Wexley", "OZLC Orbital Zoning Library Center", "日立"]
    {
        index.insert(&Record::from_name(name));
    }
    index
}

#[test]
fn malformed_names_match_no_firm() {
    let mut index = index();
    let long = "quorvath ".repeat(1_200);
    let odd = [
        "",
        " ",
        "&",
        "& & &",
        "...",
        "The",
        "THE COMPANY LLC",
        "INC",
        "L.L.C.",
        "(((",
        "/C",
        "dba",
        "X dba",
        "dba X",
        "'",
        "\u{0}",
        "\u{301}",
        "شركة",
        "有限公司",
        &long,
        &"a".repeat(10_000),
        &"(".repeat(10_000),
        &"é&".repeat(5_000),
        "Ã",
        "&eacute;",
        "&;",
        "JV",
        "- JV",
        "0 0 0 0 0",
        "J V AND J V",
    ];
    for name in odd {
        index.insert(&Record::from_name(name));
        let profile = Profile::from_name(name);
        let found = index.search(&profile, 5, 0.0);
        assert!(found.iter().all(|found| (0.0..=1.0).contains(&found.score)), "{name:?}");
    }
    for name in ["THE COMPANY LLC", "...", "", "\u{0}", "&"] {
        assert_eq!(index.search(&Profile::from_name(name), 5, POSSIBLE_SCORE), [], "{name:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_searched_and_reasons_sum_to_the_score(name in "\\PC{0,80}", other in "[A-Za-z&.,/()' -]{0,60}") {
        let mut index = index();
        index.insert(&Record::from_name(&*name));
        index.insert(&Record::from_name(&*other));
        for searched in [&name, &other] {
            let profile = Profile::from_name(searched);
            let found = index.search(&profile, 10, 0.0);
            for pair in found.windows(2) {
                prop_assert!(pair[0].score >= pair[1].score);
            }
            for found in &found {
                prop_assert!((0.0..=1.0).contains(&found.score));
                let sum: f32 = found.reasons.iter().map(|reason| reason.weight).sum();
                let score = 1.0 / (1.0 + (-sum).exp());
                prop_assert!((score - found.score).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn a_name_scores_highest_against_itself(name in "[a-z]{4,9} [a-z]{4,9} (Inc|LLC|)") {
        let profile = Profile::from_name(&name);
        let weights = Weights::default();
        let itself = compare(&profile, &profile, &weights).score;
        let other = compare(&profile, &Profile::from_name(&format!("{name} zzyzx")), &weights).score;
        prop_assert!(itself >= other);
    }

    #[test]
    fn comparison_is_nearly_symmetric(one in "[a-z]{2,9}( [a-z]{1,9}){0,4}", other in "[a-z]{2,9}( [a-z]{1,9}){0,4}") {
        let (one, other) = (Profile::from_name(&one), Profile::from_name(&other));
        let weights = Weights::default();
        let (there, back) = (compare(&one, &other, &weights), compare(&other, &one, &weights));
        prop_assert!((there.score - back.score).abs() < 0.1);
    }
}
