//! GraphQL queries and mutations of contracts and contract actions.
use async_graphql::{Context, Object, SimpleObject};

use super::{Contract, Renewal, contract_include, renewal_include};
use crate::bidding;
use crate::bidding::graphql::{Bid, bid_include};
use crate::contracting::model::{
    AwardInput, ClauseInput, ContractId, ContractInput, ExemptionInput, IdentifyPartyInput,
    RenewalId, RenewalInput, SubstitutionInput, WaiverInput,
};
use crate::contracting::service::{self, AwardResult, ExecutionInclude, RenewalExecution};
use crate::decision::graphql::{Decision, Readiness};
use crate::decision::model::{PartyChoice, SubstitutionRequest};
use crate::fault::{Fault, FieldPath, Result, UserError};
use crate::graphql::context::request_context;
use crate::graphql::payload::split_user_errors;
use crate::organization::model::LookupArguments;
use crate::organization::service::parse_lookup;
use crate::user_message::UserMessage;
use crate::waiver::graphql::{ExemptionPayload, WaiverPayload, exemption_payload, waiver_payload};

/// Queries of contracts.
#[derive(Debug, Default)]
pub struct ContractingQuery;

#[Object(crate = "crate::budget")]
impl ContractingQuery {
    /// A contract by its identifier or its number; null if it does not exist or you may not see it.
    async fn contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The identifier of the contract, instead of its number.")] id: Option<
            ContractId,
        >,
        #[graphql(desc = "The number, in upper or lower case.")] number: Option<String>,
        #[graphql(
            desc = "The code, name or identifier of the department; needed if several have the number."
        )]
        department: Option<String>,
    ) -> Result<Option<Contract>> {
        let (db, viewer) = request_context(ctx)?;
        let lookup = parse_lookup(&db.read, LookupArguments { id, number, department }).await?;
        let include = contract_include(&ctx.look_ahead());
        let found = service::look_up_contract(db, viewer, &lookup, include).await?;
        Ok(found.map(Contract::from))
    }

    /// The decision that the gate would make on a contract action if it were executed now: a proposed
    /// action, or one described by the input. Null if the action is not subject to the gate. Nothing is
    /// stored.
    async fn renewal_readiness(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The identifier of a proposed contract action.")] id: Option<RenewalId>,
        #[graphql(desc = "A contract action that is not proposed yet.")] input: Option<
            RenewalInput,
        >,
    ) -> Result<Option<Readiness>> {
        let (db, viewer) = request_context(ctx)?;
        let evaluation = service::evaluate_renewal(db, viewer, id, input.as_ref()).await?;
        Ok(evaluation.map(Readiness::from))
    }
}

/// The contract, or the errors to fix.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ContractPayload {
    /// The contract after the change; null if there are user errors.
    contract: Option<Contract>,
    /// All errors in the request.
    user_errors: Vec<UserError>,
}

/// The bid or contract whose party was identified, or the errors to fix.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct IdentifyPartyPayload {
    /// The bid, decided again; null for a contract or if there are user errors.
    bid: Option<Bid>,
    /// The contract with its new status; null for a bid or if there are user errors.
    contract: Option<Contract>,
    /// All errors in the request.
    user_errors: Vec<UserError>,
}

/// The bid or contract whose subcontractor was replaced, or the errors to fix.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct SubstitutionPayload {
    /// The bid, decided again; null for a contract or if there are user errors.
    bid: Option<Bid>,
    /// The contract with its new status; null for a bid or if there are user errors.
    contract: Option<Contract>,
    /// All errors in the request.
    user_errors: Vec<UserError>,
}

/// The result of an award.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct AwardPayload {
    /// The contract; null if the gate did not admit the award or there are user errors.
    contract: Option<Contract>,
    /// The gate's decision with its findings; null if the award is not subject to the gate or there are
    /// user errors.
    decision: Option<Decision>,
    /// All errors in the request.
    user_errors: Vec<UserError>,
}

