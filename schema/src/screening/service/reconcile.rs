//! Reconciles names of a list with organizations and with recipients of federal awards.
use candor_matcher::Record;

use crate::award::model::RecipientId;
use crate::award::service::{NamedRecipient, find_recipient, match_recipients};
use crate::database::Database;
use crate::fault::Result;
use crate::gate::MatchBand;
use crate::organization::model::{Identifier, OrganizationId, Viewer};
use crate::organization::service::{
    FirmQuery, NamedOrganization, OrganizationCard, find_organization_card,
    match_organization_names, suggest_organizations,
};

/// The score from which a candidate that stands alone is taken without a person's look. The matcher's
/// scores of firms with the same words are above it.
const MIN_MATCH_SCORE: f32 = 0.95;

/// How many candidates for a name are compared: more than any query may ask for, so that whether one stands alone
/// depends neither on the query's limit nor on the other queries.
const MAX_COMPARED_CANDIDATES: usize = 60;

/// What a name may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReconciledKind {
    /// An organization that is registered with the City.
    Organization,
    /// A recipient of federal awards.
    Recipient,
}

/// A name to reconcile.
#[derive(Clone, Debug)]
pub struct ReconcileQuery {
    /// What it may be; both if none is given.
    pub kind: Option<ReconciledKind>,
    /// The name, with the place and the codes that are known.
    pub record: Record,
    /// Numbers of organizations.
    pub numbers: Vec<Identifier>,
    /// The most candidates to return.
    pub limit: usize,
}

/// An organization or a recipient that a name may mean.
#[derive(Clone, Debug)]
pub struct ReconcileCandidate {
    pub kind: ReconciledKind,
    /// A TypeID.
    pub id: String,
    pub name: String,
    /// Where it is, such as `Los Angeles, CA`; empty if unknown.
    pub place: String,
    /// From 0 to 1.
    pub score: f32,
    /// Whether it may be taken without a person's look.
    pub is_match: bool,
}

