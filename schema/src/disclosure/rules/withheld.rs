//! Validates the withheld parts of an item: each names one empty part, with a ground.
use serde_json::Value;

use super::field_checker::FieldChecker;
use crate::disclosure::model::{
    Agreement, Arrangement, ArrangementCompensation, Compensation, Holder, StatedAmount, Withheld,
    is_absent,
};
use crate::gate::wording::describe_part;
use crate::user_message::UserMessage;

/// A part of an item that may be withheld.
#[derive(Clone, Copy, Debug)]
pub struct ItemPart {
    /// The dotted path, starting at the item.
    pub path: &'static str,
    /// Whether the item has a value there.
    pub has_value: bool,
}

fn part<T: Default + PartialEq>(path: &'static str, field: &T) -> ItemPart {
    ItemPart { path, has_value: !is_absent(field) }
}

/// The parts of an agreement that may be withheld: all but `ongoing` and the certainty of amounts.
pub fn agreement_parts(agreement: &Agreement) -> Vec<ItemPart> {
    let Agreement {
        holder,
        component,
        component_name,
        office,
        program,
        kind,
        kind_name,
        tier,
        prime,
        prime_award,
        identifier,
        parent_identifier,
        start_date,
        start_unknown_reason,
        end_date,
        ongoing: _,
        state_at_signing,
        nature_of_work,
        description,
        naics,
        psc,
        place_of_performance,
        compensation,
        withheld: _,
    } = agreement;
    let no_holder = Holder::default();
    let Holder { relation, name } = holder.as_ref().unwrap_or(&no_holder);
    let mut parts = vec![
        part("holder", holder),
        part("holder.relation", relation),
        part("holder.name", name),
        part("component", component),
        part("componentName", component_name),
        part("office", office),
        part("program", program),
        part("kind", kind),
        part("kindName", kind_name),
        part("tier", tier),
        part("prime", prime),
        part("primeAward", prime_award),
        part("identifier", identifier),
        part("parentIdentifier", parent_identifier),
        part("startDate", start_date),
        part("startUnknownReason", start_unknown_reason),
        part("endDate", end_date),
        part("stateAtSigning", state_at_signing),
        part("natureOfWork", nature_of_work),
        part("description", description),
        part("naics", naics),
        part("psc", psc),
        part("placeOfPerformance", place_of_performance),
        part("compensation", compensation),
    ];
    let no_compensation = Compensation::default();
    let Compensation { pricing, obligated, current, ceiling, terms, paid_to_date } =
        compensation.as_ref().unwrap_or(&no_compensation);
    parts.push(part("compensation.pricing", pricing));
    parts.extend(amount_parts(
        [
            "compensation.obligated",
            "compensation.obligated.amount",
            "compensation.obligated.reason",
        ],
        obligated.as_ref(),
    ));
    parts.extend(amount_parts(
        ["compensation.current", "compensation.current.amount", "compensation.current.reason"],
        current.as_ref(),
    ));
    parts.extend(amount_parts(
        ["compensation.ceiling", "compensation.ceiling.amount", "compensation.ceiling.reason"],
        ceiling.as_ref(),
    ));
    parts.push(part("compensation.terms", terms));
    parts.push(part("compensation.paidToDate", paid_to_date));
    parts
}

