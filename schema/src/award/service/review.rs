//! Reviewers confirm, dismiss and link matches.
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::facts::find_match_out_of_scope;
use super::matching::{apply_coverage, ledger_data};
use super::queries::{LoadedMatch, MatchInclude, commit_and_load};
use super::{RecipientIndex, store};
use crate::award::model::{
    AwardMatch, ConfirmMatchInput, Confirmation, Consideration, DismissMatchInput, Dismissal,
    Evidence, LinkMatchInput, MatchAssessment, MatchId, MatchLink, MatchState, MatchStatus,
};
use crate::award::rules::{agreement_sha256, select_counting};
use crate::database::{Database, Tx};
use crate::deadline::settles_at;
use crate::disclosure;
use crate::disclosure::model::AppealOutcome;
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::gate::wording::out_of_scope_text;
use crate::gate::{EntityScope, MatchBand, Policy, RuleCode};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::organization;
use crate::organization::model::{OrganizationId, Viewer};
use crate::policy;
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_PROSE_CHARS, validate_required};
use crate::user_message::UserMessage;

const REVIEWERS_ONLY: &str = "only a reviewer of the Bureau of Contract Administration may do this";

/// Locks a match and its organization for a reviewer or supervisor.
async fn lock_for_review(tx: &Tx, viewer: &Viewer, id: MatchId) -> Result<AwardMatch> {
    let visible = store::matches::find(&**tx, viewer, id).await?.ok_or(Fault::NotFound)?;
    viewer.require_reviewer(REVIEWERS_ONLY)?;
    organization::service::lock_organization(tx, visible.organization_id).await?;
    store::matches::lock(tx, id).await?.ok_or(Fault::NotFound)
}

/// Queues re-evaluation of the bids and contracts that depend on the organization, due at `at`.
pub(super) async fn enqueue_reevaluation(
    tx: &Tx,
    organization: OrganizationId,
    at: DateTime<Utc>,
) -> Result<()> {
    let lifted_rules = LiftedRules::rules_or_all(
        &[
            RuleCode::AwardProbablyUndisclosed,
            RuleCode::AwardResponseOpen,
            RuleCode::AwardConfirmedUndisclosed,
            RuleCode::AwardUnderAppeal,
        ]
        .into(),
    );
    let change = Change {
        source: ChangeSource::Organization,
        subject_id: organization.uuid(),
        lifted_rules,
        not_before: at,
    };
    enqueue(tx, change).await
}

/// The conflict of a reviewer who acts on a match that someone else has already decided.
fn state_conflict(state: &MatchState) -> Fault {
    Fault::conflict(match state {
        MatchState::Dismissed { dismissal: Dismissal { by, .. }, .. } => {
            format!("{} dismissed this match already; reload the page", by.subject())
        }
        MatchState::Confirmed(Confirmation { answer: Some(answer), .. })
            if let Some(Consideration { by, .. }) = &answer.consideration =>
        {
            format!("{} considered the answer already; reload the page", by.subject())
        }
        MatchState::Confirmed(Confirmation { by, .. }) => {
            format!("{} confirmed this match already; reload the page", by.subject())
        }
        MatchState::Covered { .. } => {
            "a disclosed agreement covers this award; reload the page".to_owned()
        }
        MatchState::Open => "this match has changed; reload the page".to_owned(),
    })
}

/// Whether the firm's appeal against the match is undecided.
async fn is_under_appeal(db: &impl ConnectionTrait, id: MatchId) -> Result<bool> {
    let appeals = store::matches::list_appeals(db, vec![id.uuid()]).await?;
    Ok(appeals.into_values().flatten().any(|appeal| appeal.is_open()))
}

