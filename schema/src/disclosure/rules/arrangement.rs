//! Validates one data-sharing arrangement.
use super::field_checker::{FieldChecker, is_withheld};
use super::withheld;
use crate::disclosure::model::{Arrangement, ArrangementCompensation, DataCategory};
use crate::gate::{Questions, RecipientKind};
use crate::user_message::UserMessage;

/// The normalized arrangement; invalid and missing fields are recorded as errors.
pub fn validate(
    input: &Arrangement,
    questions: &Questions,
    checker: &mut FieldChecker<'_>,
) -> Arrangement {
    let mut normalized = normalize(input, checker);
    normalized.recipient_kind = normalized.recipient_kind.or_else(|| implied_kind(&normalized));
    let parts = withheld::arrangement_parts(&normalized);
    withheld::check_withheld_is_empty(&normalized.withheld, &parts, checker);
    let mut checker = checker.with_withheld(&normalized.withheld);
    require_fields(&normalized, questions, &mut checker);
    let start = normalized.start_date.as_ref();
    checker.check_start(start, normalized.start_unknown_reason.as_ref());
    checker.check_dates(start, normalized.end_date.as_ref(), normalized.ongoing);
    normalized
}

/// Recipients that are counted by class, and of no stated kind, are processors: only these are asked
/// for nothing but their class, number, data and onward transfer. A class or a number alone is enough, so
/// that a draft is asked for the other one and not for everything else.
fn implied_kind(arrangement: &Arrangement) -> Option<RecipientKind> {
    let is_counted = arrangement.recipient_class.is_some() || arrangement.recipient_count.is_some();
    let is_unnamed = arrangement.recipient_name.is_none();
    let is_withheld = is_withheld(&arrangement.withheld, "recipientKind")
        || is_withheld(&arrangement.withheld, "recipientName");
    (is_counted && is_unnamed && !is_withheld).then_some(RecipientKind::Processor)
}

/// Whether the short form is enough: for processors, unless the policy requires their names.
fn is_short_form(kind: Option<RecipientKind>, questions: &Questions) -> bool {
    kind == Some(RecipientKind::Processor)
        && !questions.must_be_named.contains(&RecipientKind::Processor)
}

fn normalize(input: &Arrangement, checker: &mut FieldChecker<'_>) -> Arrangement {
    checker.require_distinct("dataCategories", &input.data_categories);
    checker.require_distinct("whoseData", &input.whose_data);
    if input.recipient_count.is_some_and(|count| count < 1) {
        checker.add_error("recipientCount", UserMessage::RecipientCountInvalid);
    }
    Arrangement {
        recipient_name: checker.normalize_line("recipientName", input.recipient_name.as_ref()),
        recipient_class: checker.normalize_line("recipientClass", input.recipient_class.as_ref()),
        recipient_count: input.recipient_count,
        recipient_kind: input.recipient_kind,
        recipient_component: input.recipient_component,
        data_categories: input.data_categories.clone(),
        whose_data: input.whose_data.clone(),
        includes_city_data: input.includes_city_data,
        purpose: checker.normalize_prose("purpose", input.purpose.as_ref()),
        channel: input.channel,
        basis: input.basis,
        compensation: input
            .compensation
            .as_ref()
            .and_then(|it| normalize_compensation(it, checker)),
        onward_to_dhs: input.onward_to_dhs,
        onward_component: input.onward_component,
        onward_to_others: input.onward_to_others,
        safeguards: checker.normalize_prose("safeguards", input.safeguards.as_ref()),
        start_date: checker.normalize_partial_date("startDate", input.start_date.as_ref()),
        start_unknown_reason: checker
            .normalize_prose("startUnknownReason", input.start_unknown_reason.as_ref()),
        end_date: checker.normalize_date("endDate", input.end_date.as_ref()),
        ongoing: input.ongoing,
        withheld: withheld::validate_withheld(
            &input.withheld,
            &withheld::arrangement_parts(input),
            checker,
        ),
    }
}

fn normalize_compensation(
    input: &ArrangementCompensation,
    checker: &mut FieldChecker<'_>,
) -> Option<ArrangementCompensation> {
    let mut checker = checker.at("compensation");
    let normalized = ArrangementCompensation {
        terms: checker.normalize_prose("terms", input.terms.as_ref()),
        amount: checker.normalize_money("amount", input.amount.as_ref()),
    };
    (normalized != ArrangementCompensation::default()).then_some(normalized)
}

