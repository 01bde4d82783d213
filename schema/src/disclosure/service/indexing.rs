//! The screening rows and search texts of filings: inserting and verifying them.
use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;

use super::{parse_statement, store};
use crate::database::{Database, Tx};
use crate::disclosure::entity::disclosed::{
    agreement, arrangement, category, nature, summary, total,
};
use crate::disclosure::entity::filing;
use crate::disclosure::model::{Attestation, AttestationForm, DisclosureId, Statement};
use crate::disclosure::rules::statement_facts;
use crate::fault::{Fault, Result};
use crate::money::Money;
use crate::search::{self, Index};

/// The screening rows and search texts of one filing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexRows {
    pub summary: summary::Model,
    pub totals: Vec<total::Model>,
    pub agreements: Vec<agreement::Model>,
    pub natures: Vec<nature::Model>,
    pub arrangements: Vec<arrangement::Model>,
    pub categories: Vec<category::Model>,
    /// The searchable texts: descriptions, programs and names.
    pub texts: Vec<String>,
}

impl IndexRows {
    /// A summary row without any other rows.
    pub(in crate::disclosure) const fn empty(summary: summary::Model) -> Self {
        Self {
            summary,
            totals: Vec::new(),
            agreements: Vec::new(),
            natures: Vec::new(),
            arrangements: Vec::new(),
            categories: Vec::new(),
            texts: Vec::new(),
        }
    }

    /// Whether the rows are equal in any order; texts are not compared.
    fn has_equal_rows(&self, other: &Self) -> bool {
        self.sorted() == other.sorted()
    }

    fn sorted(&self) -> Self {
        let mut sorted = Self { texts: Vec::new(), ..self.clone() };
        sorted.totals.sort_by(|left, right| left.currency.cmp(&right.currency));
        sorted.agreements.sort_by_key(|row| row.position);
        sorted.natures.sort_by_key(|row| (row.position, row.nature));
        sorted.arrangements.sort_by_key(|row| row.position);
        sorted.categories.sort_by_key(|row| (row.position, row.category));
        sorted
    }
}

/// Inserts the screening rows of a filing.
pub(super) async fn insert_index_rows(
    tx: &Tx,
    filing: &filing::Model,
    statement: &Statement,
) -> Result<()> {
    let attestation: Attestation = serde_json::from_str(&filing.attestation).map_err(|error| {
        Fault::Internal(format!("attestation of {}: {error}", filing.id).into())
    })?;
    let is_paper = attestation.form == AttestationForm::Paper;
    Ok(store::index::insert(tx, index_rows(filing.id, statement, is_paper)).await?)
}

/// Inserts the screening rows of filings that have none, as written by an older version. Returns the
/// number of these filings.
///
/// # Errors
/// `Unavailable` or `Internal` on a database error.
pub async fn insert_missing_index_rows(db: &Database) -> Result<u64> {
    const BATCH: u64 = 200;
    let mut count = 0;
    loop {
        let tx = db.begin().await?;
        let missing = store::index::list_filings_without_rows(&tx, BATCH).await?;
        if missing.is_empty() {
            return Ok(count);
        }
        for filing in missing {
            insert_index_rows(&tx, &filing, &parse_statement(filing.id, &filing.statement)?)
                .await?;
            count += 1;
        }
        tx.commit().await?;
    }
}

/// Recomputes the screening rows and search texts of every filing and compares them with the stored
/// ones. Returns the number of filings checked and a description of the first mismatch, if any.
///
/// # Errors
/// `Internal` on a database error.
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
    let mut rows = IndexRows { totals: totals.collect(), ..IndexRows::empty(summary) };
    for ((position, item), item_facts) in (0..).zip(&statement.dhs.agreements).zip(facts.agreements)
    {
        rows.agreements.push(agreement::Model {
            disclosure_id,
            position,
            component: item_facts.component,
            component_name: item_facts.component_name,
            kind: item.kind,
            start_date: item.start_date.as_ref().map(|day| day.as_str().to_owned()),
            end_date: item.end_date.as_ref().map(|day| day.as_str().to_owned()),
            cents: item_facts.compensation.as_ref().map(|amount| amount.cents),
            currency: item_facts.compensation.map(|amount| amount.currency),
            short_form: item_facts.is_short_form,
        });
        let natures: BTreeSet<_> = item_facts.natures.into_iter().collect();
        let natures = natures.into_iter();
        let natures = natures.map(|nature| nature::Model { disclosure_id, position, nature });
        rows.natures.extend(natures);
        let holder = item.holder.as_ref().and_then(|holder| holder.name.as_ref());
        let texts = [
            &item.component_name,
            &item.office,
            &item.program,
            &item.kind_name,
            &item.prime,
            &item.description,
            &item.place_of_performance,
        ];
        let texts = texts.into_iter().flatten().chain(holder);
        rows.texts.extend(texts.cloned());
    }
    let arrangements = &statement.data_sharing.arrangements;
    for ((position, item), item_facts) in (0..).zip(arrangements).zip(facts.arrangements) {
        rows.arrangements.push(arrangement::Model {
            disclosure_id,
            position,
            recipient_kind: item_facts.recipient_kind,
            recipient_component: item_facts.recipient_component,
            city_data: item_facts.includes_city_data,
            onward_to_dhs: item_facts.onward_to_dhs,
        });
        let categories: BTreeSet<_> = item.data_categories.iter().copied().collect();
        let categories = categories.into_iter();
        let categories =
            categories.map(|category| category::Model { disclosure_id, position, category });
        rows.categories.extend(categories);
        let texts = [&item.recipient_name, &item.recipient_class, &item.purpose];
        rows.texts.extend(texts.into_iter().flatten().cloned());
    }
    rows
}
