//! Seeds the demonstration city through the services, at times around now, so that the gate decides
//! everything in it and the ledger records it.
use anyhow::{Context, Result, anyhow};
use candor_schema::bidding::model::{SolicitationAmendment, SolicitationId, SolicitationInput};
use candor_schema::bidding::service as bidding;
use candor_schema::contracting::service::process_pending;
use candor_schema::database::Database;
use candor_schema::gate::Policy;
use candor_schema::organization::model::{
    DepartmentId, DepartmentInput, OfficerInput, OrganizationId, OrganizationInput, Party, Role,
};
use candor_schema::organization::service as organization;
use candor_schema::policy::service::{PublicationError, insert_version};
use candor_schema::user_message::UserMessage;
use chrono::{DateTime, Days, TimeDelta, Utc};

use super::city::{
    CANCELED_SOLICITATION, CLOSING_SOLICITATION, DEPARTMENTS, EXTENDED_SOLICITATION, FIRMS,
    JOINT_VENTURE, JOINT_VENTURE_MEMBERS, OPEN_SOLICITATION, SOLICITATIONS,
};
use super::seeding::{CityState, Seeding, officer, signatory};
use crate::command::fault_message;

/// The policy of the demonstration.
const FIRST_POLICY: &str = include_str!("../../../../policies/version-1.toml");

/// Time from the start until the closing solicitation is due.
const CLOSES_AFTER: TimeDelta = TimeDelta::minutes(2);
/// Days since the first policy took effect: before the oldest filing.
const LAW: u64 = 900;
/// Days since the firms registered.
const REGISTERED: i64 = 700;

/// The identifiers of the seeded city that the welcome text and the tours use.
#[derive(Clone, Debug)]
pub struct Seeded {
    /// The firm that has never filed, and the subject of its signatory.
    pub firm: OrganizationId,
    pub firm_name: &'static str,
    pub signatory: String,
    /// A solicitation that takes bids.
    pub open: SolicitationId,
    /// A solicitation whose bids are opened.
    pub opened: SolicitationId,
    /// The solicitation that is due minutes after the start, and its due time (UTC).
    pub closing: SolicitationId,
    pub closes_at: DateTime<Utc>,
    /// A contract officer of the departments of all three.
    pub officer: String,
}

/// Seeds the city in an empty, migrated database and returns its identifiers.
///
/// # Errors
/// If the database is not empty, or anything in it is refused.
pub async fn seed(database: &Database, now: DateTime<Utc>) -> Result<Seeded> {
    let seeding = Seeding { database, now };
    seeding.law().await?;
    let departments = seeding.departments().await?;
    let firms = seeding.firms().await?;
    let mut solicitations = Vec::new();
    for place in 0..SOLICITATIONS.len() {
        solicitations.push(seeding.solicitation(place, &departments).await?);
    }
    let mut city =
        CityState { firms, solicitations, filed: vec![None; FIRMS.len()], suspension: None };
    // Deadlines between two events are processed at their own time.
    for (at, event) in seeding.events() {
        seeding.apply(&mut city, at, event).await.with_context(|| format!("{event:?}"))?;
        process_pending(database, at).await.map_err(fault_message)?;
    }
    let CityState { firms, solicitations, .. } = city;
    seeding.afterwards(&solicitations, &departments).await?;
    seeding.contracts(&departments, &firms).await?;
    process_pending(database, now).await.map_err(fault_message)?;
    Ok(Seeded {
        firm: firms[0],
        firm_name: FIRMS[0].0,
        signatory: signatory(0),
        open: solicitations[OPEN_SOLICITATION],
        opened: solicitations[0],
        closing: solicitations[CLOSING_SOLICITATION],
        closes_at: now + CLOSES_AFTER,
        officer: officer("LIB"),
    })
}

