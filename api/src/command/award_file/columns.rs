//! The forms that an award file may have, and the columns that each has a thing in. The names are
//! USAspending's own, in small letters; what it called a column in earlier years stands behind.
use std::io::Read;

use crate::command::table::Table;

/// What a file is, told from its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The bulk download of prime award summaries, contracts.
    Contracts,
    /// The same, assistance.
    Assistance,
    /// The bulk download of prime transactions, contracts.
    ContractTransactions,
    /// The same, assistance.
    AssistanceTransactions,
    /// The bulk download of subawards, of contracts and of assistance.
    Subawards,
    /// The short listing of the search for transactions.
    Listing,
}

/// What a row says somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Key,
    Transaction,
    Modification,
    /// What a delta download says of a transaction that is no more.
    Correction,
    AwardId,
    ParentAwardId,
    Prime,
    AwardOrVehicle,
    AwardType,
    Name,
    RawName,
    DoingBusinessAs,
    Uei,
    Duns,
    Cage,
    Parent,
    ParentUei,
    Address,
    City,
    State,
    AwardingCode,
    AwardingSubCode,
    AwardingSubName,
    FundingCode,
    FundingSubCode,
    FundingSubName,
    SignedOn,
    StartsOn,
    EndsOn,
    OrdersUntil,
    LatestOn,
    Obligated,
    Current,
    Ceiling,
    Naics,
    Psc,
    Description,
}

/// What a reader sees who gave another file.
pub const EXPECTED: &str = "contract_award_unique_key (summaries or transactions of contracts), \
    assistance_award_unique_key (of assistance), prime_award_unique_key (subawards) or Generated \
    Award ID (a listing of transactions)";

impl Form {
    /// The form of a file that has these columns; none if it is no award file.
    pub fn of<R: Read>(table: &Table<R>) -> Option<Self> {
        let keys = ["contract_transaction_unique_key", "assistance_transaction_unique_key"];
        // Downloads of transactions repeat the award's totals in every row.
        let of_transactions =
            keys.iter().chain(&["federal_action_obligation"]).any(|it| table.has(it));
        if table.has("prime_award_unique_key") {
            Some(Self::Subawards)
        } else if table.has("contract_award_unique_key") {
            Some(if of_transactions { Self::ContractTransactions } else { Self::Contracts })
        } else if table.has("assistance_award_unique_key") {
            Some(if of_transactions { Self::AssistanceTransactions } else { Self::Assistance })
        } else {
            table.has("generated award id").then_some(Self::Listing)
        }
    }

    /// What messages call it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Contracts => "award summaries of contracts",
            Self::Assistance => "award summaries of assistance",
            Self::ContractTransactions => "transactions of contracts",
            Self::AssistanceTransactions => "transactions of assistance",
            Self::Subawards => "subawards",
            Self::Listing => "a listing of transactions",
        }
    }

    /// The columns without which a file of this form says nothing of use, and that it lacks.
    pub fn lacks<R: Read>(self, table: &Table<R>) -> Vec<&'static str> {
        let needed: &[&str] = match self {
            Self::Contracts | Self::Assistance => &["recipient_name", "total_obligated_amount"],
            Self::ContractTransactions | Self::AssistanceTransactions => {
                &["recipient_name", "federal_action_obligation"]
            }
            Self::Subawards => &["subaward_number", "subaward_amount", "subawardee_name"],
            Self::Listing => &["recipient name", "federal action obligation"],
        };
        needed.iter().copied().filter(|column| !table.has(column)).collect()
    }

    /// Whether a row is one transaction of an award. A subaward is reported again and again under
    /// one number, each time with what was newly paid: its reports add up.
    pub const fn is_of_transactions(self) -> bool {
        !matches!(self, Self::Contracts | Self::Assistance)
    }

    /// The columns that have a thing, the first that says something counts.
    pub const fn columns(self, field: Field) -> &'static [&'static str] {
        match self {
            Self::Subawards => of_subawards(field),
            Self::Listing => of_listing(field),
            Self::Contracts | Self::Assistance => match field {
                Field::Transaction | Field::Modification | Field::Correction => &[],
                Field::Obligated => &["total_obligated_amount"],
                Field::SignedOn => &["award_base_action_date"],
                Field::LatestOn => &["award_latest_action_date"],
                _ => of_primes(field),
            },
            Self::ContractTransactions | Self::AssistanceTransactions => match field {
                Field::Obligated => &["federal_action_obligation"],
                Field::SignedOn | Field::LatestOn => &["action_date"],
                _ => of_primes(field),
            },
        }
    }
}

