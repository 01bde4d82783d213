//! Queries of contracts across departments: for the City Administrative Officer.
use async_graphql::{Context, Object};

use super::exposure::ExposureAsOf;
use super::screened_contract::{DueCounts, RenewalsDue, ScreenedContract, screened_contract_include};
use super::simulation::PolicySimulation;
use crate::bidding::model::OrderDirection;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::Outcome;
use crate::graphql::connection::{Connection, connection, requests_total_count};
use crate::organization;
use crate::organization::graphql::{request_context, node_lookahead};
use crate::organization::model::DepartmentId;
use crate::page::PageArguments;
use crate::scalar::Date;
use crate::screening::model::{
    ContractFilter, ContractOrder, ContractOrderField, ExposureGroup, PolicyChange, SimulationScope,
};
use crate::screening::service::{self, ScreenedContractInclude};
use crate::text::validate_date;

/// The most changed subjects of one simulation that are listed.
const LISTED: usize = 1_000;

/// Queries of contracts across departments.
#[derive(Debug, Default)]
pub struct ContractScreeningQuery;

const USUAL: ContractOrder =
    ContractOrder { field: ContractOrderField::EndDate, direction: OrderDirection::Asc };

#[Object(crate = "crate::budget")]
impl ContractScreeningQuery {
    /// Contracts by what they are, how they stand and what their holders' disclosures say. For the
    /// City's staff: of their own departments to contract officers.
    #[expect(clippy::too_many_arguments, reason = "a connection's arguments, a filter, an order")]
    async fn screen_contracts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contracts; all that are open to you if it is left out.")]
        filter: Option<ContractFilter>,
        #[graphql(desc = "By what, and which way; the first to end first if left out.")]
        order_by: Option<ContractOrder>,
        #[graphql(desc = "The number of rows from the start of the list, 0 to 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<Connection<ScreenedContract>> {
        let (db, viewer) = request_context(ctx)?;
        let checked = service::validate_contract_filter(viewer, filter.unwrap_or_default())?;
        let arguments = PageArguments { first, after, last, before };
        let include = node_lookahead(ctx, screened_contract_include, ScreenedContractInclude::merge);
        let asked = (requests_total_count(ctx), include);
        let order = order_by.unwrap_or(USUAL);
        let page = service::screen_contracts(db, viewer, &checked, order, &arguments, asked);
        let (sheet, total) = page.await?;
        Ok(connection(sheet, total))
    }

    /// The contracts that end in a window, the first to end first, with what would happen if each
    /// were renewed today, why, and what to do first; beside the rows, how many end in each month
    /// and would come out how. For the City's staff, as `screenContracts`.
    #[expect(clippy::too_many_arguments, reason = "a connection's arguments, a window, a filter")]
    async fn renewals_due(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day of the window.")] from: Date,
        #[graphql(desc = "The last day of the window.")] to: Date,
        #[graphql(desc = "Only this department's.")] department_id: Option<DepartmentId>,
        #[graphql(desc = "Only what would come out so; all if it is empty.", default)]
        readiness: Vec<Outcome>,
        #[graphql(desc = "Only what meets these conditions too.")] filter: Option<ContractFilter>,
        #[graphql(desc = "By what, and which way; the first to end first if left out.")]
        order_by: Option<ContractOrder>,
        #[graphql(desc = "The number of rows from the start of the list, 0 to 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor to start after.")] after: Option<String>,
        #[graphql(desc = "The number of rows from its end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor to end before.")] before: Option<String>,
    ) -> Result<RenewalsDue> {
        let (db, viewer) = request_context(ctx)?;
        let given = filter.unwrap_or_default();
        let mut problems = InputErrors::default();
        for (name, typed) in [("from", &from), ("to", &to)] {
            validate_date(typed, &FieldPath::argument(name), &mut problems);
        }
        let backwards = from.day().zip(to.day()).is_some_and(|(from, to)| from > to);
        if backwards {
            let told = "It is before from: nothing ends in such a window.";
            problems.add(&FieldPath::argument("to"), "contradiction", told);
        }
        for (name, twice) in [
            ("endsFrom", given.ends_from.is_some()),
            ("endsUntil", given.ends_until.is_some()),
            ("departmentId", given.department_id.is_some() && department_id.is_some()),
            ("readiness", !given.readiness.is_empty() && !readiness.is_empty()),
        ] {
            if twice {
                let told = "An argument beside the filter says this; leave it out of the filter.";
                problems.add(&FieldPath::argument("filter").at(name), "contradiction", told);
            }
        }
        problems.finish()?;
        let filter = ContractFilter {
            ends_from: Some(from),
            ends_until: Some(to),
            department_id: department_id.or(given.department_id),
            readiness: if readiness.is_empty() { given.readiness.clone() } else { readiness },
            ..given
        };
        let checked = service::validate_contract_filter(viewer, filter)?;
        let arguments = PageArguments { first, after, last, before };
        let include = node_lookahead(ctx, screened_contract_include, ScreenedContractInclude::merge);
        let asked = (requests_total_count(ctx), include);
        let order = order_by.unwrap_or(USUAL);
        let page = service::screen_contracts(db, viewer, &checked, order, &arguments, asked);
        let (sheet, total) = page.await?;
        Ok(RenewalsDue(connection(sheet, total), DueCounts(checked)))
    }

    /// What the holders of the City's contracts have disclosed of the Department of Homeland
    /// Security, as of some days, by component, department, nature of work or organization. For the
    /// City's staff, as `screenContracts`.
    async fn exposure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By what it is grouped.")] group_by: ExposureGroup,
        #[graphql(desc = "The local days; today if it is empty.", default)] as_of: Vec<Date>,
        #[graphql(desc = "Only this department's contracts.")] department_id: Option<DepartmentId>,
    ) -> Result<Vec<ExposureAsOf>> {
        let (db, viewer) = request_context(ctx)?;
        let told = service::load_exposure(db, viewer, group_by, department_id, &as_of).await?;
        Ok(told.into_iter().map(ExposureAsOf::from).collect())
    }

    /// What a changed policy would have done over past bids, from their stored facts, or would do
    /// with contracts if they were carried on now. Nothing is written. For the City's staff.
    async fn simulate_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is changed.")] change: PolicyChange,
        #[graphql(desc = "On what it is tried.")] scope: SimulationScope,
        #[graphql(desc = "How many changed subjects are listed, 0 to 1000.", default = 100)]
        first: i32,
    ) -> Result<PolicySimulation> {
        let (db, viewer) = request_context(ctx)?;
        let first = usize::try_from(first).ok().filter(|first| *first <= LISTED);
        let first = first.ok_or_else(|| {
            let told = format!("Ask for 0 to {LISTED} subjects.");
            Fault::invalid(&FieldPath::argument("first"), "invalid", told)
        })?;
        let simulated = service::simulate_policy(db, viewer, &change, scope, first).await?;
        let ids = simulated.counts.keys().map(|(department, ..)| department.uuid()).collect();
        let departments = organization::service::departments_by_ids(&db.read, ids).await?;
        let names = departments.into_iter().map(|(id, row)| (id, row.name)).collect();
        Ok(PolicySimulation::new(simulated, &names))
    }
}
