//! OCDS 1.1 (<https://standard.open-contracting.org/1.1/en/>): releases and records, with the bids extension
//! and the disclosures extension of `openapi/ocds`.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::bidding::model::{BidStatus, SolicitationId, SolicitationStatus};
use crate::canonical::canonical;
use crate::contracting::model::ContractId;
use crate::disclosure::model::{DisclosureId, DisclosureStatus};
use crate::fault::Result;
use crate::gate::{AwardMethod, ContractAction};
use crate::open_data::entity::{amendment, bid, contract, disclosure, party, process, tender};
use crate::open_data::model::{OCID_PREFIX, ProcessKind};
use crate::open_data::store::ProcessRows;
use crate::organization::model::{DepartmentId, OrganizationId};

/// The hexadecimal digits of the digest of its content in the id of a release.
const ID_DIGITS: usize = 16;

/// The release of a process.
#[derive(Clone, Debug)]
pub struct Release {
    /// The TypeID of the process.
    pub process: String,
    pub ocid: String,
    pub json: Value,
}

/// When releases are written.
#[derive(Clone, Copy, Debug)]
pub struct WrittenAt {
    pub now: DateTime<Utc>,
    /// The local day of the City.
    pub today: NaiveDate,
}

/// Writes the release of each process, in their order.
///
/// # Errors
/// As [`canonical`].
pub fn write_releases(
    processes: &[process::Model],
    rows: &ProcessRows,
    at: WrittenAt,
) -> Result<Vec<Release>> {
    let releases = processes.iter().filter_map(|process| match process.kind {
        ProcessKind::Solicitation => {
            let id = SolicitationId::from_uuid(process.process_id);
            let tender = rows.tenders.iter().find(|tender| tender.solicitation_id == id)?;
            let contracts = rows.contracts.iter().filter(|it| it.solicitation_id == Some(id));
            let contracts: Vec<_> = contracts.collect();
            Some(Writer::new(rows, at).write(id.to_string(), Some(tender), &contracts))
        }
        ProcessKind::Contract => {
            let id = ContractId::from_uuid(process.process_id);
            let contract = rows.contracts.iter().find(|contract| contract.contract_id == id)?;
            Some(Writer::new(rows, at).write(id.to_string(), None, &[contract]))
        }
    });
    releases.collect()
}

/// Writes the record of a process: its release, and the same compiled.
pub fn write_record(release: Release) -> Value {
    let Release { ocid, json, .. } = release;
    let mut compiled = json.clone();
    compiled["tag"] = json!(["compiled"]);
    compiled["id"] = json!(format!("{}-compiled", json["id"].as_str().unwrap_or_default()));
    json!({ "ocid": ocid, "releases": [json], "compiledRelease": compiled })
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Formats a day as OCDS has dates: with a time.
fn day(day: NaiveDate) -> String {
    format!("{day}T00:00:00Z")
}

/// Returns an amount, which OCDS has as a JSON number.
fn value(cents: i64, currency: &str) -> Value {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a JSON number of OCDS is a float for its readers"
    )]
    let amount = cents as f64 / 100.0;
    json!({ "amount": amount, "currency": currency })
}

/// Removes nulls and empty lists and objects, which OCDS discourages.
fn without_empty(value: Value) -> Value {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, without_empty(value)));
            Value::Object(fields.filter(|(_, value)| !is_empty(value)).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_empty).collect()),
        value => value,
    }
}

const fn procurement_method(method: AwardMethod) -> &'static str {
    match method {
        AwardMethod::Bids | AwardMethod::Proposals => "open",
        AwardMethod::Cooperative | AwardMethod::SmallPurchase => "limited",
        AwardMethod::SoleSource
        | AwardMethod::Emergency
        | AwardMethod::LeaseOrConcession
        | AwardMethod::Grant => "direct",
    }
}

/// The words of the bids extension.
const fn bid_status(status: BidStatus) -> &'static str {
    match status {
        BidStatus::Admitted | BidStatus::Awarded => "valid",
        BidStatus::Held | BidStatus::Closed => "pending",
        BidStatus::Refused => "disqualified",
        BidStatus::Withdrawn => "withdrawn",
    }
}

