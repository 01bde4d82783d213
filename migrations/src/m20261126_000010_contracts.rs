//! Contracts, contract actions such as renewals, waivers and exemptions.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // The decision's composite key requires that a gated award has a decision that admits it.
    // The `…_in_use` columns are TRUE wherever a disclosure is named, so that a
    // disclosure that an award or a contract relies on can be superseded, but not withdrawn.
    "CREATE TABLE contract (
        id {uuid} PRIMARY KEY,
        department_id {uuid} NOT NULL REFERENCES department (id),
        number text NOT NULL CHECK (number <> ''),
        title text NOT NULL CHECK (title <> ''),
        organization_id {uuid} NOT NULL REFERENCES organization (id),
        method text,
        public_works boolean NOT NULL,
        value_cents bigint NOT NULL CHECK (value_cents >= 0),
        currency text NOT NULL CHECK (length(currency) = 3),
        signed_on {date} NOT NULL,
        start_date {date} NOT NULL,
        end_date {date} NOT NULL CHECK (end_date >= start_date),
        options_left bigint NOT NULL CHECK (options_left >= 0),
        clause_version bigint CHECK (clause_version > 0),
        clause_inserted_on {date},
        master_id {uuid} REFERENCES contract (id) CHECK (master_id <> id),
        basis text NOT NULL CHECK (basis IN ('GATED', 'UNGATED', 'RECORDED')),
        awarded_to {uuid} NOT NULL REFERENCES organization (id),
        bid_id {uuid} UNIQUE REFERENCES bid (id),
        decision_id {uuid},
        decision_outcome text CHECK (decision_outcome = 'ADMIT'),
        award_disclosure_id {uuid},
        disclosure_id {uuid},
        recorded_at {time} NOT NULL,
        recorded_by text NOT NULL,
        recorded_from text,
        readiness text NOT NULL CHECK (readiness IN ('ADMIT', 'REVIEW', 'BLOCK')),
        noncompliance_code text,
        noncompliant_since {date},
        status_expires_at {time},
        award_disclosure_in_use boolean GENERATED ALWAYS AS
            (CASE WHEN award_disclosure_id IS NOT NULL THEN TRUE END) STORED,
        disclosure_in_use boolean GENERATED ALWAYS AS
            (CASE WHEN disclosure_id IS NOT NULL THEN TRUE END) STORED,
        UNIQUE (department_id, number),
        FOREIGN KEY (decision_id, id, decision_outcome)
            REFERENCES decision (id, subject_id, outcome),
        FOREIGN KEY (award_disclosure_id, awarded_to, award_disclosure_in_use)
            REFERENCES disclosure (id, organization_id, not_withdrawn),
        FOREIGN KEY (disclosure_id, organization_id, disclosure_in_use)
            REFERENCES disclosure (id, organization_id, not_withdrawn),
        CHECK ((basis = 'GATED') = (decision_id IS NOT NULL)),
        CHECK ((decision_id IS NULL) = (decision_outcome IS NULL)),
        CHECK (basis <> 'RECORDED' OR bid_id IS NULL),
        CHECK (method IS NOT NULL OR basis = 'RECORDED'),
        CHECK ((clause_version IS NULL) = (clause_inserted_on IS NULL)),
        CHECK ((noncompliance_code IS NULL) = (noncompliant_since IS NULL)))",
    "CREATE INDEX contract_by_end ON contract (end_date, id)",
    "CREATE INDEX contract_by_number ON contract (number, id)",
    "CREATE INDEX contract_by_value ON contract (value_cents, id)",
    "CREATE INDEX contract_by_department ON contract (department_id, end_date, id)",
    "CREATE INDEX contract_by_readiness ON contract (readiness, end_date, id)",
    "CREATE INDEX contract_by_organization ON contract (organization_id, end_date, id)",
    "CREATE INDEX contract_by_noncompliance ON contract (noncompliant_since, end_date, id)
        WHERE noncompliant_since IS NOT NULL",
    "CREATE INDEX contract_by_clause ON contract (clause_version, end_date, id)",
    "CREATE INDEX contract_by_master ON contract (master_id) WHERE master_id IS NOT NULL",
    "CREATE INDEX contract_by_awarded_to ON contract (awarded_to)",
    "CREATE INDEX contract_by_award_disclosure ON contract (award_disclosure_id)
        WHERE award_disclosure_id IS NOT NULL",
    "CREATE INDEX contract_by_disclosure ON contract (disclosure_id)
        WHERE disclosure_id IS NOT NULL",
    "CREATE INDEX contract_by_status_expiry ON contract (status_expires_at, id)
        WHERE status_expires_at IS NOT NULL",
    // The organization that a party was resolved to is stored, so that a later claim of an identifier
    // does not change it.
    "CREATE TABLE contract_subcontractor (
        contract_id {uuid} NOT NULL REFERENCES contract (id),
        position bigint NOT NULL CHECK (position >= 0),
        organization_id {uuid},
        name text NOT NULL,
        scheme text,
        value text,
        resolved_by text NOT NULL CHECK (resolved_by IN
            ('ORGANIZATION_ID', 'IDENTIFIER', 'UNRESOLVED')),
        resolved_to {uuid} REFERENCES organization (id),
        resolved_at {time} NOT NULL,
        amount_cents bigint NOT NULL CHECK (amount_cents >= 0),
        currency text NOT NULL CHECK (length(currency) = 3),
        PRIMARY KEY (contract_id, position),
        CHECK ((scheme IS NULL) = (value IS NULL)),
        CHECK ((resolved_by = 'UNRESOLVED') = (resolved_to IS NULL)),
        CHECK (resolved_by <> 'ORGANIZATION_ID' OR resolved_to = organization_id))",
    // The members of the joint venture that holds the contract, at award, recording or assignment.
    "CREATE TABLE contract_member (
        contract_id {uuid} NOT NULL REFERENCES contract (id),
        position bigint NOT NULL CHECK (position >= 0),
        organization_id {uuid},
        name text NOT NULL,
        scheme text,
        value text,
        resolved_by text NOT NULL CHECK (resolved_by IN
            ('ORGANIZATION_ID', 'IDENTIFIER', 'UNRESOLVED')),
        resolved_to {uuid} REFERENCES organization (id),
        resolved_at {time} NOT NULL,
        PRIMARY KEY (contract_id, position),
        CHECK ((scheme IS NULL) = (value IS NULL)),
        CHECK ((resolved_by = 'UNRESOLVED') = (resolved_to IS NULL)),
        CHECK (resolved_by <> 'ORGANIZATION_ID' OR resolved_to = organization_id))",
    "CREATE INDEX contract_subcontractor_by_organization ON contract_subcontractor (resolved_to)",
    "CREATE INDEX contract_subcontractor_by_identifier ON contract_subcontractor (scheme, value)",
    "CREATE INDEX contract_member_by_organization ON contract_member (resolved_to)",
    "CREATE INDEX contract_member_by_identifier ON contract_member (scheme, value)",
    // The holder and value of the contract over time, for exposure on any past day.
    "CREATE TABLE contract_term (
        contract_id {uuid} NOT NULL REFERENCES contract (id),
        sequence bigint NOT NULL CHECK (sequence > 0),
        organization_id {uuid} NOT NULL REFERENCES organization (id),
        from_date {date} NOT NULL,
        until_date {date} NOT NULL,
        value_cents bigint NOT NULL CHECK (value_cents >= 0),
        currency text NOT NULL CHECK (length(currency) = 3),
        PRIMARY KEY (contract_id, sequence))",
    "CREATE INDEX contract_term_by_day ON contract_term (until_date, from_date)",
    // Refused awards. The decision's subject is the contract that was not made.
    "CREATE TABLE award_attempt (
        id {uuid} PRIMARY KEY,
        department_id {uuid} NOT NULL REFERENCES department (id),
        number text NOT NULL CHECK (number <> ''),
        organization_id {uuid} NOT NULL REFERENCES organization (id),
        bid_id {uuid} REFERENCES bid (id),
        decision_id {uuid} NOT NULL,
        decision_outcome text NOT NULL CHECK (decision_outcome <> 'ADMIT'),
        attempted_at {time} NOT NULL,
        attempted_by text NOT NULL,
        UNIQUE (department_id, number, organization_id),
        FOREIGN KEY (decision_id, id, decision_outcome)
            REFERENCES decision (id, subject_id, outcome))",
    "CREATE INDEX award_attempt_by_organization ON award_attempt (organization_id)",
    "CREATE TABLE renewal (
        id {uuid} PRIMARY KEY,
        contract_id {uuid} NOT NULL REFERENCES contract (id),
        action text NOT NULL CHECK (action IN ('RENEWAL', 'OPTION', 'EXTENSION', 'HOLDOVER',
            'ASSIGNMENT', 'AMENDMENT', 'TASK_ORDER')),
        status text NOT NULL CHECK (status IN ('PROPOSED', 'EXECUTED', 'SUPERSEDED')),
        organization_id {uuid} NOT NULL REFERENCES organization (id),
        number text,
        start_date {date} NOT NULL,
        end_date {date} NOT NULL CHECK (end_date >= start_date),
        value_cents bigint NOT NULL CHECK (value_cents >= 0),
        currency text NOT NULL CHECK (length(currency) = 3),
        proposed_at {time} NOT NULL,
        proposed_by text NOT NULL,
        executed_at {time},
        executed_by text,
        basis text CHECK (basis IN ('GATED', 'UNGATED')),
        decision_id {uuid},
        decision_outcome text CHECK (decision_outcome = 'ADMIT'),
        disclosure_id {uuid},
        disclosure_in_use boolean GENERATED ALWAYS AS
            (CASE WHEN disclosure_id IS NOT NULL THEN TRUE END) STORED,
        FOREIGN KEY (decision_id, id, decision_outcome)
            REFERENCES decision (id, subject_id, outcome),
        FOREIGN KEY (disclosure_id, organization_id, disclosure_in_use)
            REFERENCES disclosure (id, organization_id, not_withdrawn),
        CHECK ((status = 'EXECUTED') = (executed_at IS NOT NULL)),
        CHECK ((executed_at IS NULL) = (executed_by IS NULL)),
        CHECK ((status = 'EXECUTED') = (basis IS NOT NULL)),
        CHECK (CASE WHEN basis = 'GATED' THEN decision_id IS NOT NULL
            ELSE decision_id IS NULL END),
        CHECK ((decision_id IS NULL) = (decision_outcome IS NULL)),
        CHECK (disclosure_id IS NULL OR status = 'EXECUTED'))",
    "CREATE UNIQUE INDEX renewal_one_open ON renewal (contract_id) WHERE status = 'PROPOSED'",
    "CREATE INDEX renewal_by_contract ON renewal (contract_id, proposed_at, id)",
    "CREATE INDEX renewal_by_organization ON renewal (organization_id)",
    "CREATE INDEX renewal_by_disclosure ON renewal (disclosure_id)
        WHERE disclosure_id IS NOT NULL",
    // A waiver is for one rule and one subject: an organization on a solicitation, a contract by its
    // number in the department, before or after its award, or a renewal.
    "CREATE TABLE waiver (
        id {uuid} PRIMARY KEY,
        rule text NOT NULL,
        department_id {uuid} NOT NULL REFERENCES department (id),
        organization_id {uuid} REFERENCES organization (id),
        solicitation_id {uuid} REFERENCES solicitation (id),
        contract_number text,
        contract_id {uuid} REFERENCES contract (id),
        renewal_id {uuid} REFERENCES renewal (id),
        purpose text NOT NULL,
        alternatives text NOT NULL,
        cost text NOT NULL,
        cost_cents bigint,
        cost_currency text CHECK (length(cost_currency) = 3),
        authority text NOT NULL,
        expires_on {date} NOT NULL,
        expires_at {time} NOT NULL,
        status text NOT NULL CHECK (status IN ('REQUESTED', 'APPROVED', 'REVOKED')),
        requested_by text NOT NULL,
        requested_at {time} NOT NULL,
        approved_by text,
        approved_at {time},
        revoked_by text,
        revoked_at {time},
        revocation text,
        CHECK ((solicitation_id IS NULL) <> (contract_number IS NULL)),
        CHECK ((solicitation_id IS NULL) = (organization_id IS NULL)),
        CHECK (renewal_id IS NULL OR contract_id IS NOT NULL),
        CHECK (approved_by <> requested_by),
        CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
        CHECK (status <> 'APPROVED' OR approved_by IS NOT NULL),
        CHECK (status <> 'REQUESTED' OR approved_by IS NULL),
        CHECK ((status = 'REVOKED') = (revoked_at IS NOT NULL)),
        CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
        CHECK ((revoked_at IS NULL) = (revocation IS NULL)),
        CHECK ((cost_cents IS NULL) = (cost_currency IS NULL)))",
    "CREATE INDEX waiver_by_solicitation ON waiver (solicitation_id, organization_id)",
    "CREATE INDEX waiver_by_number ON waiver (department_id, contract_number)",
    "CREATE INDEX waiver_by_contract ON waiver (contract_id)",
    "CREATE INDEX waiver_in_effect ON waiver (status, expires_at, contract_id)",
    "CREATE INDEX waiver_by_request ON waiver (requested_at, id)",
    "CREATE INDEX waiver_by_renewal ON waiver (renewal_id)",
    "CREATE TABLE exemption (
        id {uuid} PRIMARY KEY,
        kind text NOT NULL,
        department_id {uuid} NOT NULL REFERENCES department (id),
        organization_id {uuid} REFERENCES organization (id),
        solicitation_id {uuid} REFERENCES solicitation (id),
        contract_number text,
        contract_id {uuid} REFERENCES contract (id),
        renewal_id {uuid} REFERENCES renewal (id),
        reason text NOT NULL CHECK (reason <> ''),
        authority text NOT NULL CHECK (authority <> ''),
        claimed_by text NOT NULL,
        claimed_at {time} NOT NULL,
        CHECK ((solicitation_id IS NULL) <> (contract_number IS NULL)),
        CHECK ((solicitation_id IS NULL) = (organization_id IS NULL)),
        CHECK (renewal_id IS NULL OR contract_id IS NOT NULL))",
    "CREATE INDEX exemption_by_solicitation ON exemption (solicitation_id, organization_id)",
    "CREATE INDEX exemption_by_number ON exemption (department_id, contract_number)",
    "CREATE INDEX exemption_by_contract ON exemption (contract_id)",
    "CREATE INDEX exemption_by_renewal ON exemption (renewal_id)",
    "CREATE INDEX exemption_by_claim ON exemption (claimed_at, id)",
    // Adds the source CONTRACT. SQLite cannot change a CHECK of an existing table, so a new one
    // replaces it.
    "CREATE TABLE reevaluation_next (
        id {uuid} PRIMARY KEY,
        source text NOT NULL CHECK (source IN
            ('ORGANIZATION', 'POLICY', 'SOLICITATION', 'CONTRACT')),
        subject_id {uuid} NOT NULL,
        lifted_rules {json} NOT NULL,
        not_before {time} NOT NULL,
        cursor {uuid},
        failed_at {time},
        lease_id {uuid},
        leased_until {time},
        CHECK ((lease_id IS NULL) = (leased_until IS NULL)))",
    "INSERT INTO reevaluation_next SELECT id, source, subject_id, lifted_rules, not_before,
        cursor, failed_at, lease_id, leased_until FROM reevaluation",
    "DROP TABLE reevaluation",
    "ALTER TABLE reevaluation_next RENAME TO reevaluation",
    "CREATE INDEX reevaluation_by_time ON reevaluation (not_before, id)",
    "CREATE INDEX reevaluation_by_subject ON reevaluation (subject_id, source)",
    "DROP VIEW subject_access",
    // Adds contracts, contract actions and refused awards, which are not sealed.
    "CREATE VIEW subject_access AS
        SELECT bid.id AS subject_id, bid.organization_id, bid.disclosure_id,
            solicitation.department_id,
            CASE WHEN solicitation.sealed THEN solicitation.due_at
                ELSE solicitation.created_at END AS opens_at
        FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id
        UNION ALL
        SELECT contract.id, contract.organization_id, contract.disclosure_id,
            contract.department_id, CAST('1970-01-01T00:00:00+00:00' AS {time})
        FROM contract
        UNION ALL
        SELECT contract.id, contract.awarded_to, contract.award_disclosure_id,
            contract.department_id, CAST('1970-01-01T00:00:00+00:00' AS {time})
        FROM contract
        UNION ALL
        SELECT renewal.id, renewal.organization_id, renewal.disclosure_id,
            contract.department_id, CAST('1970-01-01T00:00:00+00:00' AS {time})
        FROM renewal JOIN contract ON contract.id = renewal.contract_id
        UNION ALL
        SELECT award_attempt.id, award_attempt.organization_id, CAST(NULL AS {uuid}),
            award_attempt.department_id, CAST('1970-01-01T00:00:00+00:00' AS {time})
        FROM award_attempt",
    // A contract with the columns that staff screen by, and the disclosure that its holder has on
    // file now.
    "CREATE VIEW screened_contract AS
        SELECT contract.id, contract.department_id, contract.organization_id, contract.number,
            contract.title, contract.value_cents, contract.currency, contract.start_date,
            contract.end_date, contract.clause_version, contract.readiness, contract.noncompliance_code,
            contract.noncompliant_since, disclosure.id AS disclosure_id
        FROM contract LEFT JOIN disclosure
            ON disclosure.organization_id = contract.organization_id
                AND disclosure.status = 'FILED'",
    // Each filing with the times at which it was withdrawn and superseded, so that the filing in
    // effect at any time can be found.
    "CREATE VIEW screening_filing AS
        SELECT filing.id, filing.organization_id, filing.filed_at, disclosure.withdrawn_at,
            later.filed_at AS superseded_at
        FROM filing JOIN disclosure ON disclosure.id = filing.id
            LEFT JOIN filing later ON later.organization_id = filing.organization_id
                AND later.version = filing.version + 1",
    // Holder and value of each contract, by period.
    "CREATE VIEW screening_contract_term AS
        SELECT contract_term.organization_id, contract.department_id, contract_term.from_date,
            contract_term.until_date, contract_term.value_cents, contract_term.currency
        FROM contract_term JOIN contract ON contract.id = contract_term.contract_id",
    // The contracts with an approved waiver, and when it expires.
    "CREATE VIEW screening_waiver AS
        SELECT waiver.contract_id, waiver.expires_at FROM waiver
        WHERE waiver.status = 'APPROVED' AND waiver.contract_id IS NOT NULL",
    // The contracts with an exemption.
    "CREATE VIEW screening_exemption AS
        SELECT exemption.contract_id FROM exemption WHERE exemption.contract_id IS NOT NULL",
];

