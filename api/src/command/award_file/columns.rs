//! The formats of award files, and the columns of each field in a format. Column names are those of
//! USAspending, in lower case, followed by their names in earlier years.
use std::collections::BTreeSet;
use std::io::Read;

use crate::command::table::{Table, column_name};

/// The format of an award file, detected by its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
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

/// A field of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Key,
    Transaction,
    Modification,
    /// The mark of a deleted transaction in a delta download.
    Correction,
    /// The number of a transaction with the same modification.
    TransactionNumber,
    /// The day on which the source last modified the row.
    ModifiedOn,
    AwardId,
    /// The two numbers of assistance, of which an award has one or both.
    Fain,
    Uri,
    /// The number of an assistance program.
    ProgramNumber,
    /// Whether a row of assistance is an aggregate (1).
    RecordType,
    ParentAwardId,
    ParentAgency,
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

/// The number of fields.
const FIELD_COUNT: usize = Field::Description as usize + 1;

/// All fields, in the order of their definition.
const FIELDS: [Field; FIELD_COUNT] = [
    Field::Key,
    Field::Transaction,
    Field::Modification,
    Field::Correction,
    Field::TransactionNumber,
    Field::ModifiedOn,
    Field::AwardId,
    Field::Fain,
    Field::Uri,
    Field::ProgramNumber,
    Field::RecordType,
    Field::ParentAwardId,
    Field::ParentAgency,
    Field::Prime,
    Field::AwardOrVehicle,
    Field::AwardType,
    Field::Name,
    Field::RawName,
    Field::DoingBusinessAs,
    Field::Uei,
    Field::Duns,
    Field::Cage,
    Field::Parent,
    Field::ParentUei,
    Field::Address,
    Field::City,
    Field::State,
    Field::AwardingCode,
    Field::AwardingSubCode,
    Field::AwardingSubName,
    Field::FundingCode,
    Field::FundingSubCode,
    Field::FundingSubName,
    Field::SignedOn,
    Field::StartsOn,
    Field::EndsOn,
    Field::OrdersUntil,
    Field::LatestOn,
    Field::Obligated,
    Field::Current,
    Field::Ceiling,
    Field::Naics,
    Field::Psc,
    Field::Description,
];

// Each field is at its own index.
const _: () = {
    let mut index = 0;
    while index < FIELD_COUNT {
        assert!(FIELDS[index] as usize == index);
        index += 1;
    }
};