/// Confirms that an award is the organization's and gives the firm notice. The award blocks nothing
/// before the firm's time to respond ends. If the firm has answered a confirmed match, upholds the
/// confirmation and leaves its deadlines unchanged.
///
/// # Errors
/// `NotFound` if the viewer may not see the match, `Forbidden` unless the viewer is a reviewer or
/// supervisor, `Invalid` without a notice or if the policy in force does
/// not ask for the award, `Conflict` if the match is already confirmed or covered.
#[tracing::instrument(skip_all)]
pub async fn confirm_match(
    db: &Database,
    viewer: &Viewer,
    input: &ConfirmMatchInput,
    include: MatchInclude,
) -> Result<LoadedMatch> {
    let tx = db.begin().await?;
    let found = lock_for_review(&tx, viewer, input.match_id).await?;
    let mut errors = InputErrors::default();
    let path = FieldPath::argument("input").at("notice");
    let notice = validate_required(&input.notice, MAX_PROSE_CHARS, &path, &mut errors);
    errors.finish()?;
    if let MatchState::Confirmed(Confirmation { answer: Some(_), .. }) = found.state {
        return uphold_confirmation(tx, viewer, found, &notice, include).await;
    }
    let conflict = state_conflict(&found.state);
    let policy = policy::service::require_in_force(&*tx, viewer.now).await?.policy;
    let parameters = policy.parameters();
    let deadline_after =
        |days| policy.calendar().end_of_business_day(viewer.now, days).unwrap_or(viewer.now);
    let respond_by = deadline_after(parameters.response_days.value);
    let appeal_by = deadline_after(parameters.appeal_days.value);
    let confirmation = Confirmation {
        by: viewer.subject.clone(),
        at: viewer.now,
        notice: notice.clone(),
        respond_by,
        appeal_by,
        answer: None,
    };
    let confirmed = found.confirm(confirmation).map_err(|_| conflict)?;
    require_asked(&tx, &policy, &confirmed, viewer.now).await?;
    let confirmed = store::matches::update(&tx, confirmed).await?;
    let data = json!({
        "organization": confirmed.organization_id,
        "status": confirmed.status(),
        "notice": notice,
        "respondBy": respond_by,
        "appealBy": appeal_by,
    });
    append(&tx, viewer.actor(), confirmed.id, LedgerAction::MatchConfirmed, &data).await?;
    enqueue_reevaluation(&tx, confirmed.organization_id, viewer.now).await?;
    // When the time to respond ends, the award may begin to block.
    enqueue_reevaluation(&tx, confirmed.organization_id, settles_at(respond_by)).await?;
    commit_and_load(tx, viewer, confirmed.id, include).await
}

/// Requires that the policy asks the firm for an award: nothing else can contradict its disclosure.
async fn require_asked(
    tx: &Tx,
    policy: &Policy,
    found: &AwardMatch,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some((scope, award)) = find_match_out_of_scope(&**tx, policy, found, now).await? else {
        return Ok(());
    };
    let parameter = scope.parameter.map(str::to_owned);
    let message = match (parameter, scope.amend_until) {
        (None, _) => UserMessage::AwardCarriesNoMoney,
        (Some(parameter), Some(until)) => UserMessage::AwardNotAskedYet { parameter, until },
        (Some(parameter), None) => {
            let reason = out_of_scope_text(scope.reason, award.relation);
            UserMessage::AwardNotAsked { parameter, reason }
        }
    };
    Err(Fault::invalid(&FieldPath::argument("input").at("matchId"), message))
}

/// Records that a reviewer considered the firm's answer and upheld the confirmation.
async fn uphold_confirmation(
    tx: Tx,
    viewer: &Viewer,
    answered: AwardMatch,
    notice: &str,
    include: MatchInclude,
) -> Result<LoadedMatch> {
    let conflict = state_conflict(&answered.state);
    let consideration = Consideration { by: viewer.subject.clone(), at: viewer.now };
    let upheld = answered.uphold(consideration).map_err(|_| conflict)?;
    let upheld = store::matches::update(&tx, upheld).await?;
    let data = json!({
        "organization": upheld.organization_id, "status": upheld.status(), "notice": notice,
    });
    append(&tx, viewer.actor(), upheld.id, LedgerAction::MatchUpheld, &data).await?;
    enqueue_reevaluation(&tx, upheld.organization_id, viewer.now).await?;
    commit_and_load(tx, viewer, upheld.id, include).await
}

/// Dismisses a match until the data of the firm or of the recipient changes; on request, also every
/// other open match with the same recipient.
///
/// # Errors
/// `NotFound` if the viewer may not see the match, `Forbidden` unless the viewer is a reviewer or
/// supervisor, `Invalid` without a reason, `Conflict` if the match is already dismissed or the firm's
/// appeal is open.
#[tracing::instrument(skip_all)]
pub async fn dismiss_match(
    db: &Database,
    viewer: &Viewer,
    input: &DismissMatchInput,
    include: MatchInclude,
) -> Result<LoadedMatch> {
    let recipients = RecipientIndex::refreshed(db).await?;
    let tx = db.begin().await?;
    let found = lock_for_review(&tx, viewer, input.match_id).await?;
    let mut errors = InputErrors::default();
    let path = FieldPath::argument("input").at("reason");
    let reason = validate_required(&input.reason, MAX_PROSE_CHARS, &path, &mut errors);
    errors.finish()?;
    let (id, organization) = (found.id, found.organization_id);
    if is_under_appeal(&*tx, id).await? {
        return Err(Fault::conflict("the firm's appeal is open; a supervisor must decide it"));
    }
    let recipient = found.recipient_id;
    let mut to_dismiss = vec![found];
    if input.whole_recipient {
        let same = recipients.same_firm(recipient);
        let firm = organization::service::load_group(&*tx, organization).await?.all_uuids();
        let others = store::matches::list_by_organizations(&*tx, firm).await?.into_iter();
        to_dismiss.extend(others.filter(|other| {
            let is_open = other.status() == MatchStatus::Open;
            other.id != id && is_open && same.contains(&other.recipient_id)
        }));
    }
    for found in to_dismiss {
        let conflict = state_conflict(&found.state);
        let dismissal = Dismissal {
            by: viewer.subject.clone(),
            at: viewer.now,
            reason: reason.clone(),
            with_recipient: input.whole_recipient,
        };
        let dismissed = found.dismiss(dismissal).map_err(|_| conflict)?;
        let dismissed = store::matches::update(&tx, dismissed).await?;
        let data = json!({
            "organization": dismissed.organization_id,
            "notified": dismissed.is_notified(),
            "status": dismissed.status(),
            "reason": reason,
        });
        append(&tx, viewer.actor(), dismissed.id, LedgerAction::MatchDismissed, &data).await?;
    }
    enqueue_reevaluation(&tx, organization, viewer.now).await?;
    commit_and_load(tx, viewer, id, include).await
}