/// Records an error for each missing field. Processors use the short form.
fn require_fields(
    arrangement: &Arrangement,
    questions: &Questions,
    checker: &mut FieldChecker<'_>,
) {
    let Arrangement {
        recipient_name,
        recipient_class,
        recipient_count,
        recipient_kind,
        recipient_component: _,
        data_categories,
        whose_data,
        includes_city_data,
        purpose,
        channel,
        basis,
        compensation: _,
        onward_to_dhs,
        onward_component: _,
        onward_to_others: _,
        safeguards: _,
        start_date,
        start_unknown_reason,
        end_date: _,
        ongoing: _,
        withheld: _,
    } = arrangement;
    let recipient = Recipient {
        kind: *recipient_kind,
        is_named: recipient_name.is_some(),
        has_class: recipient_class.is_some(),
        has_count: recipient_count.is_some(),
    };
    require_recipient(recipient, questions, checker);
    let has_categories = !data_categories.is_empty();
    checker.require("dataCategories", has_categories, UserMessage::DataCategoriesRequired);
    let is_short = is_short_form(*recipient_kind, questions);
    let is_not_personal = data_categories[..] == [DataCategory::NotPersonal];
    let has_subjects = is_short || is_not_personal || !whose_data.is_empty();
    checker.require("whoseData", has_subjects, UserMessage::WhoseDataRequired);
    let has_answer = includes_city_data.is_some();
    checker.require("includesCityData", has_answer, UserMessage::CityDataRequired);
    if !is_short {
        checker.require("purpose", purpose.is_some(), UserMessage::PurposeRequired);
        checker.require("channel", channel.is_some(), UserMessage::ChannelRequired);
        checker.require("basis", basis.is_some(), UserMessage::BasisRequired);
    }
    let has_onward = onward_to_dhs.is_some();
    checker.require("onwardToDhs", has_onward, UserMessage::OnwardTransferRequired);
    if !is_short {
        checker.require_start(start_date.as_ref(), start_unknown_reason.as_ref());
    }
}

/// How an arrangement identifies its recipient.
#[derive(Clone, Copy, Debug)]
struct Recipient {
    kind: Option<RecipientKind>,
    is_named: bool,
    has_class: bool,
    has_count: bool,
}