/// Where a table has each field, found once for all of its rows.
pub struct FieldColumns([Vec<(&'static str, usize)>; FIELD_COUNT]);

impl FieldColumns {
    /// Finds the columns of a format's fields in a table.
    pub fn new<R: Read>(format: FileFormat, table: &Table<R>) -> Self {
        Self(FIELDS.map(|field| {
            let columns = format.columns(field).iter();
            columns.filter_map(|column| Some((*column, table.column_index(column)?))).collect()
        }))
    }

    /// Returns the columns of a field that the table has, with their indexes from 0. The first that is
    /// not blank counts.
    pub fn of(&self, field: Field) -> &[(&'static str, usize)] {
        self.0.get(field as usize).map_or(&[], Vec::as_slice)
    }
}

/// The key columns of each format, for the message about another file.
pub const EXPECTED_COLUMNS: &str = "contract_award_unique_key (summaries or transactions of contracts), \
    assistance_award_unique_key (of assistance), prime_award_unique_key (subawards) or Generated \
    Award ID (a listing of transactions)";

/// Returns what another table is likely to be, by its columns.
pub fn describe_kind<R: Read>(table: &Table<R>) -> Option<&'static str> {
    let kinds: [(&[&str], &str); 10] = [
        (
            &["dollarsobligated"],
            "a file that USAspending published before 2017; download its years again from the award \
            data archive",
        ),
        (
            &["treasury_account_symbol"],
            "account data of USAspending, which has no recipients; download award data",
        ),
        (
            &["federal_account_symbol"],
            "account data of USAspending, which has no recipients; download award data",
        ),
        (
            &["recipient name", "federal action obligation"],
            "a listing of USAspending's search for transactions without the column Generated Award ID",
        ),
        (
            &["recipient name", "award amount"],
            "a listing of USAspending's search for awards, which has no keys; download award data",
        ),
        (
            &["recipient_name", "award_amount"],
            "a listing of USAspending's search for awards, which has no keys; download award data",
        ),
        (&["date signed", "action obligation"], "a report of FPDS; download it from USAspending"),
        (&["legal business name"], "an extract of SAM.gov, which has firms and no awards"),
        (&["number", "department", "vendor"], "a list of contracts; see candor import contracts"),
        (&["number", "name"], "a list of vendors; see candor import vendors"),
    ];
    let mut found =
        kinds.iter().filter(|(columns, _)| columns.iter().all(|it| table.has_column(it)));
    found.next().map(|(_, kind)| *kind)
}

impl FileFormat {
    /// Detects the format of a table; `None` if it is not an award file.
    pub fn detect<R: Read>(table: &Table<R>) -> Option<Self> {
        Self::of_columns(|column| table.has_column(column))
    }

    /// Detects the format by the cells of a header; `None` if it is not an award file's.
    pub fn of_header(cells: &[String]) -> Option<Self> {
        let names: BTreeSet<String> = cells.iter().map(|cell| column_name(cell)).collect();
        Self::of_columns(|column| names.contains(column))
    }

    fn of_columns(has_column: impl Fn(&str) -> bool) -> Option<Self> {
        let transaction_keys =
            ["contract_transaction_unique_key", "assistance_transaction_unique_key"];
        // Transaction downloads also have the award's totals, in every row.
        let has_transactions =
            transaction_keys.iter().chain(&["federal_action_obligation"]).any(|it| has_column(it));
        // The downloads of 2017 to 2018, which have the years from 2013 on, have no keys. A key follows
        // from the award's number and the agency.
        let has_number =
            |column: &str| has_column(column) && has_column("awarding_sub_agency_code");
        if has_column("prime_award_unique_key") {
            Some(Self::Subawards)
        } else if has_column("contract_award_unique_key") || has_number("award_id_piid") {
            Some(if has_transactions { Self::ContractTransactions } else { Self::Contracts })
        } else if has_column("assistance_award_unique_key")
            || has_number("award_id_fain")
            || has_number("award_id_uri")
        {
            Some(if has_transactions { Self::AssistanceTransactions } else { Self::Assistance })
        } else {
            has_column("generated award id").then_some(Self::Listing)
        }
    }

    /// Returns the name of the format in messages.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Contracts => "award summaries of contracts",
            Self::Assistance => "award summaries of assistance",
            Self::ContractTransactions => "transactions of contracts",
            Self::AssistanceTransactions => "transactions of assistance",
            Self::Subawards => "subawards",
            Self::Listing => "a listing of transactions",
        }
    }

    /// Returns the required columns that a table lacks.
    pub fn missing_columns<R: Read>(self, table: &Table<R>) -> Vec<&'static str> {
        let required: &[&str] = match self {
            Self::Contracts | Self::Assistance => &["recipient_name", "total_obligated_amount"],
            Self::ContractTransactions | Self::AssistanceTransactions => {
                &["recipient_name", "federal_action_obligation"]
            }
            Self::Subawards => &["subaward_number", "subaward_amount", "subawardee_name"],
            Self::Listing => &["recipient name", "federal action obligation"],
        };
        required.iter().copied().filter(|column| !table.has_column(column)).collect()
    }

    /// Returns whether a row is one transaction, so that the rows of an award are summed. A subaward
    /// is reported repeatedly under one number, each time with the newly paid amount.
    pub const fn has_transactions(self) -> bool {
        !matches!(self, Self::Contracts | Self::Assistance)
    }

    /// Returns the columns of a field. The first that is not blank counts.
    pub const fn columns(self, field: Field) -> &'static [&'static str] {
        match self {
            Self::Subawards => subaward_columns(field),
            Self::Listing => listing_columns(field),
            Self::Contracts | Self::Assistance => match field {
                Field::Transaction
                | Field::TransactionNumber
                | Field::Modification
                | Field::Correction => &[],
                Field::Obligated => &["total_obligated_amount"],
                Field::SignedOn => &["award_base_action_date"],
                Field::LatestOn => &["award_latest_action_date"],
                _ => prime_columns(field),
            },
            Self::ContractTransactions | Self::AssistanceTransactions => match field {
                Field::Obligated => &["federal_action_obligation"],
                Field::SignedOn | Field::LatestOn => &["action_date"],
                _ => prime_columns(field),
            },
        }
    }
}

/// The columns of prime awards. Contracts and assistance each have only some of them.
const fn prime_columns(field: Field) -> &'static [&'static str] {
    match field {
        Field::Key => &["contract_award_unique_key", "assistance_award_unique_key"],
        Field::Transaction => {
            &["contract_transaction_unique_key", "assistance_transaction_unique_key"]
        }
        Field::Modification => &["modification_number"],
        Field::Correction => &[
            "correction_delete_ind",
            "correction_delete_indicator",
            "correction_late_delete_indicator",
        ],
        Field::TransactionNumber => &["transaction_number"],
        Field::ModifiedOn => &["last_modified_date"],
        Field::AwardId => &["award_id_piid", "award_id_fain", "award_id_uri"],
        Field::Fain => &["award_id_fain"],
        Field::Uri => &["award_id_uri"],
        Field::ProgramNumber => &["cfda_number"],
        Field::RecordType => &["record_type_code"],
        Field::ParentAwardId => &["parent_award_id_piid", "parent_award_id"],
        Field::ParentAgency => &["parent_award_agency_id"],
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

/// The columns of subawards. The subawardee's "doing business as" name is not used, because it is
/// often another firm's name; nor is the start of the prime award, which is not the subaward's.
const fn subaward_columns(field: Field) -> &'static [&'static str] {
    match field {
        Field::Key => &["prime_award_unique_key"],
        Field::ModifiedOn => &["subaward_fsrs_report_last_modified_date"],
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
        // A subaward's own end is not reported; it cannot be later than the prime award's.
        Field::EndsOn => &["prime_award_period_of_performance_current_end_date"],
        Field::Obligated => &["subaward_amount"],
        Field::Naics => &["prime_award_naics_code"],
        Field::Description => &["subaward_description"],
        _ => &[],
    }
}

const fn listing_columns(field: Field) -> &'static [&'static str] {
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