fn place(city: Option<&str>, region: Option<&str>) -> String {
    [city, region]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

impl From<NamedOrganization> for ReconcileCandidate {
    fn from(named: NamedOrganization) -> Self {
        Self {
            kind: ReconciledKind::Organization,
            id: named.id.to_string(),
            place: place(named.city.as_deref(), named.region.as_deref()),
            name: named.name,
            score: named.score,
            is_match: named.band == Some(MatchBand::Exact),
        }
    }
}

impl From<NamedRecipient> for ReconcileCandidate {
    fn from(named: NamedRecipient) -> Self {
        Self {
            kind: ReconciledKind::Recipient,
            id: named.id.to_string(),
            place: place(named.city.as_deref(), named.state.as_deref()),
            name: named.name,
            score: named.score,
            is_match: named.band == Some(MatchBand::Exact),
        }
    }
}

/// Returns the candidates of each query, best first.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff or a key for exports, `RateLimited` if the viewer's other
/// searches take too long.
#[tracing::instrument(skip_all, fields(queries = queries.len()))]
pub async fn reconcile(
    db: &Database,
    viewer: &Viewer,
    queries: Vec<ReconcileQuery>,
) -> Result<Vec<Vec<ReconcileCandidate>>> {
    viewer.reading_exports()?;
    let of = |kind| {
        let is_asked = move |query: &&ReconcileQuery| query.kind.is_none_or(|it| it == kind);
        queries.iter().filter(is_asked)
    };
    let firms = of(ReconciledKind::Organization)
        .map(|it| FirmQuery { record: it.record.clone(), numbers: it.numbers.clone() })
        .collect::<Vec<_>>();
    let recipients = of(ReconciledKind::Recipient).map(|it| it.record.clone()).collect::<Vec<_>>();
    let firms = if firms.is_empty() {
        Vec::new()
    } else {
        match_organization_names(db, viewer, firms, MAX_COMPARED_CANDIDATES).await?
    };
    let recipients = if recipients.is_empty() {
        Vec::new()
    } else {
        match_recipients(db, viewer, recipients, MAX_COMPARED_CANDIDATES).await?
    };
    let (mut firms, mut recipients) = (firms.into_iter(), recipients.into_iter());
    let candidates = queries.iter().map(|query| {
        let mut candidates: Vec<ReconcileCandidate> = Vec::new();
        if query.kind.is_none_or(|kind| kind == ReconciledKind::Organization) {
            candidates.extend(firms.next().unwrap_or_default().into_iter().map(Into::into));
        }
        if query.kind.is_none_or(|kind| kind == ReconciledKind::Recipient) {
            candidates.extend(recipients.next().unwrap_or_default().into_iter().map(Into::into));
        }
        choose(candidates, query.limit)
    });
    Ok(candidates.collect())
}

/// Sorts candidates, best first, and decides which may be taken: one that a number found, or the only one
/// with a high score.
fn choose(mut candidates: Vec<ReconcileCandidate>, limit: usize) -> Vec<ReconcileCandidate> {
    candidates.sort_by(|one, other| {
        other.is_match.cmp(&one.is_match).then(other.score.total_cmp(&one.score))
    });
    let numbered = candidates.iter().filter(|it| it.is_match).count();
    let high = candidates.iter().filter(|it| it.score >= MIN_MATCH_SCORE).count();
    for candidate in &mut candidates {
        candidate.is_match = match numbered {
            0 => high == 1 && candidate.score >= MIN_MATCH_SCORE,
            1 => candidate.is_match,
            _ => false,
        };
    }
    candidates.truncate(limit);
    candidates
}

/// Returns up to `limit` organizations and recipients that a typed text may mean, organizations first.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff or a key for exports, `Invalid` for a text of fewer than
/// two letters or digits.
#[tracing::instrument(skip_all)]
pub async fn suggest_entities(
    db: &Database,
    viewer: &Viewer,
    text: &str,
    limit: usize,
) -> Result<Vec<ReconcileCandidate>> {
    let firms = suggest_organizations(db, viewer, text, limit as u64).await?;
    let recipients = match_recipients(db, viewer, vec![Record::from_name(text)], limit).await?;
    let firms = firms.into_iter().map(ReconcileCandidate::from);
    let recipients = recipients.into_iter().flatten().map(ReconcileCandidate::from);
    Ok(firms.chain(recipients).take(limit).collect())
}

/// What a preview shows.
#[derive(Clone, Debug)]
pub enum ReconcilePreview {
    Organization(OrganizationCard),
    Recipient(NamedRecipient),
}

/// Finds what a candidate's id names; none if nothing.
///
/// # Errors
/// `Forbidden` unless the viewer is City staff or a key for exports.
#[tracing::instrument(skip_all)]
pub async fn find_reconcile_preview(
    db: &Database,
    viewer: &Viewer,
    id: &str,
) -> Result<Option<ReconcilePreview>> {
    viewer.reading_exports()?;
    if let Ok(id) = id.parse::<OrganizationId>() {
        let card = find_organization_card(db, viewer, id).await?;
        return Ok(card.map(ReconcilePreview::Organization));
    }
    if let Ok(id) = id.parse::<RecipientId>() {
        return Ok(find_recipient(db, viewer, id).await?.map(ReconcilePreview::Recipient));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::{ReconcileCandidate, ReconciledKind, choose};

    fn candidates(given: &[(f32, bool)]) -> Vec<ReconcileCandidate> {
        let candidate = |(number, (score, is_match)): (usize, &(f32, bool))| ReconcileCandidate {
            kind: ReconciledKind::Organization,
            id: number.to_string(),
            name: String::new(),
            place: String::new(),
            score: *score,
            is_match: *is_match,
        };
        given.iter().enumerate().map(candidate).collect()
    }

    #[test]
    fn only_a_candidate_that_stands_alone_is_taken() {
        for (given, taken) in [
            (&[(0.99, false), (0.7, false)][..], &["0"][..]),
            (&[(0.7, false), (0.96, false)], &["1"]),
            (&[(0.99, false), (0.96, false)], &[]),
            (&[(0.9, false)], &[]),
            (&[(0.99, false), (0.8, true)], &["1"]),
            (&[(0.99, true), (0.98, true)], &[]),
            (&[], &[]),
        ] {
            let chosen = choose(candidates(given), 10);
            let matched: Vec<&str> =
                chosen.iter().filter(|it| it.is_match).map(|it| it.id.as_str()).collect();
            assert_eq!(matched, taken, "{given:?}");
            assert!(chosen.first().is_none_or(|first| first.is_match || matched.is_empty()));
        }
        assert_eq!(choose(candidates(&[(0.6, false), (0.7, false)]), 1)[0].id, "1");
    }
}
