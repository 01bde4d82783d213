//! The keys of awards and transactions: those that a file has, and those of files without keys.
use chrono::NaiveDate;

use super::columns::{Field, FileFormat};
use super::row::RowParser;

/// The part of a key that means no parent award.
pub const NO_PARENT: &str = "-NONE-";
impl RowParser<'_> {
    fn has_column(&self, field: Field) -> bool {
        !self.columns.of(field).is_empty()
    }

    /// Returns the award's key in capitals: the row's, or in files without keys the one that USAspending
    /// gives to the award today.
    pub(super) fn key(&self) -> Result<String, String> {
        if self.has_column(Field::Key) {
            return Ok(self.require_text(Field::Key)?.to_uppercase());
        }
        let part = |field| self.key_part(field);
        let agency = self.agency_code(Field::AwardingSubCode)?;
        let agency =
            agency.ok_or_else(|| format!("it has no {}", self.column(Field::AwardingSubCode)))?;
        let is_assistance =
            matches!(self.format, FileFormat::Assistance | FileFormat::AssistanceTransactions);
        let key = if is_assistance {
            self.require_text(Field::AwardId)?;
            let is_aggregate = self.text(Field::RecordType)?.is_some_and(|it| it == "1")
                || self.text(Field::Fain)?.is_none();
            if is_aggregate {
                format!("ASST_AGG_{}_{agency}", part(Field::Uri)?)
            } else {
                format!("ASST_NON_{}_{agency}", part(Field::Fain)?)
            }
        } else {
            let number = self.require_text(Field::AwardId)?;
            let flag = self.text(Field::AwardOrVehicle)?.unwrap_or_default();
            if flag.eq_ignore_ascii_case("IDV") {
                format!("CONT_IDV_{number}_{agency}")
            } else {
                let parent_agency = self.agency_code(Field::ParentAgency)?;
                let parent_agency = parent_agency.unwrap_or_else(|| NO_PARENT.to_owned());
                let parent = part(Field::ParentAwardId)?;
                format!("CONT_AWD_{number}_{agency}_{parent}_{parent_agency}")
            }
        };
        Ok(key.to_uppercase())
    }

    /// Returns a field's text as a part of a key.
    fn key_part(&self, field: Field) -> Result<String, String> {
        Ok(self.text(field)?.unwrap_or_else(|| NO_PARENT.to_owned()))
    }

    /// Returns the code of a sub-agency, whose leading zeros spreadsheets remove.
    fn agency_code(&self, field: Field) -> Result<Option<String>, String> {
        let pad = |code: String| {
            if code.bytes().all(|it| it.is_ascii_digit()) { format!("{code:0>4}") } else { code }
        };
        Ok(self.text(field)?.map(pad))
    }

    /// Returns the transaction's key: the row's; in files without keys the one that USAspending gives to
    /// it today; else modification, day and amount, so that a repeated transaction counts once.
    pub(super) fn transaction_key(
        &self,
        day: Option<NaiveDate>,
        cents: Option<i64>,
    ) -> Result<String, String> {
        if let Some(key) = self.text(Field::Transaction)? {
            return Ok(key);
        }
        let part = |field| self.key_part(field);
        let modification = self.text(Field::Modification)?;
        let agency = self.agency_code(Field::AwardingSubCode)?;
        if let (false, Some(agency)) = (self.has_column(Field::Key), &agency) {
            let modification = modification.unwrap_or_else(|| "0".to_owned());
            match self.format {
                FileFormat::ContractTransactions => {
                    let parent_agency = self.agency_code(Field::ParentAgency)?;
                    let parent_agency = parent_agency.unwrap_or_else(|| NO_PARENT.to_owned());
                    let (number, parent) = (part(Field::AwardId)?, part(Field::ParentAwardId)?);
                    let count =
                        self.text(Field::TransactionNumber)?.unwrap_or_else(|| "0".to_owned());
                    return Ok(format!(
                        "{agency}_{parent_agency}_{number}_{modification}_{parent}_{count}"
                    ));
                }
                FileFormat::AssistanceTransactions => {
                    let (fain, uri) = (part(Field::Fain)?, part(Field::Uri)?);
                    let program = part(Field::ProgramNumber)?;
                    return Ok(format!("{agency}_{fain}_{uri}_{program}_{modification}"));
                }
                FileFormat::Contracts
                | FileFormat::Assistance
                | FileFormat::Subawards
                | FileFormat::Listing => {}
            }
            return Err("it has no key".to_owned());
        }
        let modification = modification.unwrap_or_default();
        let cents = cents.map(|cents| cents.to_string()).unwrap_or_default();
        if let Some(day) = day {
            return Ok(format!("{modification}|{day}|{cents}"));
        }
        // A day of unknown order still distinguishes transactions.
        let day = self.text(Field::SignedOn)?.unwrap_or_default();
        Ok(format!("{modification}|{day}|{cents}"))
    }
}

/// Returns the keys of the awards that a transaction with a key may belong to:
/// `<agency>_<parent agency>_<PIID>_<modification>_<parent PIID>_<number>` of contracts, and
/// `<agency>_<FAIN>_<URI>_<program>_<modification>` of assistance.
pub fn award_keys_of_transaction(transaction: &str) -> Vec<String> {
    let transaction = transaction.to_uppercase();
    let parts: Vec<&str> = transaction.split('_').collect();
    let mut keys = Vec::new();
    if let [agency, parent_agency, number, _, parent, _] = parts[..] {
        keys.push(format!("CONT_AWD_{number}_{agency}_{parent}_{parent_agency}"));
        keys.push(format!("CONT_IDV_{number}_{agency}"));
    }
    if let [agency, numbers @ ..] = &parts[..] {
        for number in numbers.iter().filter(|number| **number != NO_PARENT) {
            keys.extend(["NON", "AGG"].map(|kind| format!("ASST_{kind}_{number}_{agency}")));
        }
    }
    keys
}

/// The parts of an award's key: `CONT_AWD_<PIID>_<agency>_<parent PIID>_<its agency>`,
/// `CONT_IDV_<PIID>_<agency>` or `ASST_NON_<FAIN>_<agency>`, with the awarding agency.
pub struct AwardKeyParts<'a> {
    id: Option<&'a str>,
    agency: Option<&'a str>,
    parent: Option<&'a str>,
}

impl<'a> AwardKeyParts<'a> {
    pub fn new(key: &'a str) -> Self {
        let parts: Vec<&str> = key.split('_').collect();
        let (id, agency, parent) = match parts[..] {
            ["CONT", "AWD", id, .., agency, parent, _] => (Some(id), Some(agency), Some(parent)),
            ["CONT", "IDV", id, .., agency] | ["ASST", _, id, .., agency] => {
                (Some(id), Some(agency), None)
            }
            _ => (None, None, None),
        };
        Self { id, agency, parent }
    }

    pub fn award_id(&self) -> Option<String> {
        self.id.map(str::to_owned)
    }

    /// Returns the code of the awarding sub-agency, which has four characters; `None` otherwise.
    pub fn agency(&self) -> Option<String> {
        let is_code = |it: &&str| it.len() == 4 && it.bytes().all(|it| it.is_ascii_alphanumeric());
        self.agency.filter(is_code).map(str::to_owned)
    }

    pub fn parent(&self) -> Option<String> {
        self.parent.map(str::to_owned)
    }
}