const fn action_words(action: ContractAction) -> &'static str {
    match action {
        ContractAction::Renewal => "Renewal",
        ContractAction::Option => "Exercise of an option",
        ContractAction::Extension => "Extension of the term",
        ContractAction::Holdover => "Continuation month to month",
        ContractAction::Assignment => "Assignment to another contractor",
        ContractAction::Amendment => "Amendment",
        ContractAction::TaskOrder => "Task order",
    }
}

/// Writes one release and collects its parties.
struct Writer<'a> {
    rows: &'a ProcessRows,
    at: WrittenAt,
    roles: BTreeMap<OrganizationId, BTreeSet<&'static str>>,
    /// The last change of what the release shows, as far as the rows have its time.
    date: Option<DateTime<Utc>>,
}

impl<'a> Writer<'a> {
    const fn new(rows: &'a ProcessRows, at: WrittenAt) -> Self {
        Self { rows, at, roles: BTreeMap::new(), date: None }
    }

    fn changed(&mut self, at: DateTime<Utc>) {
        self.date = self.date.max(Some(at));
    }

    /// Returns a reference to an organization, which gets a role.
    fn party(&mut self, id: OrganizationId, role: &'static str) -> Value {
        self.roles.entry(id).or_default().insert(role);
        let party = self.rows.parties.get(&id);
        if let Some(party) = party {
            self.changed(party.updated_at);
        }
        json!({ "id": id.to_string(), "name": party.map(|it| &it.legal_name) })
    }

    fn write(
        mut self,
        process: String,
        tender: Option<&tender::Model>,
        contracts: &[&contract::Model],
    ) -> Result<Release> {
        let department = tender
            .map(|it| (it.department_id, &it.department_name))
            .or_else(|| contracts.first().map(|it| (it.department_id, &it.department_name)));
        let mut tags = Vec::new();
        let (mut json_tender, mut bids) = (Value::Null, Vec::new());
        if let Some(tender) = tender {
            let of_tender = |bid: &&bid::Model| bid.solicitation_id == tender.solicitation_id;
            bids = self.rows.bids.iter().filter(of_tender).collect();
            tags.push(match tender.status {
                SolicitationStatus::Canceled => "tenderCancellation",
                SolicitationStatus::Draft | SolicitationStatus::Published => "tender",
            });
            json_tender = self.tender(tender, &bids);
        } else if let Some(contract) = contracts.first() {
            json_tender = json!({
                "id": contract.contract_id.to_string(),
                "title": contract.title,
                "status": "complete",
                "procurementMethod": contract.method.map(procurement_method),
                "procurementMethodDetails": contract.method.map(AwardMethod::as_str),
                "mainProcurementCategory": contract.public_works.then_some("works"),
            });
        }
        if !contracts.is_empty() {
            tags.extend(["award", "contract"]);
        }
        let json_bids: Vec<Value> = bids.iter().map(|bid| self.bid(bid)).collect();
        let awards: Vec<Value> = contracts.iter().map(|contract| self.award(contract)).collect();
        let amended = contracts.iter().map(|contract| self.contract(contract));
        let (json_contracts, is_amended): (Vec<Value>, Vec<bool>) = amended.unzip();
        if is_amended.contains(&true) {
            tags.push("contractAmendment");
        }
        let disclosures = self.disclosures(&bids, contracts);
        let ocid = format!("{OCID_PREFIX}-{process}");
        let date = self.date.unwrap_or(self.at.now);
        let buyer = department.map(|(id, name)| json!({ "id": id.to_string(), "name": name }));
        let mut json = without_empty(json!({
            "ocid": ocid,
            "date": time(date),
            "tag": tags,
            "initiationType": "tender",
            "language": "en",
            "parties": self.parties(department),
            "buyer": buyer,
            "tender": json_tender,
            "bids": { "details": json_bids },
            "awards": awards,
            "contracts": json_contracts,
            "disclosures": disclosures,
        }));
        // Of the content and not of the date: not every change has a time, such as that of a bid's status.
        let digest = canonical(&json)?.sha256;
        json["id"] = json!(format!("{ocid}-{}", &digest[..ID_DIGITS]));
        Ok(Release { process, ocid, json })
    }