impl Seeding<'_> {
    async fn law(&self) -> Result<()> {
        let refused = |words: Vec<String>| anyhow!("the first policy: {}", words.join("; "));
        let problems = |problems: Vec<candor_schema::gate::PolicyProblem>| {
            refused(problems.iter().map(ToString::to_string).collect())
        };
        let begins = self.now.date_naive() - Days::new(LAW);
        let policy =
            Policy::parse(FIRST_POLICY).and_then(|policy| policy.with_effective_date(begins));
        // One person shows every role.
        let policy = policy.map_err(problems)?.with_second_person_required(false);
        match insert_version(self.database, &policy, self.at(-i64::try_from(LAW)?)).await {
            Ok(_) => Ok(()),
            Err(PublicationError::Refused(messages)) => {
                Err(refused(messages.iter().map(UserMessage::english).collect()))
            }
            Err(PublicationError::Fault(fault)) => Err(fault_message(fault)),
        }
    }

    async fn departments(&self) -> Result<Vec<DepartmentId>> {
        let at = self.at(-REGISTERED);
        let admin = self.viewer("demo:admin", None, Role::Admin, at).await?;
        let mut departments = Vec::new();
        for (code, name, contact) in DEPARTMENTS {
            let input = DepartmentInput {
                code: code.to_owned(),
                name: name.to_owned(),
                contact: contact.to_owned(),
            };
            let row = organization::create_department(self.database, &admin, &input).await;
            let row = row.map_err(fault_message)?;
            let email = format!("{}.officer@city.example", code.to_lowercase());
            let input = OfficerInput { department_id: row.id, email };
            organization::add_officer(self.database, &admin, &input)
                .await
                .map_err(fault_message)?;
            departments.push(row.id);
        }
        Ok(departments)
    }

    async fn firms(&self) -> Result<Vec<OrganizationId>> {
        let mut firms: Vec<OrganizationId> = Vec::new();
        for (place, (name, kind, _)) in FIRMS.iter().enumerate() {
            let viewer = self.firm_viewer(place, self.at(-REGISTERED)).await?;
            let members = if place == JOINT_VENTURE { &JOINT_VENTURE_MEMBERS[..] } else { &[] };
            let members = members.iter().map(|member| Party {
                organization_id: Some(firms[*member]),
                name: FIRMS[*member].0.to_owned(),
                identifier: None,
            });
            let input = OrganizationInput {
                kind: *kind,
                legal_name: (*name).to_owned(),
                doing_business_as: Vec::new(),
                identifiers: Vec::new(),
                identifiers_checked: false,
                disputed: false,
                address: None,
                immediate_owner: None,
                highest_owner: None,
                predecessors: Vec::new(),
                joint_venture_members: members.collect(),
            };
            let include = organization::OrganizationInclude::default();
            let made =
                organization::register_organization(self.database, &viewer, input, include).await;
            firms.push(made.map_err(fault_message)?.organization.row.id);
        }
        Ok(firms)
    }

    async fn solicitation(
        &self,
        place: usize,
        departments: &[DepartmentId],
    ) -> Result<SolicitationId> {
        let (code, number, title, method, public_works, published, due) = SOLICITATIONS[place];
        let due_at =
            if place == CLOSING_SOLICITATION { self.now + CLOSES_AFTER } else { self.at(due) };
        let department = DEPARTMENTS.iter().position(|(own, ..)| *own == code);
        let department = department.ok_or_else(|| anyhow!("no department {code}"))?;
        let viewer = self.officer_viewer(code, self.at(published)).await?;
        let input = SolicitationInput {
            department_id: departments[department],
            number: number.to_owned(),
            title: title.to_owned(),
            description: format!("{title}. The specification is with the department."),
            method,
            public_works,
            due_at,
        };
        let include = bidding::SolicitationInclude::default();
        let drafted = bidding::create_solicitation(self.database, &viewer, input, include).await;
        let id = drafted.map_err(fault_message)?.record.id;
        bidding::publish_solicitation(self.database, &viewer, id, include)
            .await
            .map_err(fault_message)?;
        Ok(id)
    }

    /// Issues an addendum, cancels a solicitation, and drafts one.
    async fn afterwards(
        &self,
        solicitations: &[SolicitationId],
        departments: &[DepartmentId],
    ) -> Result<()> {
        let include = bidding::SolicitationInclude::default();
        let viewer =
            self.officer_viewer(SOLICITATIONS[EXTENDED_SOLICITATION].0, self.at(-1)).await?;
        let amendment = SolicitationAmendment {
            id: solicitations[EXTENDED_SOLICITATION],
            addendum: Some("Bids are due five days later than announced.".to_owned()),
            title: None,
            description: None,
            due_at: Some(self.at(SOLICITATIONS[EXTENDED_SOLICITATION].6 + 5)),
        };
        bidding::amend_solicitation(self.database, &viewer, amendment, include)
            .await
            .map_err(fault_message)?;
        let viewer =
            self.officer_viewer(SOLICITATIONS[CANCELED_SOLICITATION].0, self.at(-1)).await?;
        let reason = "The program's funds were moved to next year.";
        let id = solicitations[CANCELED_SOLICITATION];
        bidding::cancel_solicitation(self.database, &viewer, id, reason, include)
            .await
            .map_err(fault_message)?;
        let viewer = self.officer_viewer("GSD", self.at(-1)).await?;
        let input = SolicitationInput {
            department_id: departments[6],
            number: "GSD-26-055".to_owned(),
            title: "Office paper and printing".to_owned(),
            description: String::new(),
            method: candor_schema::gate::AwardMethod::Bids,
            public_works: false,
            due_at: self.at(40),
        };
        bidding::create_solicitation(self.database, &viewer, input, include)
            .await
            .map_err(fault_message)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use candor_schema::verify::verify;
    use chrono::Utc;
    use sea_orm::{ConnectionTrait, Statement};

    use super::{Database, process_pending, seed};
    use crate::command::migrate;

    #[tokio::test]
    async fn the_city_has_bids_in_every_state_and_verifies() {
        let file = std::env::temp_dir().join(format!("candor-demo-{}.db", std::process::id()));
        let database = Database::open(&format!("sqlite://{}", file.display())).await;
        let database = database.expect("a database in a temporary file");
        migrate::up(&database).await.expect("tables");
        let now = Utc::now();
        seed(&database, now).await.expect("a city");
        let count = async |sql: &str| -> i64 {
            let engine = database.read.get_database_backend();
            let row = database.read.query_one_raw(Statement::from_string(engine, sql)).await;
            let row = row.expect(sql).expect("a row");
            row.try_get_by_index(0).expect("a number")
        };
        assert_eq!(count("SELECT count(*) FROM organization").await, 48);
        for status in ["ADMITTED", "HELD", "REFUSED", "WITHDRAWN", "CLOSED"] {
            let sql = format!("SELECT count(*) FROM bid WHERE status = '{status}'");
            assert!(count(&sql).await > 0, "{status}");
        }
        for status in ["FILED", "SUPERSEDED", "WITHDRAWN"] {
            let sql = format!("SELECT count(*) FROM disclosure WHERE status = '{status}'");
            assert!(count(&sql).await > 0, "{status}");
        }
        assert!(count("SELECT count(*) FROM disclosure_draft").await > 0);
        // The reviewers' queue.
        let opened = "SELECT count(*) FROM bid JOIN solicitation s ON s.id = solicitation_id
            WHERE s.due_at < ";
        let opened = count(&format!("{opened}'{}'", now.format("%FT%T"))).await;
        assert!(opened >= 60, "{opened} bids are open to her");
        for state in ["UNREVIEWED", "CLARIFICATION_REQUESTED", "ACCEPTED", "REJECTED"] {
            let sql = format!("SELECT count(*) FROM disclosure WHERE review = '{state}'");
            assert!(count(&sql).await > 0, "{state}");
        }
        for state in ["OPEN", "ANSWERED"] {
            let sql = format!("SELECT count(*) FROM clarification WHERE status = '{state}'");
            assert!(count(&sql).await > 0, "{state}");
        }
        assert_eq!(count("SELECT count(*) FROM appeal WHERE outcome IS NULL").await, 1);
        assert_eq!(count("SELECT count(*) FROM contract").await, 14);
        for readiness in ["ADMIT", "REVIEW", "BLOCK"] {
            let sql = format!("SELECT count(*) FROM contract WHERE readiness = '{readiness}'");
            assert!(count(&sql).await > 0, "{readiness}");
        }
        let lapsed = "SELECT count(*) FROM contract WHERE noncompliance_code = ";
        for rule in ["disclosure.stale", "exemption.follow_up_overdue"] {
            assert!(count(&format!("{lapsed}'{rule}'")).await > 0, "{rule}");
        }
        let curable = "SELECT count(*) FROM bid WHERE status = 'HELD' AND cure_by > ";
        assert!(count(&format!("{curable}'{}'", now.format("%FT%T"))).await > 0);
        let swept = process_pending(&database, now).await.expect("a sweep");
        assert_eq!(swept.changed, 0, "it is as the service would have left it");
        assert_eq!(verify(&database, now, |_| ()).await.expect("a report").wrong, None);
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
        }
    }
}
