//! Queries of contracts across departments, for the City Administrative Officer's analysts.
use async_graphql::{Context, Object};

use super::contract_counts::ContractCounts;
use super::exposure::ExposureAsOf;
use super::screened_contract::{ContractScreening, RenewalsDue, screened_contract_include};
use super::simulation::PolicySimulation;
use crate::bidding::model::OrderDirection;
use crate::fault::{Fault, FieldPath, Result};
use crate::gate::Outcome;
use crate::graphql::connection::{connection, requests_total_count};
use crate::graphql::context::request_context;
use crate::graphql::lookahead::node_lookahead;
use crate::organization;
use crate::organization::model::DepartmentId;
use crate::page::{ListRequest, PageArguments};
use crate::scalar::Date;
use crate::screening::model::{
    ContractFilter, ContractOrder, ContractOrderField, ExposureGroup, PolicyChange,
    RenewalsDueQuery, SimulatedPolicy, SimulationScope,
};
use crate::screening::service::{self, ScreenedContractInclude};
use crate::user_message::UserMessage;

/// The most changed subjects that one simulation lists.
const MAX_LISTED_SUBJECTS: i32 = 1_000;

/// Queries of contracts across departments.
#[derive(Debug, Default)]
pub struct ContractScreeningQuery;

const DEFAULT_ORDER: ContractOrder =
    ContractOrder { field: ContractOrderField::EndDate, direction: OrderDirection::Asc };

#[Object(crate = "crate::budget")]
impl ContractScreeningQuery {
    /// Screens contracts by their own fields, their compliance and their holders' disclosures. For
    /// City staff; contract officers see the contracts of their own departments.
    #[expect(clippy::too_many_arguments, reason = "a connection's arguments, a filter, an order")]
    async fn screen_contracts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contracts; all that you may see if left out.")] filter: Option<
            ContractFilter,
        >,
        #[graphql(desc = "The order; the earliest to end first if left out.")] order_by: Option<
            ContractOrder,
        >,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, at most the page limit.")] last: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<ContractScreening> {
        let (db, viewer) = request_context(ctx)?;
        let filter = service::validate_contract_filter(viewer, filter.unwrap_or_default())?;
        let arguments = PageArguments { first, after, last, before };
        let include =
            node_lookahead(ctx, screened_contract_include, ScreenedContractInclude::merge);
        let request = ListRequest {
            arguments: &arguments,
            includes_total: requests_total_count(ctx),
            include,
        };
        let order = order_by.unwrap_or(DEFAULT_ORDER);
        let page = service::screen_contracts(db, viewer, &filter, order, request);
        let (page, total) = page.await?;
        Ok(ContractScreening(connection(page, total), ContractCounts(filter)))
    }

    /// The contracts that end in a window, the earliest first, each with the outcome of carrying it on
    /// today and at its end, the findings and the first step to take; and the number and value of
    /// contracts by month, by department and by outcome. An option is assumed where one is left. For
    /// City staff, as `screenContracts`.
    #[expect(clippy::too_many_arguments, reason = "a connection's arguments, a window, a filter")]
    async fn renewals_due(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day of the window.")] from: Date,
        #[graphql(desc = "The last day of the window.")] to: Date,
        #[graphql(desc = "Only contracts of this department.")] department_id: Option<DepartmentId>,
        #[graphql(desc = "Only contracts with one of these outcomes; all if empty.", default)]
        readiness: Vec<Outcome>,
        #[graphql(desc = "Further conditions.")] filter: Option<ContractFilter>,
        #[graphql(desc = "The order; the earliest to end first if left out.")] order_by: Option<
            ContractOrder,
        >,
        #[graphql(desc = "The number of rows from the start of the list, at most the page limit.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, at most the page limit.")] last: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<RenewalsDue> {
        let (db, viewer) = request_context(ctx)?;
        let query = RenewalsDueQuery {
            from,
            to,
            department: department_id,
            readiness,
            filter: filter.unwrap_or_default(),
            order: order_by.unwrap_or(DEFAULT_ORDER),
        };
        let arguments = PageArguments { first, after, last, before };
        let include =
            node_lookahead(ctx, screened_contract_include, ScreenedContractInclude::merge);
        let request = ListRequest {
            arguments: &arguments,
            includes_total: requests_total_count(ctx),
            include,
        };
        let due = service::renewals_due(db, viewer, query, request).await?;
        Ok(RenewalsDue(connection(due.page, due.total), ContractCounts(due.filter)))
    }

    /// The dealings with the Department of Homeland Security that holders of City contracts
    /// disclosed, as of some days, by component, department, nature of work or organization. For
    /// City staff, as `screenContracts`.
    async fn exposure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How the contracts are grouped.")] group_by: ExposureGroup,
        #[graphql(desc = "The local days, at most 36; today if empty.", default)] as_of: Vec<Date>,
        #[graphql(desc = "Only contracts of this department.")] department_id: Option<DepartmentId>,
    ) -> Result<Vec<ExposureAsOf>> {
        let (db, viewer) = request_context(ctx)?;
        let exposures = service::load_exposure(db, viewer, group_by, department_id, &as_of).await?;
        Ok(exposures.into_iter().map(ExposureAsOf::from).collect())
    }

    /// Simulates a policy change, or a whole policy file, on past bids, from their stored facts, or on
    /// contracts, as if each were carried on at its end. It writes nothing. A change or a file that could
    /// not be published is refused with the errors of its publication. For City staff.
    async fn simulate_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The policy change; required unless a text is given.")] change: Option<
            PolicyChange,
        >,
        #[graphql(
            desc = "A complete policy file, in the form of `PolicyInput.text`, instead of a \
                          change. It decides every bid or contract in the scope; answers to older \
                          questions count until its transition is over."
        )]
        text: Option<String>,
        #[graphql(desc = "The bids or contracts to simulate it on.")] scope: SimulationScope,
        #[graphql(desc = "The number of changed subjects to list, 0 to 1000.", default = 100)]
        first: i32,
    ) -> Result<PolicySimulation> {
        let (db, viewer) = request_context(ctx)?;
        let first = Some(first).filter(|first| *first <= MAX_LISTED_SUBJECTS);
        let first = first.and_then(|first| usize::try_from(first).ok());
        let first = first.ok_or_else(|| {
            let message = UserMessage::SubjectCountInvalid { max: MAX_LISTED_SUBJECTS };
            Fault::invalid(&FieldPath::argument("first"), message)
        })?;
        let simulated = match (change, text) {
            (Some(change), None) => SimulatedPolicy::Change(change),
            (None, Some(text)) => SimulatedPolicy::Text(text),
            (None, None) | (Some(_), Some(_)) => {
                let message = UserMessage::SimulatedPolicyUnclear;
                return Err(Fault::invalid(&FieldPath::argument("change"), message));
            }
        };
        let simulation =
            Box::pin(service::simulate_policy(db, viewer, simulated, scope, first)).await?;
        let ids = simulation.counts.keys().map(|(department, ..)| department.uuid()).collect();
        let departments = organization::service::load_departments(&db.read, ids).await?;
        let names = departments.into_iter().map(|(id, row)| (id, row.name)).collect();
        Ok(PolicySimulation::new(simulation, &names))
    }
}
