//! The contracts of the demonstration city. Most were signed before the ordinance took effect, and
//! end one after another.
use anyhow::{Result, anyhow};
use candor_schema::contracting::model::{
    AwardInput, ContractId, ContractInput, ExemptionInput, RenewalInput, SubjectInput, WaiverInput,
};
use candor_schema::contracting::service as contracting;
use candor_schema::gate::{AwardMethod, ContractAction, ExemptionKind};
use candor_schema::organization::model::{DepartmentId, OrganizationId, Role};
use candor_schema::scalar::Date;
use candor_schema::waiver::model::{ExemptionClaim, WaiverRequest};
use candor_schema::waiver::service as waiver;
use chrono::Days;

use super::city::DEPARTMENTS;
use super::seeding::{Seeding, amount};
use crate::command::fault_message;

/// A contract: department, number, title, the firm's index in [`super::city::FIRMS`], the first and the
/// last day, counted from now, the value in dollars, and the version of its disclosure clause.
type ContractRow = (&'static str, &'static str, &'static str, usize, i64, i64, u32, Option<i32>);

const CONTRACTS: [ContractRow; 13] = [
    ("GSD", "C-24-0300", "Floor care, City Hall East", 10, -1_000, -8, 54_000, Some(1)),
    ("HSG", "C-24-0433", "Meals and beds, two shelters", 41, -960, 12, 1_620_000, None),
    ("LIB", "C-24-0117", "Janitorial services, four branches", 0, -1_100, 20, 412_000, None),
    ("REC", "C-25-0044", "Printing of park maps", 21, -400, 26, 12_000, Some(1)),
    ("LIB", "C-24-0122", "Delivery between branches", 18, -1_000, 34, 88_000, Some(1)),
    ("HSG", "C-23-0410", "Interim shelter, canyon site", 4, -1_200, 45, 1_500_000, Some(1)),
    ("AIR", "C-24-0061", "Analysis of passenger flows", 7, -920, 50, 1_100_000, Some(1)),
    ("ITA", "C-24-0090", "Parking permits and their records", 43, -930, 60, 275_000, Some(1)),
    ("HSG", "C-25-0021", "Guards, three shelters", 27, -500, 75, 640_000, Some(1)),
    ("ITA", "C-24-0101", "Plate readers, parking garages", 9, -950, 90, 910_000, None),
    ("AIR", "C-23-0007", "Screening, cargo terminal", 5, -1_300, 110, 3_200_000, Some(1)),
    ("BSS", "C-24-0777", "Street sweeping, harbor district", 2, -940, 140, 720_000, Some(1)),
    ("PWD", "C-24-0250", "Valves and pumps", 25, -970, 160, 230_000, None),
];
/// Index of the contract with a proposed renewal.
const RENEWED_CONTRACT: usize = 2;
/// Index of the contract whose missing clause is waived.
const WAIVED_CONTRACT: usize = 12;
/// Index of the firm that got an emergency contract without a disclosure and still has none.
const EMERGENCY_FIRM: usize = 24;

impl Seeding<'_> {
    /// Records the contracts, proposes a renewal, grants a waiver and makes an emergency award.
    pub(super) async fn contracts(
        &self,
        departments: &[DepartmentId],
        firms: &[OrganizationId],
    ) -> Result<()> {
        let mut recorded = Vec::new();
        for listed in &CONTRACTS {
            recorded.push(self.record_contract(listed, departments, firms).await?);
        }
        let officer = self.officer_viewer(CONTRACTS[RENEWED_CONTRACT].0, self.at(-1)).await?;
        let renewal = RenewalInput {
            contract_id: recorded[RENEWED_CONTRACT],
            action: ContractAction::Renewal,
            start_date: None,
            end_date: Some(self.day(385)),
            value: Some(amount(420_000)),
            assignee_id: None,
            number: None,
            replaces: None,
        };
        let include = contracting::RenewalInclude::default();
        contracting::propose_renewal(self.database, &officer, &renewal, include)
            .await
            .map_err(fault_message)?;
        self.waive_clause(recorded[WAIVED_CONTRACT]).await?;
        self.award_emergency_contract(departments, firms).await
    }

    fn day(&self, from_now: i64) -> Date {
        let today = self.now.date_naive();
        let days = Days::new(from_now.unsigned_abs());
        let day =
            if from_now < 0 { today.checked_sub_days(days) } else { today.checked_add_days(days) };
        day.unwrap_or(today).into()
    }

    async fn record_contract(
        &self,
        (code, number, title, firm, signed, end, dollars, clause): &ContractRow,
        departments: &[DepartmentId],
        firms: &[OrganizationId],
    ) -> Result<ContractId> {
        let officer = self.officer_viewer(code, self.at(-2)).await?;
        let input = ContractInput {
            department_id: departments[department_index(code)?],
            organization_id: firms[*firm],
            number: (*number).to_owned(),
            title: (*title).to_owned(),
            value: amount(*dollars),
            method: Some(AwardMethod::Bids),
            public_works: false,
            signed_on: None,
            start_date: self.day(*signed),
            end_date: self.day(*end),
            options_left: 1,
            clause_version: *clause,
            master_id: None,
            subcontractors: Vec::new(),
        };
        let include = contracting::ContractInclude::default();
        let made = contracting::record_contract(self.database, &officer, &input, include).await;
        Ok(made.map_err(fault_message)?.row.id)
    }

    /// Requests a waiver of the missing clause as the department and approves it as a supervisor.
    async fn waive_clause(&self, contract: ContractId) -> Result<()> {
        let officer = self.officer_viewer(CONTRACTS[WAIVED_CONTRACT].0, self.at(-2)).await?;
        let input = WaiverInput {
            subject: SubjectInput { contract_id: Some(contract), ..SubjectInput::default() },
            grounds: WaiverRequest {
                rule: "contract.clause_missing".to_owned(),
                purpose: "The pumps of two districts need these valves.".to_owned(),
                alternatives: "Three suppliers were asked; none delivers before May.".to_owned(),
                cost: "Rented pumps for a hundred and twenty days.".to_owned(),
                cost_amount: Some(amount(410_000)),
                authority: "Council File 26-0417".to_owned(),
                expires_on: self.day(120),
            },
        };
        let asked = contracting::request_waiver(self.database, &officer, &input).await;
        let id = asked.map_err(fault_message)?.id;
        let supervisor = self.viewer("demo:supervisor", None, Role::BcaSupervisor, self.at(-1));
        waiver::approve_waiver(self.database, &supervisor.await?, id)
            .await
            .map_err(fault_message)?;
        Ok(())
    }

    /// Awards a contract under an emergency exemption whose time to file a disclosure has ended.
    async fn award_emergency_contract(
        &self,
        departments: &[DepartmentId],
        firms: &[OrganizationId],
    ) -> Result<()> {
        let officer = self.officer_viewer("PWD", self.at(-15)).await?;
        let (department, number) = (departments[department_index("PWD")?], "E-26-0001");
        let claim = ExemptionInput {
            subject: SubjectInput {
                department_id: Some(department),
                contract_number: Some(number.to_owned()),
                ..SubjectInput::default()
            },
            grounds: ExemptionClaim {
                kind: ExemptionKind::Emergency,
                reason: "A main burst, and a school is without water.".to_owned(),
                authority: None,
            },
        };
        contracting::claim_exemption(self.database, &officer, &claim)
            .await
            .map_err(fault_message)?;
        let award = AwardInput {
            bid_id: None,
            department_id: Some(department),
            organization_id: Some(firms[EMERGENCY_FIRM]),
            method: Some(AwardMethod::Emergency),
            public_works: false,
            subcontractors: Vec::new(),
            number: number.to_owned(),
            title: Some("Burst main, emergency repair".to_owned()),
            value: Some(amount(185_000)),
            start_date: self.day(-15),
            end_date: self.day(165),
            options_left: 0,
            clause_version: Some(1),
            awarded_on: None,
        };
        let include = contracting::ContractInclude::default();
        let awarded = contracting::award_contract(self.database, &officer, &award, include).await;
        let awarded = awarded.map_err(fault_message)?.contract;
        awarded.map(|_| ()).ok_or_else(|| anyhow!("the emergency award was not admitted"))
    }
}

/// Returns the index of a department in [`DEPARTMENTS`].
///
/// # Errors
/// If no department has the code.
fn department_index(code: &str) -> Result<usize> {
    let index = DEPARTMENTS.iter().position(|(own, ..)| *own == code);
    index.ok_or_else(|| anyhow!("no department {code}"))
}
