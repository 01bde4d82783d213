//! Queries and mutations of contracts and of what carries them on.
use async_graphql::{Context, Object, SimpleObject};

use super::{Contract, Renewal, contract_include, renewal_include};
use crate::contracting::model::{
    AwardInput, ClauseInput, ContractId, ContractInput, ExemptionInput, RenewalId, RenewalInput,
    WaiverInput,
};
use crate::contracting::service::{self, Awarded, Executed};
use crate::decision::graphql::{Decision, Readiness};
use crate::fault::{Fault, Result, UserError};
use crate::organization::graphql::{request_context, split_user_errors};
use crate::waiver::graphql::{Exemption, WaiverPayload, waiver_payload};

/// Queries of contracts.
#[derive(Debug, Default)]
pub struct ContractingQuery;

#[Object(crate = "crate::budget")]
impl ContractingQuery {
    /// One contract; null if there is none or it is not yours to see.
    async fn contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contract's identifier.")] id: ContractId,
    ) -> Result<Option<Contract>> {
        let (db, viewer) = request_context(ctx)?;
        let include = contract_include(&ctx.look_ahead());
        Ok(service::find(db, viewer, id, include).await?.map(Contract::from))
    }

    /// What the gate would say if a contract were carried on now: by a renewal that was proposed,
    /// or as the input tells; null if the policy does not have it decide. Nothing is written.
    async fn renewal_readiness(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A renewal that was proposed.")] id: Option<RenewalId>,
        #[graphql(desc = "How the contract would be carried on.")] input: Option<RenewalInput>,
    ) -> Result<Option<Readiness>> {
        let (db, viewer) = request_context(ctx)?;
        let considered = service::readiness(db, viewer, id, input.as_ref()).await?;
        Ok(considered.map(Readiness::from))
    }
}

/// The contract, or what to mend.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ContractPayload {
    /// As it is now; null if anything is to mend.
    contract: Option<Contract>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

/// What came of an award.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct AwardPayload {
    /// The contract; null unless it was admitted, or is not for the gate.
    contract: Option<Contract>,
    /// What the gate said, with its findings; null if the policy does not have it decide, or the
    /// request itself is to mend.
    decision: Option<Decision>,
    /// Everything to mend in the request, at once.
    user_errors: Vec<UserError>,
}

/// The renewal, or what to mend.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct RenewalPayload {
    /// As it is now; null if anything is to mend.
    renewal: Option<Renewal>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

/// What came of executing a renewal.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ExecutionPayload {
    /// As it is now: executed, or still proposed if it was not admitted.
    renewal: Option<Renewal>,
    /// The contract as it is now.
    contract: Option<Contract>,
    /// What the gate said, with its findings; null if the policy does not have it decide.
    decision: Option<Decision>,
    /// Everything to mend in the request, at once.
    user_errors: Vec<UserError>,
}

/// The exemption, or what to mend.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ExemptionPayload {
    /// As it was claimed; null if anything is to mend.
    exemption: Option<Exemption>,
    /// Everything to mend, at once.
    user_errors: Vec<UserError>,
}

fn payload(result: Result<service::Contract>) -> Result<ContractPayload> {
    let (contract, user_errors) = split_user_errors(result)?;
    Ok(ContractPayload { contract, user_errors })
}

/// Mutations of contracts and of what carries them on.
#[derive(Debug, Default)]
pub struct ContractingMutation;

#[Object(crate = "crate::budget")]
impl ContractingMutation {
    /// Records a contract that was made outside the service; nothing is decided. For the
    /// department's contract officers.
    async fn record_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contract as it is.")] input: ContractInput,
    ) -> Result<ContractPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = contract_include(&ctx.look_ahead().field("contract"));
        payload(service::record(db, viewer, &input, include).await)
    }

    /// Awards a contract: from a bid, or by a method that needs none. The award's own gate decides,
    /// and only what it admits is written. For the department's contract officers.
    async fn award_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contract as it is awarded.")] input: AwardInput,
    ) -> Result<AwardPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = contract_include(&ctx.look_ahead().field("contract"));
        match service::award(db, viewer, &input, include).await {
            Ok(Awarded { contract, decision }) => Ok(AwardPayload {
                contract: contract.map(Contract::from),
                decision: decision.map(Decision::from),
                user_errors: Vec::new(),
            }),
            Err(Fault::Invalid(user_errors)) => {
                Ok(AwardPayload { contract: None, decision: None, user_errors })
            }
            Err(fault) => Err(fault),
        }
    }

    /// Records that the disclosure clause was put into a contract. For the department's contract
    /// officers.
    async fn insert_clause(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contract, and the clause.")] input: ClauseInput,
    ) -> Result<ContractPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = contract_include(&ctx.look_ahead().field("contract"));
        payload(service::insert_clause(db, viewer, &input, include).await)
    }

    /// Proposes to carry a contract on; it takes the place of a proposal that waits. For the
    /// department's contract officers.
    async fn propose_renewal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is to be carried on.")] input: RenewalInput,
    ) -> Result<RenewalPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = renewal_include(&ctx.look_ahead().field("renewal"));
        let (renewal, user_errors) = split_user_errors(service::propose(db, viewer, &input, include).await)?;
        Ok(RenewalPayload { renewal, user_errors })
    }

    /// Executes a renewal that was proposed. The gate decides where the policy has it decide, and
    /// only what it admits is written. For the department's contract officers.
    async fn execute_renewal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The renewal's identifier.")] id: RenewalId,
    ) -> Result<ExecutionPayload> {
        let (db, viewer) = request_context(ctx)?;
        let ahead = ctx.look_ahead();
        let includes =
            (renewal_include(&ahead.field("renewal")), contract_include(&ahead.field("contract")));
        match service::execute(db, viewer, id, includes).await {
            Ok(Executed { renewal, contract, decision }) => Ok(ExecutionPayload {
                renewal: Some(renewal.into()),
                contract: Some(contract.into()),
                decision: decision.map(Decision::from),
                user_errors: Vec::new(),
            }),
            Err(Fault::Invalid(user_errors)) => {
                Ok(ExecutionPayload { renewal: None, contract: None, decision: None, user_errors })
            }
            Err(fault) => Err(fault),
        }
    }

    /// Claims an exemption that the policy makes available: the disclosure is put off, or not
    /// asked. It counts at once. For the department's contract officers.
    async fn claim_exemption(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For what, which one, and why.")] input: ExemptionInput,
    ) -> Result<ExemptionPayload> {
        let (db, viewer) = request_context(ctx)?;
        let claimed = service::claim_exemption(db, viewer, &input).await;
        let (exemption, user_errors) = split_user_errors(claimed)?;
        Ok(ExemptionPayload { exemption, user_errors })
    }

    /// Asks for a waiver of one rule for one subject; it lowers nothing until another person
    /// approves it. For reviewers, supervisors and the department's contract officers.
    async fn request_waiver(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For what, which rule, on which grounds and until when.")]
        input: WaiverInput,
    ) -> Result<WaiverPayload> {
        let (db, viewer) = request_context(ctx)?;
        waiver_payload(service::request_waiver(db, viewer, &input).await)
    }
}
