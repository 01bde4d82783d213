//! Policy versions that are withdrawn before they begin, and proposals of policy changes that a second
//! administrator confirms.
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // What cannot be undone and rests on a policy version: the solicitations that are pinned to it, and
    // the awards and executed renewals that were admitted under it.
    "CREATE VIEW policy_use AS
        SELECT solicitation.id, solicitation.policy_version, 'SOLICITATION' AS kind,
            solicitation.number AS reference
        FROM solicitation WHERE solicitation.policy_version IS NOT NULL
        UNION ALL
        SELECT contract.id, decision.policy_version, 'AWARD', contract.number
        FROM contract JOIN decision ON decision.id = contract.decision_id
        UNION ALL
        SELECT renewal.id, decision.policy_version, 'RENEWAL', contract.number
        FROM renewal JOIN decision ON decision.id = renewal.decision_id
            JOIN contract ON contract.id = renewal.contract_id
        WHERE renewal.status = 'EXECUTED'",
    "CREATE TABLE policy_withdrawal (
        policy_id {uuid} PRIMARY KEY REFERENCES policy (id),
        policy_version bigint NOT NULL UNIQUE REFERENCES policy (version),
        reason text NOT NULL CHECK (reason <> ''),
        withdrawn_by text NOT NULL,
        withdrawn_at {time} NOT NULL)",
    // The change that one administrator proposes. Its content does not change, and a second person
    // confirms it.
    "CREATE TABLE policy_proposal (
        id {uuid} PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('PUBLICATION', 'SUSPENSION', 'REINSTATEMENT')),
        policy_version bigint NOT NULL CHECK (policy_version > 0),
        terms text,
        sha256 text,
        rules {json},
        suspension_id {uuid} REFERENCES policy_suspension (id),
        citation text,
        proposed_by text NOT NULL,
        proposed_at {time} NOT NULL,
        expires_at {time} NOT NULL,
        outcome text CHECK (outcome IN ('CONFIRMED', 'WITHDRAWN')),
        decided_by text,
        decided_at {time},
        CHECK (expires_at > proposed_at),
        CHECK ((kind = 'PUBLICATION') = (terms IS NOT NULL)),
        CHECK ((kind = 'PUBLICATION') = (sha256 IS NOT NULL)),
        CHECK ((kind = 'PUBLICATION') = (citation IS NULL)),
        CHECK ((kind = 'SUSPENSION') = (rules IS NOT NULL)),
        CHECK ((kind = 'REINSTATEMENT') = (suspension_id IS NOT NULL)),
        CHECK ((outcome IS NULL) = (decided_by IS NULL)),
        CHECK ((outcome IS NULL) = (decided_at IS NULL)),
        CHECK (outcome <> 'CONFIRMED' OR decided_by <> proposed_by),
        CHECK (outcome <> 'CONFIRMED' OR decided_at < expires_at))",
    "CREATE INDEX policy_proposal_by_time ON policy_proposal (proposed_at, id)",
];

/// A version is withdrawn only before it begins and while nothing rests on it; from then on nothing is
/// decided under it and no solicitation is pinned to it.
const SQLITE_TRIGGERS: &[&str] = &[
    "CREATE TRIGGER policy_withdrawal_in_time BEFORE INSERT ON policy_withdrawal
        WHEN NOT EXISTS (SELECT 1 FROM policy WHERE policy.id = NEW.policy_id
            AND policy.version = NEW.policy_version AND policy.effective_from > NEW.withdrawn_at)
        BEGIN SELECT RAISE(ABORT, 'policy_has_begun'); END",
    "CREATE TRIGGER policy_withdrawal_unused BEFORE INSERT ON policy_withdrawal
        WHEN EXISTS (SELECT 1 FROM policy_use
            WHERE policy_use.policy_version = NEW.policy_version)
        BEGIN SELECT RAISE(ABORT, 'policy_is_in_use'); END",
    "CREATE TRIGGER decision_under_policy BEFORE INSERT ON decision
        WHEN EXISTS (SELECT 1 FROM policy_withdrawal
            WHERE policy_withdrawal.policy_version = NEW.policy_version)
        BEGIN SELECT RAISE(ABORT, 'policy_is_withdrawn'); END",
    "CREATE TRIGGER solicitation_under_policy BEFORE UPDATE ON solicitation
        WHEN EXISTS (SELECT 1 FROM policy_withdrawal
            WHERE policy_withdrawal.policy_version = NEW.policy_version)
        BEGIN SELECT RAISE(ABORT, 'policy_is_withdrawn'); END",
    "CREATE TRIGGER solicitation_inserted_under_policy BEFORE INSERT ON solicitation
        WHEN EXISTS (SELECT 1 FROM policy_withdrawal
            WHERE policy_withdrawal.policy_version = NEW.policy_version)
        BEGIN SELECT RAISE(ABORT, 'policy_is_withdrawn'); END",
    "CREATE TRIGGER policy_proposal_decided BEFORE UPDATE ON policy_proposal
        WHEN OLD.outcome IS NOT NULL OR NEW.outcome IS NULL OR NEW.kind <> OLD.kind
            OR NEW.policy_version <> OLD.policy_version OR NEW.proposed_by <> OLD.proposed_by
            OR NEW.proposed_at <> OLD.proposed_at OR NEW.expires_at <> OLD.expires_at
            OR NEW.sha256 IS NOT OLD.sha256 OR NEW.terms IS NOT OLD.terms OR NEW.rules IS NOT OLD.rules
            OR NEW.suspension_id IS NOT OLD.suspension_id OR NEW.citation IS NOT OLD.citation
        BEGIN SELECT RAISE(ABORT, 'policy_proposal_is_frozen'); END",
    "CREATE TRIGGER policy_proposal_kept BEFORE DELETE ON policy_proposal
        BEGIN SELECT RAISE(ABORT, 'policy_proposal_is_frozen'); END",
];

