//! Decides whether a disclosed agreement covers a federal award.
//!
//! Doubt counts in the firm's favor: an agreement that the firm disclosed in other words than the
//! award data uses is still disclosed.
use std::ops::Range;

use chrono::NaiveDate;

use crate::award::model::{ComparableAward, CoverageKind};
use crate::canonical::canonical;
use crate::disclosure::model::{Agreement, AgreementKind, StatedAmount};
use crate::money;
use crate::scalar::{Date, PartialDate};

/// The amounts of one agreement may differ by a tenth (1 of 10).
const AMOUNT_TOLERANCE: (i128, i128) = (10, 1);

/// Returns the index of the agreement that covers the award, and how. The most certain kind of
/// coverage wins: number, link, vehicle, terms. `linked` is the digest of the agreement that a
/// reviewer linked, as [`agreement_sha256`] returns it.
#[must_use]
pub fn find_coverage(
    award: &ComparableAward,
    linked: Option<&str>,
    agreements: &[Agreement],
) -> Option<(usize, CoverageKind)> {
    let first_covering = |kind, covers: &dyn Fn(&Agreement) -> bool| {
        agreements.iter().position(covers).map(|index| (index, kind))
    };
    let is_linked = |agreement: &Agreement| {
        linked.is_some_and(|linked| agreement_sha256(agreement).as_deref() == Some(linked))
    };
    first_covering(CoverageKind::Number, &|it| names_award(award, it))
        .or_else(|| first_covering(CoverageKind::Linked, &is_linked))
        .or_else(|| first_covering(CoverageKind::Vehicle, &|it| names_vehicle(award, it)))
        .or_else(|| first_covering(CoverageKind::Terms, &|it| has_compatible_terms(award, it)))
}

/// SHA-256 of an agreement's canonical JSON, which recognizes the same agreement in a later filing.
/// `None` if it has no canonical form.
#[must_use]
pub fn agreement_sha256(agreement: &Agreement) -> Option<String> {
    canonical(agreement).ok().map(|it| it.sha256)
}

/// The minimum length of a number that identifies an award without its parent's, in characters: order
/// numbers such as `0001` repeat in every vehicle.
const MIN_NUMBER_CHARS: usize = 6;

/// Normalizes an award number for comparison: letters and digits only, in capitals. Returns an empty
/// string for text without a digit, such as `not known to us`.
fn normalize_number(text: &str) -> String {
    let number: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    if number.contains(|it: char| it.is_ascii_digit()) {
        number.to_ascii_uppercase()
    } else {
        String::new()
    }
}

/// A text in which a firm names numbers, as its runs of letters and digits in capitals: `Contract No.`,
/// `70-CDCR`, `Mod P00003`.
struct NumberText(Vec<String>);

impl NumberText {
    fn new(text: &str) -> Self {
        let runs = text.split(|it: char| !it.is_ascii_alphanumeric());
        Self(runs.filter(|run| !run.is_empty()).map(str::to_ascii_uppercase).collect())
    }

    /// The range of consecutive runs that together are the number; none if there is none. A run counts
    /// whole, so that a number has a boundary at both ends.
    fn find(&self, number: &str) -> Option<Range<usize>> {
        let number = normalize_number(number);
        if number.is_empty() {
            return None;
        }
        (0..self.0.len()).find_map(|start| {
            let mut rest = number.as_str();
            for (at, run) in self.0.iter().enumerate().skip(start) {
                rest = rest.strip_prefix(run.as_str())?;
                if rest.is_empty() {
                    return Some(start..at + 1);
                }
            }
            None
        })
    }

    fn names(&self, number: &str) -> bool {
        self.find(number).is_some()
    }

    /// Whether the text is the number and nothing else.
    fn is(&self, number: &str) -> bool {
        self.find(number).is_some_and(|runs| runs == (0..self.0.len()))
    }

