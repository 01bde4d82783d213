//! The screening rows and search texts of filings: inserting and verifying them.
use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;

use super::{parse_statement, store};
use crate::database::{Database, Tx};
use crate::disclosure::entity::disclosed::{
    agreement, arrangement, category, nature, summary, total,
};
use crate::disclosure::entity::filing;
use crate::disclosure::model::{
    Agreement, Arrangement, Attestation, AttestationForm, DataSharingSection, DhsSection,
    DisclosureId, Holder, StartPrecision, Statement,
};
use crate::disclosure::rules::statement_facts;
use crate::disclosure::store::index::IndexRows;
use crate::fault::{Fault, Result};
use crate::gate::facts::{AgreementFacts, ArrangementFacts};
use crate::money::Money;
use crate::search::{self, Index};

/// Inserts the screening rows of a filing.
pub(super) async fn insert_index_rows(
    tx: &Tx,
    filing: &filing::Model,
    statement: &Statement,
) -> Result<()> {
    Ok(store::index::insert(tx, vec![index_rows_of_filing(filing, statement)?]).await?)
}

/// The screening rows of a filing, as its attestation says whether it is of paper.
fn index_rows_of_filing(filing: &filing::Model, statement: &Statement) -> Result<IndexRows> {
    let attestation: Attestation = serde_json::from_str(&filing.attestation).map_err(|error| {
        Fault::Internal(format!("attestation of {}: {error}", filing.id).into())
    })?;
    Ok(index_rows(filing.id, statement, attestation.form == AttestationForm::Paper))
}

/// Inserts the screening rows of filings that have none, as written by an older version. Returns the
/// number of these filings.
#[tracing::instrument(skip_all)]
pub async fn insert_missing_index_rows(db: &Database) -> Result<u64> {
    const BATCH: u64 = 200;
    // First without the write lock, which only the start after an upgrade needs.
    if store::index::list_filings_without_rows(&db.read, None, 1).await?.is_empty() {
        return Ok(0);
    }
    let (mut count, mut last) = (0, None);
    loop {
        let tx = db.begin().await?;
        let missing = store::index::list_filings_without_rows(&*tx, last, BATCH).await?;
        let Some(end) = missing.last() else { return Ok(count) };
        last = Some(end.id.uuid());
        count += u64::try_from(missing.len()).unwrap_or(u64::MAX);
        let rows = missing.iter().map(|filing| {
            index_rows_of_filing(filing, &parse_statement(filing.id, &filing.statement)?)
        });
        store::index::insert(&tx, rows.collect::<Result<_>>()?).await?;
        tx.commit().await?;
    }
}

/// Fills the search index with the texts of every filing that has screening rows if the index is empty,
/// as after an upgrade from a version that folded words in another way. Returns the number of filings
/// read. Runs before [`insert_missing_index_rows`], which inserts the texts of the other filings.
#[tracing::instrument(skip_all)]
pub async fn fill_empty_search_index(db: &Database) -> Result<u64> {
    const BATCH: u64 = 200;
    let Some(tx) = search::begin_filling(db, Index::Filing).await? else { return Ok(0) };
    let (mut count, mut last) = (0, None);
    loop {
        let filings = store::list_batch(&*tx, last, BATCH).await?;
        let Some(end) = filings.last() else { break };
        last = Some(end.id.uuid());
        let ids = filings.iter().map(|filing| filing.id.uuid()).collect();
        let stored = store::index::load_rows(&*tx, ids).await?;
        let filings = filings.iter().filter(|filing| stored.contains_key(&filing.id));
        let rows = filings.map(|filing| {
            let statement = parse_statement(filing.id, &filing.statement)?;
            // The texts do not depend on whether the form was of paper.
            Ok(index_rows(filing.id, &statement, false))
        });
        let rows = rows.collect::<Result<Vec<_>>>()?;
        store::index::insert_texts(&tx, &rows).await?;
        count += u64::try_from(rows.len()).unwrap_or(u64::MAX);
    }
    tx.commit().await?;
    Ok(count)
}

/// Recomputes the screening rows and search texts of every filing and compares them with the stored
/// ones. Returns the number of filings checked and a description of the first mismatch, if any.
#[tracing::instrument(skip_all)]
pub async fn verify_index(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    const BATCH: u64 = 200;
    let (mut checked, mut last) = (0, None);
    let mut words = search::digests(db, Index::Filing).await?;
    let mut counts = store::index::RowCounts::default();
    loop {
        let filings = store::list_batch(db, last, BATCH).await?;
        let Some(end) = filings.last() else { break };
        last = Some(end.id.uuid());
        checked += u64::try_from(filings.len()).unwrap_or(u64::MAX);
        let ids = filings.iter().map(|filing| filing.id.uuid()).collect();
        let mut stored = store::index::load_rows(db, ids).await?;
        for filing in filings {
            let mismatch =
                |text: &str| Ok((checked, Some(format!("filing {}: {text}", filing.id))));
            let (Ok(statement), Ok(attestation)) = (
                parse_statement(filing.id, &filing.statement),
                serde_json::from_str::<Attestation>(&filing.attestation),
            ) else {
                return mismatch("the statement or the attestation cannot be parsed");
            };
            let is_paper = attestation.form == AttestationForm::Paper;
            let computed = index_rows(filing.id, &statement, is_paper);
            counts.add(&computed);
            let texts: Vec<&str> = computed.texts.iter().map(String::as_str).collect();
            if words.remove(&filing.id.uuid()) != search::digest_of(&texts) {
                return mismatch("the search texts do not match the statement");
            }
            if !stored.remove(&filing.id).is_some_and(|stored| stored.has_equal_rows(&computed)) {
                return mismatch("the screening rows do not match the statement");
            }
        }
    }
    if counts != store::index::RowCounts::count_stored(db).await? || !words.is_empty() {
        return Ok((
            checked,
            Some("some screening rows or search texts belong to no filing".into()),
        ));
    }
    Ok((checked, None))
}

