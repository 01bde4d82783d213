//! What one data-sharing arrangement must say.
use super::place::FieldChecker;
use super::withheld;
use crate::disclosure::model::{Arrangement, ArrangementCompensation, DataCategory};
use crate::gate::Questions;

/// The arrangement, cleaned; what is wrong or missing is noted.
pub fn file(typed: &Arrangement, questions: &Questions, place: &mut FieldChecker<'_>) -> Arrangement {
    let cleaned = clean(typed, place);
    withheld::contradictions(&cleaned.withheld, withheld::OF_ARRANGEMENT, &cleaned, place);
    let mut place = place.with_withheld(&cleaned.withheld);
    need_recipient(&cleaned, questions, &mut place);
    needs(&cleaned, &mut place);
    place.check_dates(cleaned.start_date.as_ref(), cleaned.end_date.as_ref(), cleaned.ongoing);
    cleaned
}

fn clean(typed: &Arrangement, place: &mut FieldChecker<'_>) -> Arrangement {
    place.require_distinct("dataCategories", &typed.data_categories);
    place.require_distinct("whoseData", &typed.whose_data);
    if typed.recipient_count.is_some_and(|count| count < 1) {
        place.add_error("recipientCount", "invalid", "Count the recipients: one at the least.");
    }
    Arrangement {
        recipient_name: place.normalize_line("recipientName", typed.recipient_name.as_ref()),
        recipient_class: place.normalize_line("recipientClass", typed.recipient_class.as_ref()),
        recipient_count: typed.recipient_count,
        recipient_kind: typed.recipient_kind,
        recipient_component: typed.recipient_component,
        data_categories: typed.data_categories.clone(),
        whose_data: typed.whose_data.clone(),
        includes_city_data: typed.includes_city_data,
        purpose: place.prose("purpose", typed.purpose.as_ref()),
        channel: typed.channel,
        basis: typed.basis,
        compensation: typed.compensation.as_ref().and_then(|it| clean_compensation(it, place)),
        onward_to_dhs: typed.onward_to_dhs,
        onward_component: typed.onward_component,
        onward_to_others: typed.onward_to_others,
        safeguards: place.prose("safeguards", typed.safeguards.as_ref()),
        start_date: place.normalize_date("startDate", typed.start_date.as_ref()),
        end_date: place.normalize_date("endDate", typed.end_date.as_ref()),
        ongoing: typed.ongoing,
        withheld: withheld::marks(&typed.withheld, withheld::OF_ARRANGEMENT, place),
    }
}

fn clean_compensation(
    typed: &ArrangementCompensation,
    place: &mut FieldChecker<'_>,
) -> Option<ArrangementCompensation> {
    let mut place = place.at("compensation");
    let cleaned = ArrangementCompensation {
        terms: place.prose("terms", typed.terms.as_ref()),
        amount: place.normalize_money("amount", typed.amount.as_ref()),
    };
    (cleaned != ArrangementCompensation::default()).then_some(cleaned)
}

/// Notes a recipient that is not told: by name where the policy asks for names, else by name or by
/// class and count.
fn need_recipient(arrangement: &Arrangement, questions: &Questions, place: &mut FieldChecker<'_>) {
    let kind = arrangement.recipient_kind;
    place.require("recipientKind", kind.is_some(), "Say what the recipient is.");
    let is_named = arrangement.recipient_name.is_some();
    let (class, count) = (&arrangement.recipient_class, arrangement.recipient_count);
    let is_classed = class.is_some() || count.is_some();
    if kind.is_some_and(|kind| questions.must_be_named.contains(&kind)) {
        let told = "Recipients of this kind are named, not counted; name this one.";
        place.require("recipientName", is_named, told);
    } else if !is_classed {
        let told = "Name the recipient, or say what class of recipients it is and how many.";
        place.require("recipientName", is_named, told);
    } else {
        let told = "Say what these recipients do, such as payroll.";
        place.require("recipientClass", class.is_some(), told);
        place.require("recipientCount", count.is_some(), "Say how many of them there are.");
    }
    if is_named && is_classed {
        let told = "Name the recipient, or give a class and a count, not both.";
        place.add_error("recipientName", "contradiction", told);
    }
}

fn needs(arrangement: &Arrangement, place: &mut FieldChecker<'_>) {
    let categories = &arrangement.data_categories;
    let told = "Choose at least one category of data.";
    place.require("dataCategories", !categories.is_empty(), told);
    let is_about_nobody = categories[..] == [DataCategory::NotPersonal];
    let is_told = is_about_nobody || !arrangement.whose_data.is_empty();
    place.require("whoseData", is_told, "Say whom the data is about.");
    let told = "Say whether data from the City, or held for it, is among it: true or false.";
    place.require("includesCityData", arrangement.includes_city_data.is_some(), told);
    let told = "Say in words what it is shared for.";
    place.require("purpose", arrangement.purpose.is_some(), told);
    place.require("channel", arrangement.channel.is_some(), "Say how the data travels.");
    place.require("basis", arrangement.basis.is_some(), "Say on what basis it is shared.");
    let told = "Say whether it is passed on to the Department of Homeland Security: known, \
        allowed, forbidden by contract, or unknown.";
    place.require("onwardToDhs", arrangement.onward_to_dhs.is_some(), told);
    let told = "Give the day on which it begins or began.";
    place.require("startDate", arrangement.start_date.is_some(), told);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::disclosure::rules::file::answer;
    use crate::disclosure::rules::samples::{changed, plate_reads, questions, with_arrangements};

    /// What is told of a broker's arrangement after these changes, by paths within it.
    fn told(changes: Value) -> Vec<String> {
        let statement = with_arrangements([changed(&plate_reads(), changes)]);
        let errors = answer(&statement, &questions()).err().unwrap_or_default();
        let inside = errors.iter().map(|it| format!("{} {}", it.path[4..].join("."), it.code));
        inside.collect()
    }

    #[test]
    fn ordinary_processors_may_be_counted() {
        let payroll = |class: Value, count: Value| {
            told(json!({
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
        assert_eq!(told(both), ["recipientName contradiction"]);
    }

    #[test]
    fn others_are_named_or_withheld() {
        let counted = json!({ "recipientName": null, "recipientClass": "a", "recipientCount": 2 });
        assert_eq!(told(counted), ["recipientName required"]);
        let mark = json!([{ "path": ["recipientName"], "ground": "STATUTE_OR_COURT_ORDER" }]);
        assert!(told(json!({ "recipientName": null, "withheld": mark })).is_empty());
    }

    #[test]
    fn data_about_nobody_has_no_subjects() {
        let nobody = json!({ "dataCategories": ["NOT_PERSONAL"], "whoseData": [] });
        assert!(told(nobody).is_empty());
        let somebody =
            json!({ "dataCategories": ["NOT_PERSONAL", "GEOLOCATION"], "whoseData": [] });
        assert_eq!(told(somebody), ["whoseData required"]);
    }

    #[test]
    fn city_data_is_answered_either_way() {
        assert!(told(json!({ "includesCityData": false })).is_empty());
        assert_eq!(told(json!({ "includesCityData": null })), ["includesCityData required"]);
    }

    #[test]
    fn what_is_paid_and_when_is_read_as_in_agreements() {
        let changes = json!({
            "compensation": { "amount": { "amount": "-1", "currency": "USD" } },
            "endDate": "2024-12-31", "ongoing": false
        });
        assert_eq!(told(changes), ["compensation.amount.amount invalid", "endDate contradiction"]);
    }
}