    /// Whether the text names a number beside the runs: not a modification, an agency or a year.
    fn names_other_than(&self, runs: &Range<usize>) -> bool {
        let others = self.0.iter().enumerate().filter(|(at, _)| !runs.contains(at));
        others.map(|(_, run)| run.as_str()).any(|run| {
            run.contains(|it: char| it.is_ascii_digit()) && !is_modification(run) && !is_code(run)
        })
    }
}

/// Whether the run is the number of a modification: `P00003`, `A00001`.
fn is_modification(run: &str) -> bool {
    let digits = run.strip_prefix(['P', 'A']).unwrap_or_default();
    digits.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the run is an agency of the Department of Homeland Security, such as `7014`, or a year: they
/// stand in an award's unique key, or beside its number.
fn is_code(run: &str) -> bool {
    run.len() == 4
        && run.bytes().all(|byte| byte.is_ascii_digit())
        && ["70", "19", "20"].iter().any(|start| run.starts_with(start))
}

/// Whether the text names the number. A short one must be the whole text, or stand beside its parent's
/// number, which `has_parent` says.
fn names_number(text: Option<&String>, number: &str, has_parent: bool) -> bool {
    let Some(text) = text.map(|text| NumberText::new(text)) else { return false };
    let is_long = normalize_number(number).len() >= MIN_NUMBER_CHARS;
    text.is(number) || ((is_long || has_parent) && text.names(number))
}

/// Whether the agreement names the award's number. Order numbers repeat across vehicles: a stated
/// parent number must match too, and without one, the component must match if the award has a
/// parent.
fn names_award(award: &ComparableAward, agreement: &Agreement) -> bool {
    // The dates and the amounts are compared only if no number tells.
    let ComparableAward {
        component,
        number,
        parent_number,
        is_subaward,
        starts_on: _,
        ends_on: _,
        amounts_cents: _,
    } = award;
    let stated_parent = agreement.parent_identifier.as_deref();
    let stated_parent = stated_parent.filter(|it| !normalize_number(it).is_empty());
    let stated_parent = stated_parent.map(NumberText::new);
    let identifier = agreement.identifier.as_deref().map(NumberText::new);
    // The number and its parent's may stand in one text, as in the award's unique key.
    let names_parent = |parent: &String| {
        stated_parent.as_ref().or(identifier.as_ref()).is_some_and(|text| text.names(parent))
    };
    let has_parent = parent_number.as_ref().is_some_and(names_parent);
    let has_right_parent = match (&stated_parent, parent_number) {
        (Some(_), Some(_)) => has_parent,
        (Some(stated_parent), None) => stated_parent.names(number),
        (None, Some(_)) => has_parent || agreement.component == Some(*component),
        (None, None) => true,
    };
    let names_it =
        has_right_parent && names_number(agreement.identifier.as_ref(), number, has_parent);
    // A subcontractor knows the number of the prime award.
    let is_subaward = *is_subaward && agreement.kind.is_some_and(AgreementKind::is_subaward);
    let names_prime = parent_number
        .as_ref()
        .is_some_and(|parent| names_number_alone(agreement.prime_award.as_ref(), parent));
    names_it || (is_subaward && names_prime)
}

/// Whether the text names the number, without any parent's.
fn names_number_alone(text: Option<&String>, number: &str) -> bool {
    names_number(text, number, false)
}

/// Whether the agreement names the award's vehicle, no order, and the same component.
fn names_vehicle(award: &ComparableAward, agreement: &Agreement) -> bool {
    let Some(vehicle) = &award.parent_number else { return false };
    let has_no_order_number =
        agreement.identifier.as_deref().is_none_or(|it| normalize_number(it).is_empty());
    let names_only_vehicle = agreement.identifier.as_deref().is_some_and(|identifier| {
        let text = NumberText::new(identifier);
        text.find(vehicle).is_some_and(|runs| !text.names_other_than(&runs))
    });
    let names_vehicle_number = (names_only_vehicle
        && names_number_alone(agreement.identifier.as_ref(), vehicle))
        || (has_no_order_number
            && names_number_alone(agreement.parent_identifier.as_ref(), vehicle));
    names_vehicle_number && agreement.component == Some(award.component)
}

/// Whether the agreement names no number, the same component, and compatible dates and amounts. An
/// enrollment in a program never covers an award: its short form would match every award.
fn has_compatible_terms(award: &ComparableAward, agreement: &Agreement) -> bool {
    let numbers = [&agreement.identifier, &agreement.prime_award];
    let is_numbered = numbers.into_iter().flatten().any(|it| !normalize_number(it).is_empty());
    !is_numbered
        && agreement.kind != Some(AgreementKind::ProgramParticipation)
        && agreement.component == Some(award.component)
        && has_overlapping_dates(award, agreement)
        && has_compatible_amounts(award, agreement)
}

/// Whether the periods may overlap: the agreement's is taken from its first possible day, and from any
/// day if its start is not known.
fn has_overlapping_dates(award: &ComparableAward, agreement: &Agreement) -> bool {
    let days = agreement.start_date.as_ref().and_then(PartialDate::days);
    let begins = days.map_or(NaiveDate::MIN, |days| days.first);
    let ends_on = agreement.end_date.as_ref().and_then(Date::day);
    let ends_on = ends_on.filter(|_| !agreement.ongoing).unwrap_or(NaiveDate::MAX);
    begins <= award.ends_on.unwrap_or(NaiveDate::MAX)
        && award.starts_on.unwrap_or(NaiveDate::MIN) <= ends_on
}

/// Whether the amounts may be the same. Amounts that are missing or withheld are compatible.
fn has_compatible_amounts(award: &ComparableAward, agreement: &Agreement) -> bool {
    let stated = agreement.compensation.iter().flat_map(|it| {
        [&it.obligated, &it.current, &it.ceiling].into_iter().flatten().filter_map(amount_cents)
    });
    let stated_cents: Vec<i128> = stated.map(i128::from).collect();
    let award_cents: Vec<i128> =
        award.amounts_cents.iter().map(|cents| i128::from(*cents)).collect();
    let range = |cents: &[i128]| Some((*cents.iter().min()?, *cents.iter().max()?));
    let (Some(stated_cents), Some(award_cents)) = (range(&stated_cents), range(&award_cents))
    else {
        return true;
    };
    let (whole, part) = AMOUNT_TOLERANCE;
    stated_cents.0 * (whole - part) <= award_cents.1 * whole
        && award_cents.0 * (whole - part) <= stated_cents.1 * whole
}

fn amount_cents(stated: &StatedAmount) -> Option<i64> {
    money::parse_money(stated.amount.as_ref()?).ok().map(|money| money.cents)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::find_coverage;
    use crate::award::model::{ComparableAward, CoverageKind};
    use crate::disclosure::model::Agreement;
    use crate::gate::DhsComponent;

    fn terms() -> ComparableAward {
        ComparableAward {
            component: DhsComponent::Ice,
            number: "70CDCR24FR0000011".into(),
            parent_number: Some("HSCEDM-17-D-00002".into()),
            is_subaward: false,
            starts_on: "2024-04-01".parse().ok(),
            ends_on: "2027-03-31".parse().ok(),
            amounts_cents: vec![1_000_000, 3_000_000],
        }
    }

    fn covered(agreement: Value) -> Option<CoverageKind> {
        let agreement: Agreement = serde_json::from_value(agreement).expect("an agreement");
        find_coverage(&terms(), None, &[agreement]).map(|(_, kind)| kind)
    }

    fn amount(amount: &str) -> Value {
        json!({ "current": { "certainty": "KNOWN",
            "amount": { "amount": amount, "currency": "USD" } } })
    }

    #[test]
    fn a_number_covers_in_any_spelling() {
        let number = Some(CoverageKind::Number);
        let of = |identifier: &str, component: &str| json!({ "identifier": identifier, "component": component });
        assert_eq!(covered(of("70cdcr-24-fr-0000011", "ICE")), number);
        assert_eq!(covered(of("70cdcr-24-fr-0000011", "CBP")), None, "order numbers repeat");
        let parent =
            |parent: &str| json!({ "identifier": "70CDCR24FR0000011", "parentIdentifier": parent });
        assert_eq!(covered(parent("HSCEDM17D00002")), number);
        assert_eq!(covered(parent("HSCEDM17D00003")), None, "order numbers repeat");
        assert_eq!(
            covered(json!({ "identifier": "70CDCR24FR0000011", "component": "ICE",
            "parentIdentifier": "not known to us" })),
            number
        );
        let sub = json!({ "kind": "SUBCONTRACT", "primeAward": "HSCEDM17D00002" });
        assert_eq!(covered(sub.clone()), None, "the order is the firm's own");
        let subaward = ComparableAward { is_subaward: true, ..terms() };
        let agreement: Agreement = serde_json::from_value(sub).expect("an agreement");
        assert_eq!(find_coverage(&subaward, None, &[agreement]), Some((0, CoverageKind::Number)));
    }

    #[test]
    fn a_number_covers_with_words_around_it() {
        let number = Some(CoverageKind::Number);
        let of = |identifier: &str| json!({ "identifier": identifier, "component": "ICE" });
        for identifier in [
            "Contract No. 70CDCR24FR0000011",
            "PIID: 70CDCR24FR0000011",
            "70CDCR24FR0000011 Mod P00003",
            "70CDCR24FR0000011/P00003",
            "Order 70-CDCR-24-FR-0000011 (ICE)",
            "no. 70cdcr24fr0000011, awarded 2024",
            "CONT_AWD_70CDCR24FR0000011_7012_HSCEDM17D00002_7012",
        ] {
            assert_eq!(covered(of(identifier)), number, "{identifier}");
        }
        for identifier in [
            "70CDCR24FR00000112",
            "X70CDCR24FR0000011",
            "70CDCR24FR000001",
            "70CDCR24FR0000012 Mod P00011",
            "No. 70CDCR24FR 0000012",
        ] {
            assert_eq!(covered(of(identifier)), None, "{identifier}");
        }
        // The key of a unique order names its vehicle, so that the component need not be the same.
        let key = "CONT_AWD_70CDCR24FR0000011_7012_HSCEDM17D00002_7012";
        assert_eq!(covered(json!({ "identifier": key, "component": "CBP" })), number);
        let parent = json!({ "identifier": "Order 70CDCR24FR0000011",
            "parentIdentifier": "IDIQ HSCEDM-17-D-00002 (detention)" });
        assert_eq!(covered(parent), number);
    }

    #[test]
    fn a_short_number_covers_only_with_its_parents() {
        let order = ComparableAward { number: "0011".into(), ..terms() };
        let covered = |agreement: Value| {
            let agreement: Agreement = serde_json::from_value(agreement).expect("an agreement");
            find_coverage(&order, None, &[agreement]).map(|(_, kind)| kind)
        };
        let of = |identifier: &str| json!({ "identifier": identifier, "component": "ICE" });
        let number = Some(CoverageKind::Number);
        assert_eq!(covered(of("0011")), number);
        assert_eq!(covered(of("Order 0011 under HSCEDM17D00002")), number);
        let parent = |identifier: &str, parent: &str| json!({ "identifier": identifier, "parentIdentifier": parent });
        assert_eq!(covered(parent("Task order 0011", "HSCEDM17D00002")), number);
        assert_eq!(covered(parent("Task order 0011", "HSCEDM17D00003")), None);
        assert_eq!(covered(of("Task order 0011")), None);
        assert_eq!(covered(of("70CDCR24FR0000099, item 0011")), None);
    }

    #[test]
    fn a_vehicle_with_words_around_it_covers_unless_they_name_an_order() {
        let of = |identifier: &str| json!({ "identifier": identifier, "component": "ICE" });
        let vehicle = Some(CoverageKind::Vehicle);
        assert_eq!(covered(of("IDIQ HSCEDM-17-D-00002")), vehicle);
        assert_eq!(covered(of("CONT_IDV_HSCEDM17D00002_7012")), vehicle);
        assert_eq!(covered(of("BPA HSCEDM17D00002 Mod P00004 of 2019")), vehicle);
        assert_eq!(covered(of("Order 0099 under HSCEDM17D00002")), None);
        assert_eq!(covered(of("70CDCR24FR0000099 under HSCEDM17D00002")), None);
    }

    #[test]
    fn a_vehicle_covers_orders_of_the_same_component() {
        let of =
            |component: &str| json!({ "identifier": "HSCEDM17D00002", "component": component });
        assert_eq!(covered(of("ICE")), Some(CoverageKind::Vehicle));
        assert_eq!(covered(of("CBP")), None);
    }

    #[test]
    fn compatible_terms_cover() {
        let like = |start: &str, end: &str, compensation: Value| {
            json!({ "component": "ICE", "startDate": start, "endDate": end,
                "compensation": compensation })
        };
        let terms = Some(CoverageKind::Terms);
        assert_eq!(covered(like("2024-01-01", "2024-12-31", json!({}))), terms);
        assert_eq!(covered(like("2024-01-01", "2024-12-31", amount("20000"))), terms);
        assert_eq!(
            covered(like("2024-01-01", "2024-12-31", amount("32000"))),
            terms,
            "within the tolerance"
        );
        assert_eq!(covered(like("2024-01-01", "2024-12-31", amount("3000000"))), None);
        assert_eq!(covered(like("2020-01-01", "2022-12-31", amount("20000"))), None);
        // A month and a year count from their first day; an unknown start may be any day.
        assert_eq!(covered(like("2027-03", "2028-12-31", json!({}))), terms);
        assert_eq!(covered(like("2027", "2028-12-31", json!({}))), terms);
        assert_eq!(covered(like("2027-04", "2028-12-31", json!({}))), None);
        let unknown_start = json!({ "component": "ICE", "startUnknownReason": "Lost.",
            "endDate": "2028-12-31" });
        assert_eq!(covered(unknown_start), terms);
        let ongoing = json!({ "component": "ICE", "startDate": "2020-01-01", "ongoing": true });
        assert_eq!(covered(ongoing), terms);
        let other =
            json!({ "component": "ICE", "identifier": "70CDCR20C00000009", "ongoing": true });
        assert_eq!(covered(other), None, "another number is another agreement");
        assert_eq!(covered(json!({ "component": "CBP", "ongoing": true })), None);
        let unknown = json!({ "component": "ICE", "kind": "SUBCONTRACT", "ongoing": true,
            "primeAward": "not known to us" });
        assert_eq!(covered(unknown), terms, "text without a digit is not a number");
        let program = json!({ "component": "ICE", "kind": "PROGRAM_PARTICIPATION",
            "startDate": "2015-01-01", "ongoing": true });
        assert_eq!(covered(program), None, "an enrollment covers no contract");
        assert_eq!(covered(json!({})), None, "terms need the same component");
    }

    #[test]
    fn a_link_covers_the_same_agreement_in_a_later_filing() {
        let agreement: Agreement =
            serde_json::from_value(json!({ "component": "CBP" })).expect("an agreement");
        let linked = super::agreement_sha256(&agreement);
        let other = Agreement { component: Some(DhsComponent::Ice), ..agreement.clone() };
        let found = find_coverage(
            &terms(),
            linked.as_deref(),
            &[Agreement { component: None, ..other }, agreement],
        );
        assert_eq!(found, Some((1, CoverageKind::Linked)));
    }
}