/// The contract action, or the errors to fix.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct RenewalPayload {
    /// The contract action after the change; null if there are user errors.
    renewal: Option<Renewal>,
    /// All errors in the request.
    user_errors: Vec<UserError>,
}

/// The result of executing a contract action.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ExecutionPayload {
    /// The contract action: executed, or still proposed if it was not admitted.
    renewal: Option<Renewal>,
    /// The contract after the change.
    contract: Option<Contract>,
    /// The gate's decision with its findings; null if the action is not subject to the gate.
    decision: Option<Decision>,
    /// All errors in the request.
    user_errors: Vec<UserError>,
}

fn payload(result: Result<service::Contract>) -> Result<ContractPayload> {
    let (contract, user_errors) = split_user_errors(result)?;
    Ok(ContractPayload { contract, user_errors })
}

/// Mutations of contracts and contract actions.
#[derive(Debug, Default)]
pub struct ContractingMutation;

#[Object(crate = "crate::budget")]
impl ContractingMutation {
    /// Records a contract that was made outside the service, without a decision. For contract officers
    /// of the department.
    async fn record_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contract to record.")] input: ContractInput,
    ) -> Result<ContractPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = contract_include(&ctx.look_ahead().field("contract"));
        payload(service::record_contract(db, viewer, &input, include).await)
    }

    /// Awards a contract, from a bid or by a method that does not require bids. The gate decides on the
    /// award, and the contract is created only if it admits. For contract officers of the department.
    async fn award_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contract to award.")] input: AwardInput,
    ) -> Result<AwardPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = contract_include(&ctx.look_ahead().field("contract"));
        match service::award_contract(db, viewer, &input, include).await {
            Ok(AwardResult { contract, decision }) => Ok(AwardPayload {
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

    /// Identifies a member or a subcontractor that a bid or a contract names: chooses the organization that
    /// it is, which must have the number or the exact name that was given. The bidder identifies the
    /// unidentified parties of its bid until the award, also after bids are due; reviewers identify any
    /// party at any time.
    async fn identify_party(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The party, and the organization that it is.")] input: IdentifyPartyInput,
    ) -> Result<IdentifyPartyPayload> {
        let (db, viewer) = request_context(ctx)?;
        let selection = ctx.look_ahead();
        let choice = PartyChoice {
            name: input.name,
            identifier: input.identifier,
            organization_id: input.organization_id,
        };
        let identified = match (input.bid_id, input.contract_id) {
            (Some(id), None) => {
                let include = bid_include(&selection.field("bid"));
                let bid = bidding::service::identify_bid_party(db, viewer, id, &choice, include);
                bid.await.map(|bid| (Some(bid.into()), None))
            }
            (None, Some(id)) => {
                let include = contract_include(&selection.field("contract"));
                let contract =
                    service::identify_contract_party(db, viewer, id, &choice, include).await;
                contract.map(|contract| (None, Some(contract.into())))
            }
            _ => {
                let path = FieldPath::argument("input").at("bidId");
                Err(Fault::invalid(&path, UserMessage::PartySubjectRequired))
            }
        };
        match identified {
            Ok((bid, contract)) => {
                Ok(IdentifyPartyPayload { bid, contract, user_errors: Vec::new() })
            }
            Err(Fault::Invalid(user_errors)) => {
                Ok(IdentifyPartyPayload { bid: None, contract: None, user_errors })
            }
            Err(fault) => Err(fault),
        }
    }

    /// Replaces a named subcontractor of a bid or a contract by another, on a ground that the policy
    /// allows for this kind of contract: of an admitted or held bid after bids are due and before the
    /// award, by the policy of the solicitation; of a contract until it ends, by the policy in force. The
    /// bid is decided again, and the contract's readiness is computed again. For contract officers of the
    /// department.
    async fn substitute_subcontractor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The two subcontractors and the ground.")] input: SubstitutionInput,
    ) -> Result<SubstitutionPayload> {
        let (db, viewer) = request_context(ctx)?;
        let selection = ctx.look_ahead();
        let SubstitutionInput {
            bid_id,
            contract_id,
            name,
            identifier,
            replacement,
            ground,
            explanation,
        } = input;
        let request = SubstitutionRequest { name, identifier, replacement, ground, explanation };
        let substituted = match (bid_id, contract_id) {
            (Some(id), None) => {
                let include = bid_include(&selection.field("bid"));
                let bid = bidding::service::substitute_bid_subcontractor(
                    db, viewer, id, &request, include,
                );
                bid.await.map(|bid| (Some(bid.into()), None))
            }
            (None, Some(id)) => {
                let include = contract_include(&selection.field("contract"));
                let contract =
                    service::substitute_contract_subcontractor(db, viewer, id, &request, include);
                contract.await.map(|contract| (None, Some(contract.into())))
            }
            _ => {
                let path = FieldPath::argument("input").at("bidId");
                Err(Fault::invalid(&path, UserMessage::SubstitutionSubjectRequired))
            }
        };
        match substituted {
            Ok((bid, contract)) => {
                Ok(SubstitutionPayload { bid, contract, user_errors: Vec::new() })
            }
            Err(Fault::Invalid(user_errors)) => {
                Ok(SubstitutionPayload { bid: None, contract: None, user_errors })
            }
            Err(fault) => Err(fault),
        }
    }

    /// Records that the disclosure clause was inserted into a contract. For contract officers of the
    /// department.
    async fn insert_clause(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contract and the version of the clause.")] input: ClauseInput,
    ) -> Result<ContractPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = contract_include(&ctx.look_ahead().field("contract"));
        payload(service::insert_clause(db, viewer, &input, include).await)
    }

    /// Proposes a contract action, such as a renewal, and replaces any open proposal for the contract.
    /// For contract officers of the department.
    async fn propose_renewal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contract action to propose.")] input: RenewalInput,
    ) -> Result<RenewalPayload> {
        let (db, viewer) = request_context(ctx)?;
        let include = renewal_include(&ctx.look_ahead().field("renewal"));
        let (renewal, user_errors) =
            split_user_errors(service::propose_renewal(db, viewer, &input, include).await)?;
        Ok(RenewalPayload { renewal, user_errors })
    }

    /// Executes a proposed contract action. If the action is subject to the gate, it is executed only
    /// if the gate admits it. For contract officers of the department.
    async fn execute_renewal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The identifier of the contract action.")] id: RenewalId,
    ) -> Result<ExecutionPayload> {
        let (db, viewer) = request_context(ctx)?;
        let selection = ctx.look_ahead();
        let include = ExecutionInclude {
            renewal: renewal_include(&selection.field("renewal")),
            contract: contract_include(&selection.field("contract")),
        };
        match service::execute_renewal(db, viewer, id, include).await {
            Ok(RenewalExecution { renewal, contract, decision }) => Ok(ExecutionPayload {
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

    /// Claims an exemption that the policy makes available: the disclosure is due later, or not
    /// required. It is in effect at once, unless the policy asks for a second person's approval. On a
    /// contract whose next action is proposed, it is for that action. For contract officers of the
    /// department.
    async fn claim_exemption(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The subject, the exemption and the reason.")] input: ExemptionInput,
    ) -> Result<ExemptionPayload> {
        let (db, viewer) = request_context(ctx)?;
        exemption_payload(service::claim_exemption(db, viewer, &input).await)
    }

    /// Requests a waiver of one rule for one subject. It has no effect until another person approves
    /// it. For reviewers, supervisors and contract officers of the department.
    async fn request_waiver(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The subject, the rule, the grounds and the last day.")]
        input: WaiverInput,
    ) -> Result<WaiverPayload> {
        let (db, viewer) = request_context(ctx)?;
        waiver_payload(service::request_waiver(db, viewer, &input).await)
    }
}