/// Links an award to an organization, also one that the matcher did not find or that was dismissed.
/// With an agreement, links that agreement as the award's coverage; without, removes such a link.
///
/// # Errors
/// `Forbidden` unless the viewer is a reviewer or supervisor (only a supervisor after a granted
/// appeal), `NotFound` for an unknown organization or award, `Invalid` without a reason, for an
/// agreement that is not on file, or an award that is not with the department.
#[tracing::instrument(skip_all)]
pub async fn link_match(
    db: &Database,
    viewer: &Viewer,
    input: &LinkMatchInput,
    include: MatchInclude,
) -> Result<LoadedMatch> {
    viewer.require_reviewer(REVIEWERS_ONLY)?;
    let path = FieldPath::argument("input");
    let mut errors = InputErrors::default();
    let reason = validate_required(&input.reason, MAX_PROSE_CHARS, &path.at("reason"), &mut errors);
    let award = store::awards::find(&db.read, input.award_id).await?.ok_or(Fault::NotFound)?;
    if award.component.is_none() {
        errors.add(&path.at("awardId"), UserMessage::AwardNotDhs);
    }
    let tx = db.begin().await?;
    let organization = input.organization_id;
    let firm = organization::service::lock_organization(&tx, organization).await?;
    organization::service::require_unmerged(&firm, &path.at("organizationId"))?;
    let groups = organization::service::load_group(&*tx, organization).await?;
    let on_file = disclosure::service::load_agreements_on_file(&*tx, &groups).await?;
    let on_file = on_file.get(&organization);
    let mut agreement = None;
    if let Some(index) = input.agreement {
        let chosen = usize::try_from(index).ok().and_then(|it| on_file?.1.get(it));
        agreement = chosen.and_then(agreement_sha256);
        if agreement.is_none() {
            let count = on_file.map_or(0, |it| it.1.len());
            errors.add(&path.at("agreement"), UserMessage::AgreementIndexInvalid { count });
        }
    }
    errors.finish()?;
    let stored = store::matches::list_by_organizations(&*tx, groups.all_uuids()).await?;
    let stored = select_counting(stored, organization).counting;
    let stored = stored.into_iter().find(|found| found.award_id == award.id);
    if let Some(stored) = &stored {
        let appeals = store::matches::list_appeals(&*tx, vec![stored.id.uuid()]).await?;
        let mut appeals = appeals.into_values().flatten();
        if appeals.any(|appeal| {
            appeal.decision.is_some_and(|decision| decision.outcome == AppealOutcome::Reopened)
        }) {
            let message = "a supervisor granted the firm's appeal; only a supervisor may link this award again";
            viewer.require_supervisor(message)?;
        }
    }
    let is_new = stored.is_none();
    let base = match stored {
        None => AwardMatch {
            id: MatchId::generate(),
            organization_id: organization,
            award_id: award.id,
            recipient_id: award.recipient_id,
            assessment: MatchAssessment {
                relation: EntityScope::Own,
                band: MatchBand::Exact,
                score_thousandths: None,
                reasons: Evidence::default(),
                evidence_sha256: String::new(),
            },
            found_at: viewer.now,
            link: None,
            state: MatchState::Open,
        },
        Some(stored) => stored.clone().reopen().unwrap_or(stored),
    };
    let assessment =
        MatchAssessment { relation: EntityScope::Own, band: MatchBand::Exact, ..base.assessment };
    let link = Some(MatchLink { by: viewer.subject.clone(), agreement_sha256: agreement });
    let linked = apply_coverage(AwardMatch { assessment, link, ..base }, &award, on_file);
    let mut data = ledger_data(&linked);
    data["reason"] = Value::from(reason);
    let (actor, id) = (viewer.actor(), linked.id);
    if is_new {
        store::matches::insert_all(&tx, vec![linked]).await?;
        begin(&tx, actor, id, organization, LedgerAction::MatchFound, &data).await?;
    } else {
        store::matches::update(&tx, linked).await?;
        append(&tx, actor, id, LedgerAction::MatchLinked, &data).await?;
    }
    enqueue_reevaluation(&tx, organization, viewer.now).await?;
    commit_and_load(tx, viewer, id, include).await
}
