//! Merges rows into awards.
use std::collections::HashMap;

use crate::award::entity::award;
use crate::award::model::{
    AwardFileRow, AwardId, RecipientId, RowScope, TransactionVersion, is_newer,
};

/// Merges a row into an award. `sum` is the total of the award's transactions in US cents, including
/// the row's. A summary row decides the obligated amount; the latest action decides recipient and
/// end date. The result does not depend on the order of the files.
pub fn merge_row(
    before: Option<&award::Model>,
    id: AwardId,
    recipient: RecipientId,
    row: &AwardFileRow,
    sum: Option<i64>,
) -> award::Model {
    let is_summary = row.scope == RowScope::Summary;
    let had_summary = before.is_some_and(|before| before.has_summary);
    let is_newer = before.is_none_or(|before| is_newer(row.latest_on, before.latest_on));
    let (awarding, funding) = (&row.awarding, &row.funding);
    let stored = |of: fn(&award::Model) -> Option<String>| before.and_then(of);
    // The newer of the two values, if it is present.
    let prefer_newer = |from_row: &Option<String>, stored: Option<String>| {
        prefer_row(is_newer, from_row.clone(), stored)
    };
    let stored_obligated = before.and_then(|it| it.obligated_cents);
    let stored_signed = before.and_then(|it| it.signed_on);
    without_impossible_end(award::Model {
        id,
        key: row.key.clone(),
        kind: row.kind,
        award_id: row.award_id.clone(),
        parent_award_id: prefer_newer(
            &row.parent_award_id,
            stored(|it| it.parent_award_id.clone()),
        ),
        prime: prefer_newer(&row.prime, stored(|it| it.prime.clone())),
        recipient_id: match before {
            Some(before) if !is_newer => before.recipient_id,
            _ => recipient,
        },
        component: row.component().or(before.and_then(|before| before.component)),
        awarding_code: prefer_newer(&awarding.code, stored(|it| it.awarding_code.clone())),
        awarding_sub_code: prefer_newer(
            &awarding.sub_code,
            stored(|it| it.awarding_sub_code.clone()),
        ),
        awarding_sub_name: prefer_newer(
            &awarding.sub_name,
            stored(|it| it.awarding_sub_name.clone()),
        ),
        funding_code: prefer_newer(&funding.code, stored(|it| it.funding_code.clone())),
        funding_sub_code: prefer_newer(&funding.sub_code, stored(|it| it.funding_sub_code.clone())),
        funding_sub_name: prefer_newer(&funding.sub_name, stored(|it| it.funding_sub_name.clone())),
        signed_on: match (is_summary, had_summary) {
            (true, _) => row.signed_on.or(stored_signed),
            (false, true) => stored_signed.or(row.signed_on),
            (false, false) => [row.signed_on, stored_signed].into_iter().flatten().min(),
        },
        starts_on: prefer_row(is_newer, row.starts_on, before.and_then(|it| it.starts_on)),
        ends_on: prefer_row(is_newer, row.ends_on, before.and_then(|it| it.ends_on)),
        latest_on: [row.latest_on, before.and_then(|it| it.latest_on)].into_iter().flatten().max(),
        obligated_cents: match (is_summary, had_summary) {
            (true, true) => prefer_row(is_newer, row.obligated_cents, stored_obligated),
            (true, false) => row.obligated_cents.or(stored_obligated),
            (false, true) => stored_obligated,
            (false, false) => sum,
        },
        current_cents: prefer_row(
            is_newer,
            row.current_cents,
            before.and_then(|it| it.current_cents),
        ),
        ceiling_cents: prefer_row(
            is_newer,
            row.ceiling_cents,
            before.and_then(|it| it.ceiling_cents),
        ),
        has_summary: is_summary || had_summary,
        has_base_action: row.is_base_action || before.is_some_and(|before| before.has_base_action),
        naics: prefer_newer(&row.naics, stored(|it| it.naics.clone())),
        psc: prefer_newer(&row.psc, stored(|it| it.psc.clone())),
        // The base action has the most specific description.
        description: {
            let prefers_row = is_summary || row.is_base_action;
            prefer_row(prefers_row, row.description.clone(), stored(|it| it.description.clone()))
        },
        source_file: String::new(),
        source_line: 1,
    })
}

/// Removes an end before the award was signed, which is a mistake: the end is unknown then. While only
/// modifications are known, the day of the signature is not.
fn without_impossible_end(award: award::Model) -> award::Model {
    let is_signing_known = award.has_summary || award.has_base_action;
    let signed_on = award.signed_on.filter(|_| is_signing_known);
    let is_possible = |end: &chrono::NaiveDate| signed_on.is_none_or(|signed_on| signed_on <= *end);
    award::Model { ends_on: award.ends_on.filter(is_possible), ..award }
}

/// Totals an award's transactions in US cents; `None` if no transaction has an amount.
pub fn sum_transactions(transactions: &HashMap<String, TransactionVersion>) -> Option<i64> {
    transactions.values().filter_map(|it| it.cents).reduce(i64::saturating_add)
}

/// Returns the award after some of its transactions were removed or replaced: with the amount and the days
/// of the present ones, unless a summary decides them. Without any, it obligates nothing.
pub fn with_transactions(
    award: &award::Model,
    transactions: &HashMap<String, TransactionVersion>,
) -> award::Model {
    let mut after = award.clone();
    if award.has_summary {
        return after;
    }
    if transactions.is_empty() {
        after.obligated_cents = Some(0);
        return after;
    }
    after.obligated_cents = sum_transactions(transactions);
    let days: Option<Vec<_>> = transactions.values().map(|it| it.action_on).collect();
    // Transactions that an older version imported have no days.
    if let Some(days) = days {
        after.signed_on = days.iter().min().copied();
        after.latest_on = days.iter().max().copied();
    }
    without_impossible_end(after)
}

/// The preferred of two values, or the other if the preferred one is missing.
fn prefer_row<T>(is_row_preferred: bool, from_row: Option<T>, stored: Option<T>) -> Option<T> {
    if is_row_preferred { from_row.or(stored) } else { stored.or(from_row) }
}