    fn tender(&mut self, tender: &tender::Model, bids: &[&bid::Model]) -> Value {
        let published_at = tender.published_at.unwrap_or(tender.created_at);
        self.changed(published_at);
        if let Some(canceled_at) = tender.canceled_at {
            self.changed(canceled_at);
        }
        let is_open = self.at.now <= tender.due_at;
        if !is_open {
            self.changed(tender.due_at);
        }
        let addenda =
            self.rows.addenda.iter().filter(|it| it.solicitation_id == tender.solicitation_id);
        let amendments: Vec<Value> = addenda
            .map(|addendum| {
                self.changed(addendum.issued_at);
                json!({
                    "id": addendum.number.to_string(),
                    "date": time(addendum.issued_at),
                    "description": addendum.text,
                })
            })
            .collect();
        let bidders: BTreeSet<OrganizationId> =
            bids.iter().map(|bid| bid.organization_id).collect();
        let status = match tender.status {
            SolicitationStatus::Canceled => "cancelled",
            SolicitationStatus::Draft | SolicitationStatus::Published if is_open => "active",
            SolicitationStatus::Draft | SolicitationStatus::Published => "complete",
        };
        let number_of_tenderers = (!bidders.is_empty()).then_some(bidders.len());
        json!({
            "id": tender.solicitation_id.to_string(),
            "title": format!("{} {}", tender.number, tender.title),
            "description": tender.description,
            "status": status,
            "procuringEntity": {
                "id": tender.department_id.to_string(), "name": tender.department_name,
            },
            "procurementMethod": procurement_method(tender.method),
            "procurementMethodDetails": tender.method.as_str(),
            "procurementMethodRationale": tender.cancellation_reason,
            "mainProcurementCategory": tender.public_works.then_some("works"),
            "tenderPeriod": { "startDate": time(published_at), "endDate": time(tender.due_at) },
            "numberOfTenderers": number_of_tenderers,
            "tenderers": bidders.into_iter().map(|id| self.party(id, "tenderer")).collect::<Vec<_>>(),
            "amendments": amendments,
        })
    }

    fn bid(&mut self, bid: &bid::Model) -> Value {
        let amount = bid.amount_cents.zip(bid.currency.as_deref());
        json!({
            "id": bid.bid_id.to_string(),
            "date": time(bid.submitted_at),
            "status": bid_status(bid.status),
            "tenderers": [self.party(bid.organization_id, "tenderer")],
            "value": amount.map(|(cents, currency)| value(cents, currency)),
        })
    }

