//! The queries `node` and `auditTrail`, which take an identifier of any kind.
use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    Context, ContextSelectionSet, ID, Interface, Object, OutputType, Positioned, ServerResult,
    Value,
};

use crate::award::graphql::{AwardMatch, FederalAward, match_include};
use crate::award::model::{AwardId, MatchId};
use crate::bidding::graphql::{Bid, Solicitation, bid_include, solicitation_include};
use crate::bidding::model::{BidId, SolicitationId};
use crate::contracting::graphql::{Contract, Renewal, contract_include, renewal_include};
use crate::contracting::model::{ContractId, RenewalId};
use crate::decision::graphql::Decision;
use crate::decision::model::DecisionId;
use crate::disclosure::graphql::Disclosure;
use crate::disclosure::model::DisclosureId;
use crate::fault::{Fault, FieldPath, Result};
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::graphql::trail::{SubjectOwner, TrailSubject, load_trail_viewer};
use crate::graphql::trail_entry::TrailEntry;
use crate::organization::graphql::{Department, Organization, organization_include};
use crate::organization::model::{DepartmentId, OrganizationId};
use crate::page::PageArguments;
use crate::policy::graphql::{Policy, load_policy};
use crate::policy::model::PolicyId;
use crate::user_message::UserMessage;
use crate::waiver::graphql::{Exemption, Waiver};
use crate::waiver::model::{ExemptionId, WaiverId};
use crate::{
    award, bidding, contracting, decision, disclosure, ledger, organization, policy, waiver,
};

/// An object with an identifier (Relay's global object identification).
#[derive(Interface)]
#[expect(clippy::large_enum_variant, reason = "there is at most one per field of a request")]
#[graphql(field(name = "id", ty = "ID", desc = "The object's identifier."))]
pub enum Node {
    Organization(Organization),
    Department(Department),
    Policy(Policy),
    Disclosure(Disclosure),
    Decision(Decision),
    Solicitation(Solicitation),
    Bid(Bid),
    Contract(Contract),
    Renewal(Renewal),
    Waiver(Waiver),
    Exemption(Exemption),
    FederalAward(FederalAward),
    AwardMatch(AwardMatch),
}

/// A node, resolved as its concrete type: derived interface code would not charge its fields to the
/// answer budget.
struct FoundNode(Node);

#[async_graphql::async_trait::async_trait]
impl OutputType for FoundNode {
    fn type_name() -> Cow<'static, str> {
        Node::type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Node::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match &self.0 {
            Node::Organization(it) => it.resolve(ctx, field).await,
            Node::Department(it) => it.resolve(ctx, field).await,
            Node::Policy(it) => it.resolve(ctx, field).await,
            Node::Disclosure(it) => it.resolve(ctx, field).await,
            Node::Decision(it) => it.resolve(ctx, field).await,
            Node::Solicitation(it) => it.resolve(ctx, field).await,
            Node::Bid(it) => it.resolve(ctx, field).await,
            Node::Contract(it) => it.resolve(ctx, field).await,
            Node::Renewal(it) => it.resolve(ctx, field).await,
            Node::Waiver(it) => it.resolve(ctx, field).await,
            Node::Exemption(it) => it.resolve(ctx, field).await,
            Node::FederalAward(it) => it.resolve(ctx, field).await,
            Node::AwardMatch(it) => it.resolve(ctx, field).await,
        }
    }
}

/// Queries of objects by identifier.
#[derive(Debug, Default)]
pub struct NodeQuery;

#[Object(crate = "crate::budget")]
impl NodeQuery {
    /// Finds an object by its identifier; null if it does not exist or you may not see it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An identifier of any kind.")] id: ID,
    ) -> Result<Option<FoundNode>> {
        Ok(find(ctx, &id, "id").await?.map(FoundNode))
    }

    /// Lists the audit trail of a subject that you may see, oldest first: the entries that you may read,
    /// each with the parts that you may read.
    async fn audit_trail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An identifier of any kind.")] subject: ID,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, at most the page limit.")] last: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<TrailEntry>> {
        let (db, viewer) = request_context(ctx)?;
        let found = find(ctx, &subject, "subject").await?.ok_or(Fault::NotFound)?;
        let TrailSubject { id, owner } = trail_subject(&found, &subject)?;
        let reader = load_trail_viewer(db, viewer, owner).await?;
        let arguments = PageArguments { first, after, last, before };
        let includes_total = requests_total_count(ctx);
        let (page, total) =
            ledger::service::list_readable_entries(db, id, &reader, &arguments, includes_total)
                .await?;
        Ok(connection(page, total))
    }
}

