//! Validates one data-sharing arrangement.
use super::field_checker::FieldChecker;
use super::withheld;
use crate::disclosure::model::{Arrangement, ArrangementCompensation, DataCategory};
use crate::gate::Questions;
use crate::user_message::UserMessage;

/// The normalized arrangement; invalid and missing fields are recorded as errors.
pub fn validate(
    input: &Arrangement,
    questions: &Questions,
    checker: &mut FieldChecker<'_>,
) -> Arrangement {
    let normalized = normalize(input, checker);
    withheld::check_withheld_is_empty(
        &normalized.withheld,
        withheld::ARRANGEMENT_PARTS,
        &normalized,
        checker,
    );
    let mut checker = checker.with_withheld(&normalized.withheld);
    require_recipient(&normalized, questions, &mut checker);
    require_fields(&normalized, &mut checker);
    checker.check_dates(
        normalized.start_date.as_ref(),
        normalized.end_date.as_ref(),
        normalized.ongoing,
    );
    normalized
}

fn normalize(input: &Arrangement, checker: &mut FieldChecker<'_>) -> Arrangement {
    checker.require_distinct("dataCategories", &input.data_categories);
    checker.require_distinct("whoseData", &input.whose_data);
    if input.recipient_count.is_some_and(|count| count < 1) {
        checker.add_user_error("recipientCount", UserMessage::RecipientCountInvalid);
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
        start_date: checker.normalize_date("startDate", input.start_date.as_ref()),
        end_date: checker.normalize_date("endDate", input.end_date.as_ref()),
        ongoing: input.ongoing,
        withheld: withheld::validate_withheld(
            &input.withheld,
            withheld::ARRANGEMENT_PARTS,
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

/// Records an error if the recipient is not identified: by name for the kinds that the policy lists
/// in `mustBeNamed`, otherwise by name or by class and count.
fn require_recipient(
    arrangement: &Arrangement,
    questions: &Questions,
    checker: &mut FieldChecker<'_>,
) {
    let kind = arrangement.recipient_kind;
    checker.require_field("recipientKind", kind.is_some(), UserMessage::RecipientKindRequired);
    let is_named = arrangement.recipient_name.is_some();
    let (class, count) = (&arrangement.recipient_class, arrangement.recipient_count);
    let is_counted = class.is_some() || count.is_some();
    if kind.is_some_and(|kind| questions.must_be_named.contains(&kind)) {
        checker.require_field("recipientName", is_named, UserMessage::RecipientNameRequired);
    } else if !is_counted {
        checker.require_field("recipientName", is_named, UserMessage::RecipientRequired);
    } else {
        checker.require_field(
            "recipientClass",
            class.is_some(),
            UserMessage::RecipientClassRequired,
        );
        checker.require_field(
            "recipientCount",
            count.is_some(),
            UserMessage::RecipientCountRequired,
        );
    }
    if is_named && is_counted {
        checker.add_user_error("recipientName", UserMessage::RecipientNameOrClass);
    }
}

fn require_fields(arrangement: &Arrangement, checker: &mut FieldChecker<'_>) {
    let categories = &arrangement.data_categories;
    checker.require_field(
        "dataCategories",
        !categories.is_empty(),
        UserMessage::DataCategoriesRequired,
    );
    let is_not_personal = categories[..] == [DataCategory::NotPersonal];
    let has_subjects = is_not_personal || !arrangement.whose_data.is_empty();
    checker.require_field("whoseData", has_subjects, UserMessage::WhoseDataRequired);
    checker.require_field(
        "includesCityData",
        arrangement.includes_city_data.is_some(),
        UserMessage::CityDataRequired,
    );
    checker.require_field("purpose", arrangement.purpose.is_some(), UserMessage::PurposeRequired);
    checker.require_field("channel", arrangement.channel.is_some(), UserMessage::ChannelRequired);
    checker.require_field("basis", arrangement.basis.is_some(), UserMessage::BasisRequired);
    checker.require_field(
        "onwardToDhs",
        arrangement.onward_to_dhs.is_some(),
        UserMessage::OnwardTransferRequired,
    );
    checker.require_field(
        "startDate",
        arrangement.start_date.is_some(),
        UserMessage::StartDateRequired,
    );
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::disclosure::rules::samples::{
        plate_reads_arrangement, version_1_questions, with_arrangements, with_fields,
    };
    use crate::disclosure::rules::statement::validate_answers;

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
