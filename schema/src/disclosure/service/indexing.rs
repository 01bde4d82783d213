//! The rows by which a filing is screened, and the words by which it is found.
use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;

use super::{read, store};
use crate::database::{Database, Tx};
use crate::disclosure::entity::disclosed::{
    agreement, arrangement, category, nature, summary, total,
};
use crate::disclosure::entity::filing;
use crate::disclosure::model::{Attestation, AttestationForm, DisclosureId, Statement};
use crate::disclosure::rules::disclosed;
use crate::fault::{Fault, Result};
use crate::money::Money;
use crate::search::{self, Index};

/// What a statement discloses, in rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indexed {
    pub summary: summary::Model,
    pub totals: Vec<total::Model>,
    pub agreements: Vec<agreement::Model>,
    pub natures: Vec<nature::Model>,
    pub arrangements: Vec<arrangement::Model>,
    pub categories: Vec<category::Model>,
    /// Descriptions, programs and names: the texts that are searched.
    pub texts: Vec<String>,
}

impl Indexed {
    /// Nothing disclosed, under a summary.
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

    /// Whether the rows are the same, in whatever order; texts have no rows.
    fn has_rows_of(&self, other: &Self) -> bool {
        self.sorted() == other.sorted()
    }

    fn sorted(&self) -> Self {
        let mut sorted = Self { texts: Vec::new(), ..self.clone() };
        sorted.totals.sort_by(|one, other| one.currency.cmp(&other.currency));
        sorted.agreements.sort_by_key(|row| row.position);
        sorted.natures.sort_by_key(|row| (row.position, row.nature));
        sorted.arrangements.sort_by_key(|row| row.position);
        sorted.categories.sort_by_key(|row| (row.position, row.category));
        sorted
    }
}

/// Writes the rows of a filing, in the transaction that files it.
///
/// # Errors
/// `Internal` if the database fails.
pub(super) async fn index(tx: &Tx, filing: &filing::Model, statement: &Statement) -> Result<()> {
    let attestation: Attestation = serde_json::from_str(&filing.attestation).map_err(|error| {
        Fault::Internal(format!("attestation of {}: {error}", filing.id).into())
    })?;
    let paper = attestation.form == AttestationForm::Paper;
    Ok(store::index::insert(tx, indexed(filing.id, statement, paper)).await?)
}

/// Writes the rows of the filings that have none: those of a version that did not know of them.
/// Answers how many there were.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn index_missing(db: &Database) -> Result<u64> {
    const BATCH: u64 = 200;
    let mut written = 0;
    loop {
        let tx = db.begin().await?;
        let missing = store::index::missing(&tx, BATCH).await?;
        if missing.is_empty() {
            return Ok(written);
        }
        for filing in missing {
            index(&tx, &filing, &read(filing.id, &filing.statement)?).await?;
            written += 1;
        }
        tx.commit().await?;
    }
}

/// Computes the rows of every filing again and compares them with those that are there, and the
/// words that are searched. Answers the number of filings and what is wrong with the first wrong
/// one, if any is.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn verify_index(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    const BATCH: u64 = 200;
    let (mut checked, mut last) = (0, None);
    let mut words = search::digests(db, Index::Filing).await?;
    let mut counts = store::index::Counts::default();
    loop {
        let filings = store::batch(db, last, BATCH).await?;
        let Some(end) = filings.last() else { break };
        last = Some(end.id.uuid());
        checked += u64::try_from(filings.len()).unwrap_or(u64::MAX);
        let ids = filings.iter().map(|filing| filing.id.uuid()).collect();
        let mut stored = store::index::rows_of(db, ids).await?;
        for filing in filings {
            let named = |wrong: &str| Ok((checked, Some(format!("filing {}: {wrong}", filing.id))));
            let (Ok(statement), Ok(attestation)) = (
                read(filing.id, &filing.statement),
                serde_json::from_str::<Attestation>(&filing.attestation),
            ) else {
                return named("its statement or its attestation cannot be read");
            };
            let paper = attestation.form == AttestationForm::Paper;
            let computed = indexed(filing.id, &statement, paper);
            counts.add(&computed);
            let texts: Vec<&str> = computed.texts.iter().map(String::as_str).collect();
            if words.remove(&filing.id.uuid()) != search::digest_of(&texts) {
                return named("the words that it is found by are not its own");
            }
            if !stored.remove(&filing.id).is_some_and(|stored| stored.has_rows_of(&computed)) {
                return named("the rows that it is screened by are not its own");
            }
        }
    }
    if counts != store::index::Counts::stored(db).await? || !words.is_empty() {
        return Ok((
            checked,
            Some("some rows that filings are screened by are no filing's".into()),
        ));
    }
    Ok((checked, None))
}

/// The rows of a filing; `paper` tells that it was entered from a signed form.
fn indexed(disclosure_id: DisclosureId, statement: &Statement, paper: bool) -> Indexed {
    let told = disclosed(statement);
    let unknown = told.agreements.iter().filter(|it| it.compensation.is_none() && !it.is_short_form);
    let summary = summary::Model {
        disclosure_id,
        withheld: !told.withheld.is_empty(),
        paper,
        unknown_amounts: i64::try_from(unknown.count()).unwrap_or(i64::MAX),
    };
    let sums = Money::sum_by_currency(told.agreements.iter().filter_map(|it| it.compensation.clone()));
    let totals =
        sums.map(|Money { cents, currency }| total::Model { disclosure_id, currency, cents });
    let mut indexed = Indexed { totals: totals.collect(), ..Indexed::empty(summary) };
    for ((position, typed), told) in (0..).zip(&statement.dhs.agreements).zip(told.agreements) {
        indexed.agreements.push(agreement::Model {
            disclosure_id,
            position,
            component: told.component,
            component_name: told.component_name,
            kind: typed.kind,
            start_date: typed.start_date.as_ref().map(|day| day.as_str().to_owned()),
            end_date: typed.end_date.as_ref().map(|day| day.as_str().to_owned()),
            cents: told.compensation.as_ref().map(|amount| amount.cents),
            currency: told.compensation.map(|amount| amount.currency),
            short_form: told.is_short_form,
        });
        let natures: BTreeSet<_> = told.natures.into_iter().collect();
        let natures = natures.into_iter();
        let natures = natures.map(|nature| nature::Model { disclosure_id, position, nature });
        indexed.natures.extend(natures);
        let holder = typed.holder.as_ref().and_then(|holder| holder.name.as_ref());
        let texts = [
            &typed.component_name,
            &typed.office,
            &typed.program,
            &typed.kind_name,
            &typed.prime,
            &typed.description,
            &typed.place_of_performance,
        ];
        let texts = texts.into_iter().flatten().chain(holder);
        indexed.texts.extend(texts.cloned());
    }
    let arrangements = &statement.data_sharing.arrangements;
    for ((position, typed), told) in (0..).zip(arrangements).zip(told.arrangements) {
        indexed.arrangements.push(arrangement::Model {
            disclosure_id,
            position,
            recipient_kind: told.recipient_kind,
            recipient_component: told.recipient_component,
            city_data: told.includes_city_data,
            onward_to_dhs: told.onward_to_dhs,
        });
        let categories: BTreeSet<_> = typed.data_categories.iter().copied().collect();
        let categories = categories.into_iter();
        let categories =
            categories.map(|category| category::Model { disclosure_id, position, category });
        indexed.categories.extend(categories);
        let texts = [&typed.recipient_name, &typed.recipient_class, &typed.purpose];
        indexed.texts.extend(texts.into_iter().flatten().cloned());
    }
    indexed
}