const POSTGRES_TRIGGERS: &[&str] = &[
    "CREATE FUNCTION require_withdrawable_policy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM 1 FROM policy WHERE policy.id = NEW.policy_id
            AND policy.version = NEW.policy_version AND policy.effective_from > NEW.withdrawn_at
            FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'policy_has_begun' USING ERRCODE = 'restrict_violation';
        END IF;
        IF EXISTS (SELECT 1 FROM policy_use
                WHERE policy_use.policy_version = NEW.policy_version) THEN
            RAISE EXCEPTION 'policy_is_in_use' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$",
    "CREATE TRIGGER policy_withdrawal_in_time BEFORE INSERT ON policy_withdrawal FOR EACH ROW
        EXECUTE FUNCTION require_withdrawable_policy()",
    "CREATE FUNCTION refuse_withdrawn_policy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM 1 FROM policy WHERE policy.version = NEW.policy_version FOR SHARE;
        IF EXISTS (SELECT 1 FROM policy_withdrawal
                WHERE policy_withdrawal.policy_version = NEW.policy_version) THEN
            RAISE EXCEPTION 'policy_is_withdrawn' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$",
    "CREATE TRIGGER decision_under_policy BEFORE INSERT ON decision FOR EACH ROW
        EXECUTE FUNCTION refuse_withdrawn_policy()",
    "CREATE TRIGGER solicitation_under_policy BEFORE INSERT OR UPDATE OF policy_version
        ON solicitation FOR EACH ROW WHEN (NEW.policy_version IS NOT NULL)
        EXECUTE FUNCTION refuse_withdrawn_policy()",
    "CREATE TRIGGER policy_proposal_decided BEFORE UPDATE ON policy_proposal FOR EACH ROW
        WHEN (OLD.outcome IS NOT NULL OR NEW.outcome IS NULL OR NEW.kind <> OLD.kind
            OR NEW.policy_version <> OLD.policy_version OR NEW.proposed_by <> OLD.proposed_by
            OR NEW.proposed_at <> OLD.proposed_at OR NEW.expires_at <> OLD.expires_at
            OR NEW.sha256 IS DISTINCT FROM OLD.sha256
            OR NEW.terms IS DISTINCT FROM OLD.terms OR NEW.rules IS DISTINCT FROM OLD.rules
            OR NEW.suspension_id IS DISTINCT FROM OLD.suspension_id
            OR NEW.citation IS DISTINCT FROM OLD.citation)
        EXECUTE FUNCTION refuse('policy_proposal_is_frozen')",
    "CREATE TRIGGER policy_proposal_kept BEFORE DELETE ON policy_proposal FOR EACH ROW
        EXECUTE FUNCTION refuse('policy_proposal_is_frozen')",
    "CREATE TRIGGER policy_proposal_kept_all BEFORE TRUNCATE ON policy_proposal
        FOR EACH STATEMENT EXECUTE FUNCTION refuse('policy_proposal_is_frozen')",
];

const SQLITE_DOWN: &[&str] = &[
    "DROP TRIGGER solicitation_inserted_under_policy",
    "DROP TRIGGER solicitation_under_policy",
    "DROP TRIGGER decision_under_policy",
];

const POSTGRES_DOWN: &[&str] = &[
    "DROP TRIGGER solicitation_under_policy ON solicitation",
    "DROP TRIGGER decision_under_policy ON decision",
    "DROP TRIGGER policy_withdrawal_in_time ON policy_withdrawal",
    "DROP FUNCTION refuse_withdrawn_policy()",
    "DROP FUNCTION require_withdrawable_policy()",
];

const DOWN: &[&str] =
    &["DROP TABLE policy_proposal", "DROP TABLE policy_withdrawal", "DROP VIEW policy_use"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await?;
        let keys: &[&[&str]] = &[&["policy_id"], &["policy_version"]];
        engine::make_append_only(manager, "policy_withdrawal", keys).await?;
        let triggers = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES_TRIGGERS,
            _ => SQLITE_TRIGGERS,
        };
        engine::run(manager, triggers).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let triggers = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES_DOWN,
            _ => SQLITE_DOWN,
        };
        engine::run(manager, triggers).await?;
        engine::run(manager, DOWN).await
    }
}