const DOWN: &[&str] = &[
    "DROP VIEW screening_exemption",
    "DROP VIEW screening_waiver",
    "DROP VIEW screening_contract_term",
    "DROP VIEW screening_filing",
    "DROP VIEW screened_contract",
    "CREATE TABLE reevaluation_before (
        id {uuid} PRIMARY KEY,
        source text NOT NULL CHECK (source IN ('ORGANIZATION', 'POLICY', 'SOLICITATION')),
        subject_id {uuid} NOT NULL,
        lifted_rules {json} NOT NULL,
        not_before {time} NOT NULL,
        cursor {uuid},
        failed_at {time},
        lease_id {uuid},
        leased_until {time},
        CHECK ((lease_id IS NULL) = (leased_until IS NULL)))",
    "INSERT INTO reevaluation_before SELECT id, source, subject_id, lifted_rules, not_before,
        cursor, failed_at, lease_id, leased_until FROM reevaluation WHERE source <> 'CONTRACT'",
    "DROP TABLE reevaluation",
    "ALTER TABLE reevaluation_before RENAME TO reevaluation",
    "CREATE INDEX reevaluation_by_time ON reevaluation (not_before, id)",
    "CREATE INDEX reevaluation_by_subject ON reevaluation (subject_id, source)",
    "DROP VIEW subject_access",
    "CREATE VIEW subject_access AS
        SELECT bid.id AS subject_id, bid.organization_id, bid.disclosure_id,
            solicitation.department_id,
            CASE WHEN solicitation.sealed THEN solicitation.due_at
                ELSE solicitation.created_at END AS opens_at
        FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id",
    "DROP TABLE exemption",
    "DROP TABLE waiver",
    "DROP TABLE renewal",
    "DROP TABLE award_attempt",
    "DROP TABLE contract_term",
    "DROP TABLE contract_member",
    "DROP TABLE contract_subcontractor",
    "DROP TABLE contract",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await
    }
}