/// Returns the ledger subject of a node that was found by `id`.
fn trail_subject(node: &Node, id: &ID) -> Result<TrailSubject> {
    let at = "subject";
    let (id, owner) = match node {
        Node::Organization(_) => {
            let id = parse::<OrganizationId>(id, at)?;
            (id.uuid(), SubjectOwner::Organization(id))
        }
        Node::Department(_) => {
            let id = parse::<DepartmentId>(id, at)?;
            (id.uuid(), SubjectOwner::Department(id))
        }
        Node::Policy(_) => (parse::<PolicyId>(id, at)?.uuid(), SubjectOwner::Public),
        Node::Disclosure(it) => {
            let owner = SubjectOwner::Organization(it.organization_id());
            (parse::<DisclosureId>(id, at)?.uuid(), owner)
        }
        // These have no entries of their own: a decision is in the trail of its subject.
        Node::Decision(_) => (parse::<DecisionId>(id, at)?.uuid(), SubjectOwner::Public),
        Node::FederalAward(_) => (parse::<AwardId>(id, at)?.uuid(), SubjectOwner::Public),
        Node::Solicitation(it) => {
            let owner = SubjectOwner::Department(it.department_id());
            (parse::<SolicitationId>(id, at)?.uuid(), owner)
        }
        Node::Bid(it) => {
            let owner = SubjectOwner::Organization(it.organization_id());
            (parse::<BidId>(id, at)?.uuid(), owner)
        }
        Node::Contract(it) => {
            let owner = SubjectOwner::Department(it.department_id());
            (parse::<ContractId>(id, at)?.uuid(), owner)
        }
        Node::Renewal(it) => {
            let owner = SubjectOwner::Organization(it.organization_id());
            (parse::<RenewalId>(id, at)?.uuid(), owner)
        }
        Node::Waiver(it) => {
            let owner = SubjectOwner::Department(it.department_id());
            (parse::<WaiverId>(id, at)?.uuid(), owner)
        }
        Node::Exemption(it) => {
            let owner = SubjectOwner::Department(it.department_id());
            (parse::<ExemptionId>(id, at)?.uuid(), owner)
        }
        Node::AwardMatch(it) => {
            let owner = SubjectOwner::Matched(it.organization_id());
            (parse::<MatchId>(id, at)?.uuid(), owner)
        }
    };
    Ok(TrailSubject { id, owner })
}

fn parse<T: std::str::FromStr<Err = crate::ParseIdError>>(id: &ID, argument: &str) -> Result<T> {
    let path = FieldPath::argument(argument);
    id.parse().map_err(|error: crate::ParseIdError| Fault::invalid(&path, error.message()))
}

/// Finds the object with the identifier that an argument names, as the query of its kind does.
async fn find(ctx: &Context<'_>, id: &ID, argument: &str) -> Result<Option<Node>> {
    let (db, viewer) = request_context(ctx)?;
    let ahead = ctx.look_ahead();
    Ok(match id.rsplit_once('_').map_or("", |(prefix, _)| prefix) {
        OrganizationId::PREFIX => {
            let include = organization_include(&ahead);
            let found =
                organization::service::find_organization(db, viewer, parse(id, argument)?, include)
                    .await?;
            found.map(|found| Node::Organization(found.into()))
        }
        DepartmentId::PREFIX => {
            let id = parse::<DepartmentId>(id, argument)?;
            let found = organization::service::load_departments(&db.read, vec![id.uuid()]);
            found.await?.remove(&id).map(|found| Node::Department(found.into()))
        }
        PolicyId::PREFIX => {
            let found =
                policy::service::find_policy(db, parse::<PolicyId>(id, argument)?.uuid()).await?;
            load_policy(db, found, &ahead).await?.map(Node::Policy)
        }
        DisclosureId::PREFIX => {
            let found = disclosure::service::find(db, viewer, parse(id, argument)?).await?;
            found.map(|found| Node::Disclosure(found.into()))
        }
        DecisionId::PREFIX => {
            let found = decision::service::find(db, viewer, parse(id, argument)?).await?;
            found.map(|found| Node::Decision(found.into()))
        }
        SolicitationId::PREFIX => {
            let include = solicitation_include(&ahead);
            let found =
                bidding::service::find_solicitation(db, viewer, parse(id, argument)?, include)
                    .await?;
            found.map(|found| Node::Solicitation(found.into()))
        }
        BidId::PREFIX => {
            let include = bid_include(&ahead);
            let found =
                bidding::service::find_bid(db, viewer, parse(id, argument)?, include).await?;
            found.map(|found| Node::Bid(found.into()))
        }
        ContractId::PREFIX => {
            let include = contract_include(&ahead);
            let found =
                contracting::service::find_contract(db, viewer, parse(id, argument)?, include);
            found.await?.map(|found| Node::Contract(found.into()))
        }
        RenewalId::PREFIX => {
            let include = renewal_include(&ahead);
            let id = parse(id, argument)?;
            let found = contracting::service::find_renewal(db, viewer, id, include).await?;
            found.map(|found| Node::Renewal(found.into()))
        }
        WaiverId::PREFIX => {
            let found = waiver::service::find_waiver(db, viewer, parse(id, argument)?).await?;
            found.map(|found| Node::Waiver(found.into()))
        }
        ExemptionId::PREFIX => {
            let found = waiver::service::find_exemption(db, viewer, parse(id, argument)?).await?;
            found.map(|found| Node::Exemption(found.into()))
        }
        AwardId::PREFIX => {
            let found = award::service::find_award(db, viewer, parse(id, argument)?).await?;
            found.map(|found| Node::FederalAward(found.into()))
        }
        MatchId::PREFIX => {
            let include = match_include(&ahead);
            let found =
                award::service::find_match(db, viewer, parse(id, argument)?, include).await?;
            found.map(|found| Node::AwardMatch(found.into()))
        }
        _ => {
            return Err(Fault::invalid(&FieldPath::argument(argument), UserMessage::IdUnknownKind));
        }
    })
}