/// The parts of a stated amount. `paths` are those of the whole, of its amount and of its reason.
fn amount_parts(paths: [&'static str; 3], stated: Option<&StatedAmount>) -> [ItemPart; 3] {
    let [whole_path, amount_path, reason_path] = paths;
    let not_stated = StatedAmount::default();
    let StatedAmount { certainty: _, amount, reason } = stated.unwrap_or(&not_stated);
    let whole = ItemPart { path: whole_path, has_value: stated.is_some() };
    [whole, part(amount_path, amount), part(reason_path, reason)]
}

/// The parts of an arrangement that may be withheld: all but `ongoing`.
pub fn arrangement_parts(arrangement: &Arrangement) -> Vec<ItemPart> {
    let Arrangement {
        recipient_name,
        recipient_class,
        recipient_count,
        recipient_kind,
        recipient_component,
        data_categories,
        whose_data,
        includes_city_data,
        purpose,
        channel,
        basis,
        compensation,
        onward_to_dhs,
        onward_component,
        onward_to_others,
        safeguards,
        start_date,
        start_unknown_reason,
        end_date,
        ongoing: _,
        withheld: _,
    } = arrangement;
    let no_compensation = ArrangementCompensation::default();
    let ArrangementCompensation { terms, amount } =
        compensation.as_ref().unwrap_or(&no_compensation);
    vec![
        part("recipientName", recipient_name),
        part("recipientClass", recipient_class),
        part("recipientCount", recipient_count),
        part("recipientKind", recipient_kind),
        part("recipientComponent", recipient_component),
        part("dataCategories", data_categories),
        part("whoseData", whose_data),
        part("includesCityData", includes_city_data),
        part("purpose", purpose),
        part("channel", channel),
        part("basis", basis),
        part("compensation", compensation),
        part("compensation.terms", terms),
        part("compensation.amount", amount),
        part("onwardToDhs", onward_to_dhs),
        part("onwardComponent", onward_component),
        part("onwardToOthers", onward_to_others),
        part("safeguards", safeguards),
        part("startDate", start_date),
        part("startUnknownReason", start_unknown_reason),
        part("endDate", end_date),
    ]
}

/// The normalized withheld parts of an item, each one of its `parts`.
pub fn validate_withheld(
    input: &[Withheld],
    parts: &[ItemPart],
    checker: &mut FieldChecker<'_>,
) -> Vec<Withheld> {
    if !checker.require_max_items("withheld", input, parts.len()) {
        return Vec::new();
    }
    let mut list = checker.at("withheld");
    let mut seen = Vec::new();
    let mut normalized = Vec::new();
    for (index, entry) in input.iter().enumerate() {
        let mut at = list.at(index);
        if entry.path.is_empty() {
            at.add_error("path", UserMessage::WithheldPathRequired);
        } else if !parts.iter().any(|part| part.path.split('.').eq(&entry.path)) {
            let names = parts.iter().map(|part| {
                let path: Vec<String> = part.path.split('.').map(str::to_owned).collect();
                describe_part(&path)
            });
            let parts = names.collect::<Vec<_>>().join("; ");
            let message = UserMessage::WithheldPathUnknown { parts };
            at.add_error("path", message);
        } else if seen.contains(&&entry.path) {
            at.add_error("path", UserMessage::WithheldRepeated);
        }
        at.require("ground", entry.ground.is_some(), UserMessage::WithheldGroundRequired);
        let note = at.normalize_prose("note", entry.note.as_ref());
        seen.push(&entry.path);
        normalized.push(Withheld { path: entry.path.clone(), ground: entry.ground, note });
    }
    normalized
}

/// Records an error for each of an item's `parts` that has a value and is withheld.
pub fn check_withheld_is_empty(
    entries: &[Withheld],
    parts: &[ItemPart],
    checker: &mut FieldChecker<'_>,
) {
    for ItemPart { path, has_value } in parts {
        if *has_value && entries.iter().any(|entry| path.split('.').eq(&entry.path)) {
            checker.add_error(path, UserMessage::WithheldHasValue);
        }
    }
}

/// The value at a path of field names and list indexes from 0; none if there is none.
pub fn find_at_path<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, step| match value {
        Value::Object(fields) => fields.get(step),
        Value::Array(items) => {
            let index = step.parse::<usize>().ok().filter(|index| index.to_string() == *step);
            items.get(index?)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{ItemPart, agreement_parts, arrangement_parts};
    use crate::disclosure::model::{Agreement, Arrangement};
    use crate::disclosure::rules::samples::{
        detention_agreement, plate_reads_arrangement, version_1_questions, with_agreements,
        with_fields,
    };
    use crate::disclosure::rules::statement::validate_answers;

    /// The errors for a detention contract with these withheld parts: path within it, and code.
    fn errors_with(entries: &Value) -> Vec<String> {
        let agreement = with_fields(&detention_agreement(), json!({ "withheld": entries }));
        let errors = validate_answers(&with_agreements([agreement]), &version_1_questions())
            .err()
            .unwrap_or_default();
        let errors = errors.iter().map(|it| format!("{} {}", it.path[4..].join("."), it.code()));
        errors.collect()
    }

    #[test]
    fn an_entry_names_one_part_once_with_its_ground() {
        let entries = json!([
            { "path": ["tier"], "ground": "CLASSIFIED" },
            { "path": ["tier"], "ground": "TRADE_SECRET" },
            { "path": ["color"], "ground": "CLASSIFIED" },
            { "path": ["compensation.ceiling"], "ground": "CLASSIFIED" },
            { "path": ["natureOfWork", "0"], "ground": "CLASSIFIED" },
            { "path": [], "ground": "CLASSIFIED" },
            { "path": ["office"] }
        ]);
        assert_eq!(
            errors_with(&entries),
            [
                "withheld.1.path invalid",
                "withheld.2.path invalid",
                "withheld.3.path invalid",
                "withheld.4.path invalid",
                "withheld.5.path required",
                "withheld.6.ground required"
            ]
        );
    }

    #[test]
    fn a_withheld_part_has_no_value() {
        let entries = json!([
            { "path": ["component"], "ground": "CLASSIFIED" },
            { "path": ["compensation"], "ground": "CLASSIFIED" }
        ]);
        assert_eq!(
            errors_with(&entries),
            ["component contradiction", "compensation contradiction"]
        );
    }

    #[test]
    fn there_are_at_most_as_many_entries_as_parts() {
        let parts = agreement_parts(&Agreement::default());
        let entries = vec![json!({ "path": ["tier"] }); parts.len() + 1];
        assert_eq!(errors_with(&json!(entries)), ["withheld too_long"]);
    }

    /// The dotted paths of a JSON value's fields, except those that cannot be withheld.
    fn field_paths(json: &Value, inside: &str) -> Vec<String> {
        let fields = json.as_object().into_iter().flatten();
        let fields =
            fields.filter(|(name, _)| !["withheld", "ongoing", "certainty"].contains(&&***name));
        let all = fields.flat_map(|(name, value)| {
            let name = format!("{inside}{name}");
            let money = value.get("currency").is_some();
            let inner =
                if money { Vec::new() } else { self::field_paths(value, &format!("{name}.")) };
            std::iter::once(name).chain(inner)
        });
        all.collect()
    }

    /// Asserts that the parts of a full item are the fields of its JSON, and that each has a value.
    fn assert_same_parts(json: &Value, parts: &[ItemPart]) {
        let mut fields = field_paths(json, "");
        let mut paths: Vec<_> = parts.iter().map(|part| part.path).collect();
        fields.sort();
        paths.sort_unstable();
        assert_eq!(fields, paths);
        assert!(parts.iter().all(|part| part.has_value));
    }

    #[test]
    fn every_field_can_be_withheld() {
        let money = json!({ "amount": "1", "currency": "USD" });
        let stated = json!({ "certainty": "KNOWN", "amount": money, "reason": "r" });
        let agreement: Agreement = with_fields(
            &detention_agreement(),
            json!({
                "holder": { "relation": "PARENT", "name": "n" }, "componentName": "n",
                "startUnknownReason": "r", "office": "o", "program": "p", "kindName": "n", "tier": "FIRST", "prime": "p",
                "primeAward": "p", "parentIdentifier": "p", "psc": "S206",
                "placeOfPerformance": "p",
                "compensation": {
                    "pricing": "COST", "obligated": stated, "current": stated, "ceiling": stated,
                    "terms": "t", "paidToDate": money
                }
            }),
        );
        let parts = agreement_parts(&agreement);
        assert_same_parts(&serde_json::to_value(agreement).expect("JSON"), &parts);
        let arrangement: Arrangement = with_fields(
            &plate_reads_arrangement(),
            json!({
                "recipientClass": "c", "recipientCount": 1, "recipientComponent": "ICE",
                "compensation": { "terms": "t", "amount": money }, "onwardComponent": "ICE",
                "onwardToOthers": "KNOWN", "safeguards": "s", "endDate": "2026-01-01",
                "startUnknownReason": "r"
            }),
        );
        let parts = arrangement_parts(&arrangement);
        assert_same_parts(&serde_json::to_value(arrangement).expect("JSON"), &parts);
    }
}
