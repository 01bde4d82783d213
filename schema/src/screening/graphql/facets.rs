//! How many of the screened bids bear each word.
use std::collections::BTreeMap;

use async_graphql::{Context, Object, SimpleObject};

use crate::fault::Result;
use crate::gate::DhsComponent;
use crate::organization;
use crate::organization::graphql::request_context;
use crate::screening::rules::ValidBidFilter;
use crate::screening::service::{self, RequestedFacets, BidFacetCounts, ValueCounts};

/// The facets of a screening: counted only if they are asked for.
#[derive(Clone, Debug)]
pub struct Facets(pub(super) ValidBidFilter);

#[Object(crate = "crate::budget", visible = false)]
impl Facets {
    /// How many of the bids that the filter leaves bear each word, on every page.
    async fn facets(&self, ctx: &Context<'_>) -> Result<BidFacets> {
        let (db, viewer) = request_context(ctx)?;
        let ahead = ctx.look_ahead();
        let asks = |name: &str| ahead.field(name).exists();
        let single = ["outcome", "status", "department", "review", "reviewer"];
        let asked = RequestedFacets {
            single: single.iter().any(|name| asks(name)),
            finding: asks("finding"),
            component: asks("component"),
            nature_of_work: asks("natureOfWork"),
            kind: asks("kind"),
            recipient_kind: asks("recipientKind"),
            data_category: asks("dataCategory"),
            onward_to_dhs: asks("onwardToDhs"),
        };
        let counted = service::count_facets(db, viewer, &self.0, asked).await?;
        let names = if asks("department") {
            let ids = counted.department.keys().map(|id| id.uuid()).collect();
            let named = organization::service::departments_by_ids(&db.read, ids).await?;
            named.into_iter().map(|(id, row)| (id.to_string(), row.name)).collect()
        } else {
            BTreeMap::new()
        };
        Ok(BidFacets::new(counted, &names))
    }
}

/// How many of the bids that a filter leaves bear each word, the most frequent first. The counts
/// of what each bid has one of add up to `totalCount`; of what it may have several of, a bid counts
/// under each.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct BidFacets {
    /// What the last decision came to.
    outcome: Vec<FacetCount>,
    /// Where the bid is in its life.
    status: Vec<FacetCount>,
    /// The department that buys, by its identifier.
    department: Vec<FacetCount>,
    /// What reviewers have made of the disclosure; null where there is none.
    review: Vec<FacetCount>,
    /// Who is on the disclosure; null where nobody is.
    reviewer: Vec<FacetCount>,
    /// The rules that found something.
    finding: Vec<FacetCount>,
    /// The components with which agreements are disclosed; null where that is withheld.
    component: Vec<FacetCount>,
    /// The nature of the work under disclosed agreements.
    nature_of_work: Vec<FacetCount>,
    /// The kinds of disclosed agreements.
    kind: Vec<FacetCount>,
    /// With whom data is disclosed to be shared; null where that is withheld.
    recipient_kind: Vec<FacetCount>,
    /// Which data is disclosed to be shared.
    data_category: Vec<FacetCount>,
    /// Whether shared data is disclosed to be passed on to the Department of Homeland Security.
    onward_to_dhs: Vec<FacetCount>,
}

/// How many bids bear a word.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct FacetCount {
    /// The word; null for those that bear none.
    value: Option<String>,
    /// What people call it, where that is not the word itself.
    label: Option<String>,
    /// The number of bids.
    count: i64,
}

impl BidFacets {
    fn new(counted: BidFacetCounts, departments: &BTreeMap<String, String>) -> Self {
        let plain = |counts: ValueCounts| listed(counts, |_| None);
        let department =
            counted.department.into_iter().map(|(id, count)| (Some(id.to_string()), count));
        Self {
            outcome: plain(counted.outcome),
            status: plain(counted.status),
            department: listed(department.collect(), |id| departments.get(id).cloned()),
            review: plain(counted.review),
            reviewer: plain(counted.reviewer),
            finding: plain(counted.finding),
            component: listed(counted.component, |word| {
                let component = DhsComponent::ALL.iter().find(|it| it.word() == word);
                component.map(|component| component.label().to_owned())
            }),
            nature_of_work: plain(counted.nature_of_work),
            kind: plain(counted.kind),
            recipient_kind: plain(counted.recipient_kind),
            data_category: plain(counted.data_category),
            onward_to_dhs: plain(counted.onward_to_dhs),
        }
    }
}

/// The most frequent first; what is as frequent in alphabetical order.
fn listed(counts: ValueCounts, label: impl Fn(&str) -> Option<String>) -> Vec<FacetCount> {
    let counts = counts.into_iter().map(|(value, count)| FacetCount {
        label: value.as_deref().and_then(&label),
        value,
        count,
    });
    let mut counts: Vec<_> = counts.collect();
    counts.sort_by_key(|it| std::cmp::Reverse(it.count));
    counts
}
