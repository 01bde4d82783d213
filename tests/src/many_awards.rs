//! Many federal awards, inserted in bulk. Every value follows from the award's number.
use candor::command::import::import_federal_awards;
use candor_schema::clock::Clock;
use candor_schema::contracting::service::process_queue;
use candor_schema::database::Database;

use crate::awards::{AwardSummary, write_award_summaries};
use crate::bulk_sql::{insert, sql_parts, sql_uuid, uuid, uuid_literal};
use crate::many_bids::FIRM_STRIDE;
use crate::many_firms::firm_name;
use crate::test_app::TestApp;

/// How many awards each recipient has.
const AWARDS_PER_RECIPIENT: usize = 10;
/// One in this many recipients has the name of a firm.
const RECIPIENTS_PER_FIRM: usize = 200;
/// How many awards the service imports, the last ones. The import records the digest of all, and matches every firm.
const IMPORTED_AWARDS: usize = 500;

/// Inserts `count` awards, more than [`IMPORTED_AWARDS`], of recipients of which some have the names of `firms` firms.
pub(crate) async fn insert_awards(app: &TestApp, firms: usize, count: usize) {
    let inserted = count - IMPORTED_AWARDS;
    insert_recipients(app, firms, inserted.div_ceil(AWARDS_PER_RECIPIENT)).await;
    let engine = app.engine;
    let award = sql_uuid(engine, 20, "n");
    let recipient = sql_uuid(engine, 30, &format!("n / {AWARDS_PER_RECIPIENT}"));
    let number = "'70X' || substr('00000000' || n, length('00000000' || n) - 7)";
    let AwardSummary { awarding, funding, obligated, signed_on, ends_on, .. } =
        AwardSummary::default();
    let ((agency, sub), (funding, funding_sub)) = (awarding, funding);
    let cents = obligated.replace('.', "");
    for part in sql_parts(engine, inserted) {
        app.run_sql(&format!(
            "INSERT INTO federal_award (id, key, kind, award_id, recipient_id, component,
                awarding_code, awarding_sub_code, funding_code, funding_sub_code, signed_on,
                starts_on, ends_on, latest_on, obligated_cents, current_cents, ceiling_cents,
                has_summary, has_base_action, source_file, source_line)
            SELECT {award}, 'CONT_AWD_' || {number} || '_{sub}_-NONE-_-NONE-', 'CONTRACT', {number},
                {recipient}, 'ICE', '{agency}', '{sub}', '{funding}', '{funding_sub}', '{signed_on}',
                '{signed_on}', '{ends_on}', '{signed_on}', {cents}, {cents}, {cents},
                TRUE, TRUE, 'awards.csv', n + 2
            FROM {part}"
        ))
        .await
        .expect("awards");
        app.run_sql(&format!(
            "INSERT INTO award_holder (award_id, recipient_id, revision)
            SELECT {award}, {recipient}, 1 FROM {part}"
        ))
        .await
        .expect("holders");
    }
    let numbers: Vec<String> = (inserted..count).map(|n| format!("70X{n:08}")).collect();
    let recipients: Vec<String> =
        (inserted..count).map(|n| recipient_name(n / AWARDS_PER_RECIPIENT, firms)).collect();
    let rows = numbers.iter().zip(&recipients).map(|(number, recipient)| AwardSummary {
        number,
        recipient,
        uei: "",
        ..AwardSummary::default()
    });
    let file = write_award_summaries(&rows.collect::<Vec<_>>());
    // As the command does, whose statements may take longer than those of a request.
    let database = Database::open_for_work(&app.url).await.expect("the database");
    let (now, mut messages) = (app.now(), Vec::new());
    import_federal_awards(&database, &[file], false, now, &mut messages).await.expect("an import");
    assert_eq!(String::from_utf8(messages).expect("text"), "");
    // Not a whole sweep, which would compute the expired statuses of all contracts.
    process_queue(&database, &Clock::new(move || now), true).await.expect("re-evaluations");
}

async fn insert_recipients(app: &TestApp, firms: usize, count: usize) {
    let rows = (0..count).map(|number| {
        let id = uuid_literal(app.engine, uuid(30, number));
        format!("({id}, '{}', '[]', '', '', '', 1)", recipient_name(number, firms))
    });
    let into = "award_recipient (id, name, other_names, uei, duns, cage, revision)";
    insert(app, into, rows).await;
}

/// The name of a firm for one in [`RECIPIENTS_PER_FIRM`], and otherwise one that resembles no other: the number in
/// syllables.
fn recipient_name(number: usize, firms: usize) -> String {
    const SYLLABLES: [&str; 16] = [
        "ba", "ke", "lo", "tu", "mi", "ra", "so", "ve", "no", "pi", "da", "gu", "fe", "zo", "wa",
        "hy",
    ];
    if number.is_multiple_of(RECIPIENTS_PER_FIRM) {
        // The firms do not follow one another, so that no page has many of them.
        return firm_name(number / RECIPIENTS_PER_FIRM * FIRM_STRIDE % firms);
    }
    let syllables: String =
        (0..5).map(|place| SYLLABLES[((number * FIRM_STRIDE) >> (place * 4)) & 15]).collect();
    format!("{syllables} Holdings")
}