/// Records an error if the recipient is not identified: by name for the kinds that the policy lists
/// in `mustBeNamed`, otherwise by name or by class and count.
fn require_recipient(recipient: Recipient, questions: &Questions, checker: &mut FieldChecker<'_>) {
    let Recipient { kind, is_named, has_class, has_count } = recipient;
    checker.require("recipientKind", kind.is_some(), UserMessage::RecipientKindRequired);
    let is_counted = has_class || has_count;
    if kind.is_some_and(|kind| questions.must_be_named.contains(&kind)) {
        checker.require("recipientName", is_named, UserMessage::RecipientNameRequired);
    } else if !is_counted {
        checker.require("recipientName", is_named, UserMessage::RecipientRequired);
    } else {
        checker.require("recipientClass", has_class, UserMessage::RecipientClassRequired);
        checker.require("recipientCount", has_count, UserMessage::RecipientCountRequired);
    }
    if is_named && is_counted {
        checker.add_error("recipientName", UserMessage::RecipientNameOrClass);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::disclosure::model::Arrangement;
    use crate::disclosure::rules::samples::{
        filing_errors, from_json, plate_reads_arrangement, version_1_questions, with_arrangements,
        with_fields,
    };
    use crate::disclosure::rules::statement::validate_answers;
    use crate::gate::RecipientKind;

    /// The errors for a data broker's arrangement with these fields changed: path within it, and
    /// code.
    fn errors_after(changes: Value) -> Vec<String> {
        let statement = with_arrangements([with_fields(&plate_reads_arrangement(), changes)]);
        let errors = validate_answers(&statement, &version_1_questions()).err().unwrap_or_default();
        let errors = errors.iter().map(|it| format!("{} {}", it.path[4..].join("."), it.code()));
        errors.collect()
    }

    #[test]
    fn ordinary_processors_may_be_counted() {
        let payroll = |class: Value, count: Value| {
            errors_after(json!({
                "recipientKind": "PROCESSOR", "recipientName": null,
                "recipientClass": class, "recipientCount": count
            }))
        };
        assert!(payroll(json!("payroll"), json!(3)).is_empty());
        assert_eq!(payroll(json!("payroll"), json!(0)), ["recipientCount invalid"]);
        assert_eq!(payroll(json!("payroll"), json!(null)), ["recipientCount required"]);
        assert_eq!(payroll(json!(null), json!(3)), ["recipientClass required"]);
        assert_eq!(payroll(json!(null), json!(null)), ["recipientName required"]);
        let both = json!({ "recipientClass": "brokers", "recipientCount": 1 });
        assert_eq!(errors_after(both), ["recipientName contradiction"]);
    }

    #[test]
    fn five_answers_are_enough_for_processors() {
        let five = json!({
            "recipientClass": "payroll", "recipientCount": 3,
            "dataCategories": ["EMPLOYMENT_INFORMATION"], "includesCityData": false,
            "onwardToDhs": "FORBIDDEN"
        });
        let short: Arrangement = from_json(five.clone());
        let filed = validate_answers(&with_arrangements([short.clone()]), &version_1_questions());
        let filed = filed.expect("complete").data_sharing.arrangements.remove(0);
        assert_eq!(filed.recipient_kind, Some(RecipientKind::Processor));
        let without_kind = Arrangement { recipient_kind: None, ..filed };
        assert_eq!(without_kind, short, "nothing else is added");
        for (answer, error) in [
            ("recipientClass", "recipientClass required"),
            ("recipientCount", "recipientCount required"),
            ("dataCategories", "dataCategories required"),
            ("includesCityData", "includesCityData required"),
            ("onwardToDhs", "onwardToDhs required"),
        ] {
            let missing = with_arrangements([with_fields(&short, json!({ answer: null }))]);
            let path = format!("statement.dataSharing.arrangements.0.{error}");
            assert_eq!(filing_errors(&missing), [path], "{answer}");
        }
        // A named processor has no more questions; another kind of recipient and a policy that requires
        // the names of processors have all of them.
        let named = json!({ "recipientName": "Example Payroll, Inc.", "recipientClass": null,
            "recipientCount": null, "recipientKind": "PROCESSOR" });
        let named: Arrangement = with_fields(&short, named);
        let version_1 = version_1_questions();
        assert!(validate_answers(&with_arrangements([named.clone()]), &version_1).is_ok());
        let mut strict = version_1_questions();
        strict.must_be_named.insert(RecipientKind::Processor);
        assert!(validate_answers(&with_arrangements([named]), &strict).is_err());
        assert!(validate_answers(&with_arrangements([short.clone()]), &strict).is_err());
        let other: Arrangement = with_fields(&short, json!({ "recipientKind": "OTHER" }));
        let path = "statement.dataSharing.arrangements.0.purpose required".to_owned();
        assert!(filing_errors(&with_arrangements([other])).contains(&path));
    }

    #[test]
    fn a_start_may_be_partial_or_unknown() {
        for start in ["2009", "2009-06", " 2009-06-01 "] {
            assert!(errors_after(json!({ "startDate": start })).is_empty(), "{start}");
        }
        for start in ["June 2009", "2009-13", "1899", "9999", "20"] {
            assert_eq!(
                errors_after(json!({ "startDate": start })),
                ["startDate invalid"],
                "{start}"
            );
        }
        assert_eq!(errors_after(json!({ "startDate": " " })), ["startDate required"]);
        let reason = json!({ "startDate": null, "startUnknownReason": "Before our records." });
        assert!(errors_after(reason).is_empty());
        let both = json!({ "startUnknownReason": "Before our records." });
        assert_eq!(errors_after(both), ["startUnknownReason contradiction"]);
        let withheld = json!({
            "startDate": null, "startUnknownReason": "Before our records.",
            "withheld": [{ "path": ["startDate"], "ground": "CLASSIFIED" }]
        });
        assert_eq!(errors_after(withheld), ["startUnknownReason contradiction"]);
        let ended = json!({ "startDate": "2025", "ongoing": false, "endDate": "2025-01-01" });
        assert!(errors_after(ended).is_empty());
        let ended = json!({ "startDate": "2025-02", "ongoing": false, "endDate": "2025-01-31" });
        assert_eq!(errors_after(ended), ["endDate contradiction"]);
    }

    #[test]
    fn other_recipients_are_named_or_withheld() {
        let counted = json!({ "recipientName": null, "recipientClass": "a", "recipientCount": 2 });
        assert_eq!(errors_after(counted), ["recipientName required"]);
        let withheld = json!([{ "path": ["recipientName"], "ground": "STATUTE_OR_COURT_ORDER" }]);
        assert!(errors_after(json!({ "recipientName": null, "withheld": withheld })).is_empty());
    }

    #[test]
    fn data_about_no_person_needs_no_subjects() {
        let nobody = json!({ "dataCategories": ["NOT_PERSONAL"], "whoseData": [] });
        assert!(errors_after(nobody).is_empty());
        let somebody =
            json!({ "dataCategories": ["NOT_PERSONAL", "GEOLOCATION"], "whoseData": [] });
        assert_eq!(errors_after(somebody), ["whoseData required"]);
    }

    #[test]
    fn city_data_requires_true_or_false() {
        assert!(errors_after(json!({ "includesCityData": false })).is_empty());
        assert_eq!(
            errors_after(json!({ "includesCityData": null })),
            ["includesCityData required"]
        );
    }

    #[test]
    fn compensation_and_dates_are_validated_as_in_agreements() {
        let changes = json!({
            "compensation": { "amount": { "amount": "-1", "currency": "USD" } },
            "endDate": "2024-12-31", "ongoing": false
        });
        assert_eq!(
            errors_after(changes),
            ["compensation.amount.amount invalid", "endDate contradiction"]
        );
    }
}