/// Of contracts and assistance; in either there are columns that the other has not.
const fn of_primes(field: Field) -> &'static [&'static str] {
    match field {
        Field::Key => &["contract_award_unique_key", "assistance_award_unique_key"],
        Field::Transaction => {
            &["contract_transaction_unique_key", "assistance_transaction_unique_key"]
        }
        Field::Modification => &["modification_number"],
        Field::Correction => &["correction_delete_ind", "correction_delete_indicator"],
        Field::AwardId => &["award_id_piid", "award_id_fain", "award_id_uri"],
        Field::ParentAwardId => &["parent_award_id_piid", "parent_award_id"],
        Field::AwardOrVehicle => &["award_or_idv_flag"],
        Field::AwardType => &["award_type"],
        Field::Name => &["recipient_name"],
        Field::RawName => &["recipient_name_raw"],
        Field::DoingBusinessAs => &["recipient_doing_business_as_name"],
        Field::Uei => &["recipient_uei"],
        Field::Duns => &["recipient_duns"],
        Field::Cage => &["cage_code"],
        Field::Parent => &["recipient_parent_name"],
        Field::ParentUei => &["recipient_parent_uei"],
        Field::Address => &["recipient_address_line_1"],
        Field::City => &["recipient_city_name"],
        Field::State => &["recipient_state_code"],
        Field::AwardingCode => &["awarding_agency_code"],
        Field::AwardingSubCode => &["awarding_sub_agency_code"],
        Field::AwardingSubName => &["awarding_sub_agency_name"],
        Field::FundingCode => &["funding_agency_code"],
        Field::FundingSubCode => &["funding_sub_agency_code"],
        Field::FundingSubName => &["funding_sub_agency_name"],
        Field::StartsOn => &["period_of_performance_start_date"],
        Field::EndsOn => &["period_of_performance_current_end_date"],
        Field::OrdersUntil => &["ordering_period_end_date"],
        Field::Current => &["current_total_value_of_award"],
        Field::Ceiling => &["potential_total_value_of_award"],
        Field::Naics => &["naics_code"],
        Field::Psc => &["product_or_service_code"],
        Field::Description => &[
            "prime_award_base_transaction_description",
            "transaction_description",
            "award_description",
        ],
        Field::Obligated | Field::SignedOn | Field::LatestOn | Field::Prime => &[],
    }
}

/// The name that a subawardee is said to do business under is often another firm's: it is not
/// read. Nor is the prime award's period of performance, which is not the subaward's.
const fn of_subawards(field: Field) -> &'static [&'static str] {
    match field {
        Field::Key => &["prime_award_unique_key"],
        Field::AwardId => &["subaward_number"],
        Field::ParentAwardId => &["prime_award_piid", "prime_award_fain"],
        Field::Prime => &["prime_awardee_name"],
        Field::Name => &["subawardee_name"],
        Field::Uei => &["subawardee_uei"],
        Field::Duns => &["subawardee_duns"],
        Field::Parent => &["subawardee_parent_name"],
        Field::ParentUei => &["subawardee_parent_uei"],
        Field::Address => &["subawardee_address_line_1"],
        Field::City => &["subawardee_city_name"],
        Field::State => &["subawardee_state_code"],
        Field::AwardingCode => &["prime_award_awarding_agency_code"],
        Field::AwardingSubCode => &["prime_award_awarding_sub_agency_code"],
        Field::AwardingSubName => &["prime_award_awarding_sub_agency_name"],
        Field::FundingCode => &["prime_award_funding_agency_code"],
        Field::FundingSubCode => &["prime_award_funding_sub_agency_code"],
        Field::FundingSubName => &["prime_award_funding_sub_agency_name"],
        Field::SignedOn | Field::LatestOn => &["subaward_action_date"],
        // Its own end is not told; it does not outlast the award that it stands under.
        Field::EndsOn => &["prime_award_period_of_performance_current_end_date"],
        Field::Obligated => &["subaward_amount"],
        Field::Naics => &["prime_award_naics_code"],
        Field::Description => &["subaward_description"],
        _ => &[],
    }
}

const fn of_listing(field: Field) -> &'static [&'static str] {
    match field {
        Field::Key => &["generated award id"],
        Field::Modification => &["modification"],
        Field::AwardId => &["award id"],
        Field::Name => &["recipient name"],
        Field::SignedOn | Field::LatestOn => &["action date"],
        Field::Obligated => &["federal action obligation"],
        Field::Description => &["transaction description"],
        _ => &[],
    }
}