    fn award(&mut self, contract: &contract::Model) -> Value {
        self.changed(contract.recorded_at);
        json!({
            "id": contract.contract_id.to_string(),
            "title": contract.title,
            "status": "active",
            "date": day(contract.signed_on),
            "value": value(contract.value_cents, &contract.currency),
            "suppliers": [self.party(contract.awarded_to, "supplier")],
            "relatedBids": contract.bid_id.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }

    /// Returns a contract, and whether it has amendments.
    fn contract(&mut self, contract: &contract::Model) -> (Value, bool) {
        // Of an assigned contract the holder is a supplier too.
        self.party(contract.organization_id, "supplier");
        let rows = self.rows;
        let amendments = rows.amendments.iter().filter(|it| it.contract_id == contract.contract_id);
        let amendments: Vec<Value> = amendments.map(|it| self.amendment(it)).collect();
        let is_amended = !amendments.is_empty();
        let today = self.at.today;
        let status = if contract.end_date < today {
            "terminated"
        } else if contract.start_date > today {
            "pending"
        } else {
            "active"
        };
        let json = json!({
            "id": contract.contract_id.to_string(),
            "awardID": contract.contract_id.to_string(),
            "title": format!("{} {}", contract.number, contract.title),
            "status": status,
            "period": {
                "startDate": day(contract.start_date), "endDate": day(contract.end_date),
            },
            "value": value(contract.value_cents, &contract.currency),
            "dateSigned": day(contract.signed_on),
            "amendments": amendments,
            "relatedBids": contract.bid_id.iter().map(ToString::to_string).collect::<Vec<_>>(),
        });
        (json, is_amended)
    }

    fn amendment(&mut self, amendment: &amendment::Model) -> Value {
        if let Some(executed_at) = amendment.executed_at {
            self.changed(executed_at);
        }
        let number = amendment.number.as_deref().map(|number| format!(" {number}"));
        let description = format!(
            "{}{}: {} to {}, {} {}.",
            action_words(amendment.action),
            number.unwrap_or_default(),
            amendment.start_date,
            amendment.end_date,
            amendment.currency,
            crate::money::Money { cents: amendment.value_cents, currency: String::new() }.decimal(),
        );
        json!({
            "id": amendment.renewal_id.to_string(),
            "date": amendment.executed_at.map(time),
            "description": description,
        })
    }

    /// Returns the disclosures that the bids and the contracts rest on.
    fn disclosures(&mut self, bids: &[&bid::Model], contracts: &[&contract::Model]) -> Vec<Value> {
        let rests_on = |id: DisclosureId| {
            let bids = bids.iter().filter(|it| it.disclosure_id == Some(id));
            let contracts = contracts
                .iter()
                .filter(|it| [it.award_disclosure_id, it.disclosure_id].contains(&Some(id)));
            let bids: Vec<String> = bids.map(|it| it.bid_id.to_string()).collect();
            let contracts: Vec<String> = contracts.map(|it| it.contract_id.to_string()).collect();
            (bids, contracts)
        };
        let rows = self.rows;
        let mut disclosures = Vec::new();
        for disclosure in &rows.disclosures {
            let (bids, contracts) = rests_on(disclosure.disclosure_id);
            if !bids.is_empty() || !contracts.is_empty() {
                disclosures.push(self.disclosure(disclosure, &bids, &contracts));
            }
        }
        disclosures
    }

    fn disclosure(
        &mut self,
        row: &disclosure::Model,
        bids: &[String],
        contracts: &[String],
    ) -> Value {
        let components =
            self.rows.components.iter().filter(|it| it.disclosure_id == row.disclosure_id);
        let components: Vec<Value> = components
            .map(|it| json!({ "component": it.component.as_str(), "agreements": it.agreements }))
            .collect();
        self.changed(row.filed_at);
        let status = match row.status {
            DisclosureStatus::Draft | DisclosureStatus::Filed => "onFile",
            DisclosureStatus::Superseded => "superseded",
            DisclosureStatus::Withdrawn => "withdrawn",
        };
        json!({
            "id": row.disclosure_id.to_string(),
            "organization": self.party(row.organization_id, "discloser"),
            "version": row.version,
            "status": status,
            "dateFiled": time(row.filed_at),
            "policyVersion": row.policy_version,
            "agreementCount": row.agreements,
            "components": components,
            "dataSharingCount": row.arrangements,
            "hasWithheldParts": row.withheld,
            "relatedBids": bids,
            "relatedContracts": contracts,
        })
    }

    /// Returns the parties with their roles: the department first.
    fn parties(&self, department: Option<(DepartmentId, &String)>) -> Vec<Value> {
        let buyer = department.map(|(id, name)| {
            json!({ "id": id.to_string(), "name": name, "roles": ["buyer", "procuringEntity"] })
        });
        let others = self.roles.iter().map(|(id, roles)| {
            let party = self.rows.parties.get(id);
            json!({
                "id": id.to_string(),
                "name": party.map(|it| &it.legal_name),
                "address": party.and_then(address),
                "roles": roles,
            })
        });
        buyer.into_iter().chain(others).collect()
    }
}

/// Returns the place of a firm. The street stays out, because that of a small firm is somebody's home.
fn address(party: &party::Model) -> Option<Value> {
    party.address.as_ref().map(|address| {
        json!({
            "locality": address.city,
            "region": address.region,
            "countryName": address.country,
        })
    })
}