/// The screening rows of a filing; `is_paper` is whether it was entered from a paper form.
fn index_rows(disclosure_id: DisclosureId, statement: &Statement, is_paper: bool) -> IndexRows {
    let facts = statement_facts(statement);
    let unknown =
        facts.agreements.iter().filter(|it| it.compensation.is_none() && !it.is_short_form);
    let summary = summary::Model {
        disclosure_id,
        withheld: !facts.withheld.is_empty(),
        paper: is_paper,
        unknown_amounts: i64::try_from(unknown.count()).unwrap_or(i64::MAX),
    };
    let sums =
        Money::sum_by_currency(facts.agreements.iter().filter_map(|it| it.compensation.clone()));
    let totals =
        sums.map(|Money { cents, currency }| total::Model { disclosure_id, currency, cents });
    let mut rows = IndexRows {
        summary,
        totals: totals.collect(),
        agreements: Vec::new(),
        natures: Vec::new(),
        arrangements: Vec::new(),
        categories: Vec::new(),
        texts: Vec::new(),
    };
    let Statement {
        dhs: DhsSection { none_attested: _, agreements },
        data_sharing: DataSharingSection { none_attested: _, arrangements },
        attachments: _,
        confidentiality_claims: _,
    } = statement;
    for ((position, item), item_facts) in (0..).zip(agreements).zip(facts.agreements) {
        push_agreement(&mut rows, position, item, item_facts);
    }
    for ((position, item), item_facts) in (0..).zip(arrangements).zip(facts.arrangements) {
        push_arrangement(&mut rows, position, item, &item_facts);
    }
    rows
}

/// Adds the rows and texts of the agreement at `position`, from 0.
fn push_agreement(
    rows: &mut IndexRows,
    position: i64,
    agreement: &Agreement,
    facts: AgreementFacts,
) {
    let Agreement {
        holder,
        // The facts hold the component, its name as a value, the nature of the work and the amount.
        component: _,
        component_name: name_text,
        office,
        program,
        kind,
        kind_name,
        tier: _,
        prime,
        prime_award: _,
        identifier: _,
        parent_identifier: _,
        start_date,
        start_unknown_reason,
        end_date,
        ongoing: _,
        state_at_signing: _,
        nature_of_work: _,
        description,
        naics: _,
        psc: _,
        place_of_performance,
        compensation: _,
        withheld: _,
    } = agreement;
    let AgreementFacts { component, component_name, natures, compensation, is_short_form } = facts;
    let disclosure_id = rows.summary.disclosure_id;
    rows.agreements.push(agreement::Model {
        disclosure_id,
        position,
        component,
        component_name,
        kind: *kind,
        start_date: start_date.as_ref().map(|start| start.as_str().to_owned()),
        start_precision: StartPrecision::of(start_date.as_ref(), start_unknown_reason.as_ref()),
        end_date: end_date.as_ref().map(|day| day.as_str().to_owned()),
        cents: compensation.as_ref().map(|amount| amount.cents),
        currency: compensation.map(|amount| amount.currency),
        short_form: is_short_form,
    });
    let natures: BTreeSet<_> = natures.into_iter().collect();
    let natures = natures.into_iter();
    let natures = natures.map(|nature| nature::Model { disclosure_id, position, nature });
    rows.natures.extend(natures);
    let holder_name = holder.as_ref().and_then(|Holder { relation: _, name }| name.as_ref());
    let texts = [
        name_text,
        office,
        program,
        kind_name,
        prime,
        start_unknown_reason,
        description,
        place_of_performance,
    ];
    rows.texts.extend(texts.into_iter().flatten().chain(holder_name).cloned());
}

/// Adds the rows and texts of the arrangement at `position`, from 0.
fn push_arrangement(
    rows: &mut IndexRows,
    position: i64,
    arrangement: &Arrangement,
    facts: &ArrangementFacts,
) {
    let Arrangement {
        recipient_name,
        recipient_class,
        recipient_count: _,
        // The facts hold the recipient's kind and component, City data and the passing on to DHS.
        recipient_kind: _,
        recipient_component: _,
        data_categories,
        whose_data: _,
        includes_city_data: _,
        purpose,
        channel: _,
        basis: _,
        compensation: _,
        onward_to_dhs: _,
        onward_component: _,
        onward_to_others: _,
        safeguards: _,
        start_date: _,
        start_unknown_reason,
        end_date: _,
        ongoing: _,
        withheld: _,
    } = arrangement;
    let ArrangementFacts { recipient_kind, recipient_component, includes_city_data, onward_to_dhs } =
        facts;
    let disclosure_id = rows.summary.disclosure_id;
    rows.arrangements.push(arrangement::Model {
        disclosure_id,
        position,
        recipient_kind: *recipient_kind,
        recipient_component: *recipient_component,
        city_data: *includes_city_data,
        onward_to_dhs: *onward_to_dhs,
    });
    let categories: BTreeSet<_> = data_categories.iter().copied().collect();
    let categories = categories.into_iter();
    let categories =
        categories.map(|category| category::Model { disclosure_id, position, category });
    rows.categories.extend(categories);
    let texts = [recipient_name, recipient_class, purpose, start_unknown_reason];
    rows.texts.extend(texts.into_iter().flatten().cloned());
}
