//! GraphQL types of the facets of screened bids.
use std::collections::BTreeMap;

use async_graphql::{Context, Object, SimpleObject};

use crate::fault::Result;
use crate::gate::DhsComponent;
use crate::graphql::context::request_context;
use crate::organization;
use crate::screening::model::ValidBidFilter;
use crate::screening::service::{self, BidFacetCounts, RequestedFacets, ValueCounts};

/// The facets of a screening. They are counted only if requested.
#[derive(Clone, Debug)]
pub struct Facets(pub(super) ValidBidFilter);

#[Object(crate = "crate::budget", visible = false)]
impl Facets {
    /// The number of matching bids by facet value, over all pages.
    async fn facets(&self, ctx: &Context<'_>) -> Result<BidFacets> {
        let (db, viewer) = request_context(ctx)?;
        let selection = ctx.look_ahead();
        let is_requested = |name: &str| selection.field(name).exists();
        let single_valued = ["outcome", "status", "department", "review", "reviewer"];
        let requested = RequestedFacets {
            single_valued: single_valued.iter().any(|name| is_requested(name)),
            finding: is_requested("finding"),
            component: is_requested("component"),
            nature_of_work: is_requested("natureOfWork"),
            kind: is_requested("kind"),
            recipient_kind: is_requested("recipientKind"),
            data_category: is_requested("dataCategory"),
            onward_to_dhs: is_requested("onwardToDhs"),
        };
        let counts_by_facet = service::count_facets(db, viewer, &self.0, requested).await?;
        let names = if is_requested("department") {
            let ids = counts_by_facet.department.keys().map(|id| id.uuid()).collect();
            let departments = organization::service::load_departments(&db.read, ids).await?;
            departments.into_iter().map(|(id, row)| (id.to_string(), row.name)).collect()
        } else {
            BTreeMap::new()
        };
        Ok(BidFacets::new(counts_by_facet, &names))
    }
}

/// The number of matching bids by value, for each facet, the most frequent value first. In facets
/// with one value for each bid the counts add up to `totalCount`; in the others a bid counts once
/// under each of its values.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct BidFacets {
    /// The outcome of the last decision.
    outcome: Vec<FacetCount>,
    /// The status of the bid.
    status: Vec<FacetCount>,
    /// The department of the solicitation, by its identifier.
    department: Vec<FacetCount>,
    /// The review state of the disclosure; null for bids without one.
    review: Vec<FacetCount>,
    /// The reviewer assigned to the disclosure; null for none.
    reviewer: Vec<FacetCount>,
    /// The rules with a finding in the last decision.
    finding: Vec<FacetCount>,
    /// The components in disclosed agreements; null for withheld components.
    component: Vec<FacetCount>,
    /// The nature of the work under disclosed agreements.
    nature_of_work: Vec<FacetCount>,
    /// The kinds of disclosed agreements.
    kind: Vec<FacetCount>,
    /// The kinds of recipients in disclosed arrangements; null for withheld recipients.
    recipient_kind: Vec<FacetCount>,
    /// The categories of data in disclosed arrangements.
    data_category: Vec<FacetCount>,
    /// Whether recipients pass the data on to the Department of Homeland Security, as disclosed.
    onward_to_dhs: Vec<FacetCount>,
}

/// The number of bids or contracts with one facet value.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct FacetCount {
    /// The value; null for rows without one.
    value: Option<String>,
    /// The name of the value for people, where it differs from the value.
    label: Option<String>,
    /// The number of rows.
    count: i64,
}

impl BidFacets {
    fn new(counts_by_facet: BidFacetCounts, departments: &BTreeMap<String, String>) -> Self {
        let BidFacetCounts {
            outcome,
            status,
            department,
            review,
            reviewer,
            finding,
            component,
            nature_of_work,
            kind,
            recipient_kind,
            data_category,
            onward_to_dhs,
        } = counts_by_facet;
        let plain = |counts: ValueCounts| facet_counts(counts, |_| None);
        let department = department.into_iter().map(|(id, count)| (Some(id.to_string()), count));
        Self {
            outcome: plain(outcome),
            status: plain(status),
            department: facet_counts(department.collect(), |id| departments.get(id).cloned()),
            review: plain(review),
            reviewer: plain(reviewer),
            finding: plain(finding),
            component: facet_counts(component, |word| {
                let component: Option<DhsComponent> = word.parse().ok();
                component.map(|component| component.label().to_owned())
            }),
            nature_of_work: plain(nature_of_work),
            kind: plain(kind),
            recipient_kind: plain(recipient_kind),
            data_category: plain(data_category),
            onward_to_dhs: plain(onward_to_dhs),
        }
    }
}

/// Sorts counts by frequency, the highest first, then by value.
pub(super) fn facet_counts(
    counts: ValueCounts,
    label: impl Fn(&str) -> Option<String>,
) -> Vec<FacetCount> {
    let counts = counts.into_iter().map(|(value, count)| FacetCount {
        label: value.as_deref().and_then(&label),
        value,
        count,
    });
    let mut counts: Vec<_> = counts.collect();
    counts.sort_by_key(|it| std::cmp::Reverse(it.count));
    counts
}
