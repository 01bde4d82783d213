//! Files a draft or reaffirms the last filing. The database refuses any later change.
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::clarification::close_clarification;
use super::drafts::stale_draft;
use super::indexing::insert_index_rows;
use super::{FiledDisclosure, parse_filed_statement, parse_statement, store};
use crate::canonical::{Canonical, canonical};
use crate::compute::Compute;
use crate::database::{Database, Tx};
use crate::disclosure::entity::filing;
use crate::disclosure::model::{
    Attachment, Attestation, AttestationForm, AttestationInput, DisclosureId, DisclosureRecord,
    DisclosureState, FilingInput, FilingKind, ReviewTransitions, Statement,
};
use crate::disclosure::rules;
use crate::fault::{Fault, FieldPath, InputErrors, Result, UserError};
use crate::gate::policy::AttestationBlank;
use crate::gate::wording::format_day;
use crate::gate::{Policy, ReviewState};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::organization;
use crate::organization::model::{Groups, OrganizationId, Viewer, is_united_states};
use crate::organization::service::take_quota;
use crate::policy;
use crate::quota::Activity;
use crate::reevaluation::model::{Change, ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_LINE_CHARS, is_blank, validate_optional, validate_required};
use crate::user_message::UserMessage;

/// The refusal of a member who is not a signatory.
pub(super) const SIGNATORY_REQUIRED: &str =
    "only a signatory may file; ask one of your signatories";

/// Files a draft at the revision that the signatory read.
///
/// # Errors
/// `Forbidden` unless the viewer is a signatory, `Conflict` at another revision, `Invalid` with all
/// errors of the statement and the attestation, `RateLimited` above the quota.
#[tracing::instrument(skip_all, fields(id = %input.id))]
pub async fn file(db: &Database, viewer: &Viewer, input: &FilingInput) -> Result<FiledDisclosure> {
    let draft = store::find_draft(&db.read, viewer, input.id).await?;
    let Some(draft) = draft else {
        let filed = store::find(&db.read, viewer, input.id).await?;
        return Err(
            filed.map_or(Fault::NotFound, |_| Fault::conflict("the draft was already filed"))
        );
    };
    let organization = draft.organization_id;
    viewer.require_signatory(organization, SIGNATORY_REQUIRED)?;
    if draft.revision != input.revision {
        return Err(stale_draft(&draft));
    }
    let policy = Arc::new(policy::service::require_in_force(&db.read, viewer.now).await?.policy);
    let mut errors = Vec::new();
    let source = StatementSource::Draft(draft.id, draft.statement);
    let statement =
        validate_statement(db, viewer, source, Arc::clone(&policy)).await?.unwrap_or_else(|gaps| {
            errors.extend(gaps);
            ValidStatement::default()
        });
    let email = viewer.email.as_deref();
    let signer =
        validate_signer(&input.attestation, email, &FieldPath::argument("input").at("attestation"))
            .map_err(|invalid| errors.extend(invalid));
    let (true, Ok(signer)) = (errors.is_empty(), signer) else {
        return Err(Fault::Invalid(errors));
    };
    let quota = FilingQuota::take(db, viewer, organization).await?;
    let tx = db.begin().await?;
    let firm = organization::service::lock_organization(&tx, organization).await?;
    if let Some(into) = firm.merged_into {
        return Err(Fault::conflict(format!(
            "the organization was merged into {into}; start a draft for that one with copyFrom {}, and \
            file it",
            input.id
        )));
    }
    let viewer = &viewer.with_effective_time(&tx);
    let draft = store::lock_draft(&tx, organization).await?.filter(|draft| draft.id == input.id);
    let draft =
        draft.ok_or(Fault::conflict("the draft was filed or discarded in the meantime; reload"))?;
    if draft.revision != input.revision {
        return Err(stale_draft(&draft));
    }
    require_same_policy(&tx, viewer, &policy).await?;
    quota.take_in_tx(&tx).await?;
    let new =
        NewFiling { id: draft.id, organization, firm: &firm.business_name(), policy: &policy };
    store::delete_draft(&tx, draft.id).await?;
    let signature = Signature { signer, signed_at: viewer.now, paper: None };
    let filed = insert_filing(&tx, viewer, &new, None, statement, signature).await?;
    tx.commit().await?;
    Ok(filed)
}

/// Files a certificate of no change: the last filing's statement with a new attestation. A draft is
/// left unchanged.
///
/// # Errors
/// `NotFound` if the viewer is not a member, `Forbidden` unless it is a signatory, `Conflict` if there
/// is no filing, if the one on file has another version than `version` or if the questions have changed
/// since, `Invalid` with all errors of the attestation,
/// `RateLimited` above the quota.
#[tracing::instrument(skip_all, fields(id = %organization))]
pub async fn reaffirm(
    db: &Database,
    viewer: &Viewer,
    organization: OrganizationId,
    version: i64,
    input: &AttestationInput,
) -> Result<FiledDisclosure> {
    viewer.require_signatory(organization, SIGNATORY_REQUIRED)?;
    let email = viewer.email.as_deref();
    let signer = validate_signer(input, email, &FieldPath::argument("attestation"))
        .map_err(Fault::Invalid)?;
    let quota = FilingQuota::take(db, viewer, organization).await?;
    let tx = db.begin().await?;
    let firm = organization::service::lock_organization(&tx, organization).await?;
    organization::service::require_unmerged(&firm, &FieldPath::argument("organizationId"))?;
    let viewer = &viewer.with_effective_time(&tx);
    let group = organization::service::load_group(&*tx, organization).await?;
    let last = lock_group_filed(&tx, &group, organization).await?;
    let last =
        last.ok_or(Fault::conflict("there is no filing to reaffirm; save a draft and file it"))?;
    if version != last.record.version {
        return Err(Fault::conflict(format!(
            "the disclosure on file is now version {} ({}); nothing was filed. Read it, and send that \
            version if you still want to reaffirm it",
            last.record.version, last.record.id
        )));
    }
    let policy = policy::service::require_in_force(&*tx, viewer.now).await?.policy;
    let answered = policy::service::load_version(&*tx, last.filing.policy_version).await?;
    let changes = rules::question_changes(&answered.questions(), &policy.questions());
    if !changes.is_empty() {
        return Err(Fault::conflict(format!(
            "the questions have changed since your last filing ({}); start a draft with copyFrom \
            {} and answer the new questions",
            changes.join("; "),
            last.record.id
        )));
    }
    let question =
        store::reviews::find_open_clarifications(&*tx, vec![last.record.id.uuid()]).await?;
    if !question.is_empty() {
        return Err(Fault::conflict(format!(
            "a reviewer asks about your disclosure ({}), and the same statement again is no answer; \
            nothing was filed. Answer the question first, or file a disclosure that says what has changed",
            last.record.id
        )));
    }
    quota.take_in_tx(&tx).await?;
    let statement = ValidStatement {
        statement: parse_filed_statement(&last.filing)?,
        canonical: Canonical {
            text: last.filing.statement.get()?.to_string(),
            sha256: last.filing.sha256,
        },
    };
    let id = DisclosureId::generate();
    let new = NewFiling { id, organization, firm: &firm.business_name(), policy: &policy };
    let kind = Some(FilingKind::NoChange);
    let signature = Signature { signer, signed_at: viewer.now, paper: None };
    let filed = insert_filing(&tx, viewer, &new, kind, statement, signature).await?;
    tx.commit().await?;
    Ok(filed)
}

/// The statement to validate.
pub(super) enum StatementSource {
    /// A stored draft, as JSON.
    Draft(DisclosureId, String),
    /// A statement from the client.
    Input(Statement),
}

/// A statement that can be filed, and its canonical JSON, which is signed.
pub(super) struct ValidStatement {
    statement: Statement,
    canonical: Canonical,
}

impl Default for ValidStatement {
    /// A placeholder for an invalid statement while further errors are collected.
    fn default() -> Self {
        let canonical = Canonical { text: String::new(), sha256: String::new() };
        Self { statement: Statement::default(), canonical }
    }
}

/// The statement as it is filed under a policy, or all errors that prevent filing. Runs before the
/// transaction, since a large statement takes much processor time.
///
/// # Errors
/// As [`Compute::run`].
pub(super) async fn validate_statement(
    db: &Database,
    viewer: &Viewer,
    source: StatementSource,
    policy: Arc<Policy>,
) -> Result<Result<ValidStatement, Vec<UserError>>> {
    let check = move || {
        let statement = match source {
            StatementSource::Draft(id, text) => parse_statement(id, &text)?,
            StatementSource::Input(statement) => statement,
        };
        let statement = match rules::validate_statement(&statement, &policy) {
            Ok(statement) => statement,
            Err(gaps) => return Ok(Err(gaps)),
        };
        let canonical = canonical(&statement)?;
        Ok(Ok(ValidStatement { statement, canonical }))
    };
    db.cached::<Compute>().run(&viewer.subject, check).await?
}

/// Requires that the policy a statement was validated against is still in force.
///
/// # Errors
/// `Conflict` if another policy is in force.
pub(super) async fn require_same_policy(
    tx: &Tx,
    viewer: &Viewer,
    validated: &Policy,
) -> Result<()> {
    let current = policy::service::require_in_force(&**tx, viewer.now).await?.policy;
    if current.version() == validated.version() {
        return Ok(());
    }
    Err(Fault::conflict("a new policy has just come into force; file again"))
}

/// The quota of the person who files. An organization's first filing within an hour is free: it is
/// never refused and does not count.
struct FilingQuota<'a> {
    db: &'a Database,
    viewer: &'a Viewer,
    organization: OrganizationId,
    is_counted: bool,
}

impl<'a> FilingQuota<'a> {
    /// # Errors
    /// `RateLimited` if the organization has filed within the hour and the quota is used up.
    async fn take(
        db: &'a Database,
        viewer: &'a Viewer,
        organization: OrganizationId,
    ) -> Result<Self> {
        let mut quota = Self { db, viewer, organization, is_counted: false };
        quota.is_counted = quota.take_unless_first(&db.read).await?;
        Ok(quota)
    }

    /// Counts the filing if another one was committed since [`Self::take`] checked.
    async fn take_in_tx(self, tx: &Tx) -> Result<()> {
        if !self.is_counted {
            self.take_unless_first(&**tx).await?;
        }
        Ok(())
    }

    /// Counts the filing unless it is the first within the hour; returns whether it counted.
    async fn take_unless_first(&self, db: &impl ConnectionTrait) -> Result<bool> {
        let since = self.viewer.now - TimeDelta::hours(1);
        let is_first = !store::has_filed_since(db, self.organization, since).await?;
        if !is_first {
            take_quota(self.db, self.viewer, Activity::Filing)?;
        }
        Ok(!is_first)
    }
}

/// The validated signatory.
pub(super) struct Signer {
    name: String,
    title: String,
    authority: String,
    email: String,
    city: String,
    /// None only outside the United States.
    state: Option<String>,
    /// None in the United States.
    country: Option<String>,
}

impl Signer {
    /// The place of signing as the attestation says it, such as `Los Angeles, CA`.
    fn place(&self) -> String {
        let Self { name: _, title: _, authority: _, email: _, city, state, country } = self;
        let parts = [Some(city), state.as_ref(), country.as_ref()];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// The validated signatory; `default_email` is used if the input has none.
pub(super) fn validate_signer(
    input: &AttestationInput,
    default_email: Option<&str>,
    path: &FieldPath,
) -> Result<Signer, Vec<UserError>> {
    let mut errors = InputErrors::default();
    if !input.agreed {
        errors.add(&path.at("agreed"), UserMessage::AttestationRequired);
    }
    let part = |text: &str, name: &str, errors: &mut InputErrors| {
        validate_required(text, MAX_LINE_CHARS, &path.at(name), errors)
    };
    let optional = |text: Option<&String>, name: &str, errors: &mut InputErrors| {
        let text = text.map(String::as_str).unwrap_or_default();
        let text = validate_optional(text, MAX_LINE_CHARS, &path.at(name), errors);
        Some(text).filter(|text| !text.is_empty())
    };
    let country = optional(input.country.as_ref(), "country", &mut errors);
    let country = country.filter(|country| !is_united_states(country));
    let signer = Signer {
        name: part(&input.name, "name", &mut errors),
        title: part(&input.title, "title", &mut errors),
        authority: part(&input.authority, "authority", &mut errors),
        email: if let Some(email) = signatory_email(input.email.as_deref(), default_email) {
            part(email, "email", &mut errors)
        } else {
            errors.add(&path.at("email"), UserMessage::SignatoryEmailRequired);
            String::new()
        },
        city: part(&input.city, "city", &mut errors),
        state: optional(input.state.as_ref(), "state", &mut errors),
        country,
    };
    // A state that was refused is empty too.
    let has_state = input.state.as_deref().is_some_and(|state| !is_blank(state));
    if !has_state && signer.country.is_none() {
        errors.add(&path.at("state"), UserMessage::RegionRequired);
    }
    let errors = errors.into_errors();
    if errors.is_empty() { Ok(signer) } else { Err(errors) }
}

/// The e-mail address with which somebody signs: the one that is entered, else that of the sign-in.
pub(super) fn signatory_email<'a>(
    entered: Option<&'a str>,
    sign_in: Option<&'a str>,
) -> Option<&'a str> {
    let entered = entered.filter(|email| !is_blank(email));
    entered.or(sign_in).filter(|email| !is_blank(email))
}

/// The signature of a filing.
pub(super) struct Signature {
    pub signer: Signer,
    /// When it was signed (UTC).
    pub signed_at: DateTime<Utc>,
    /// The paper form; none for an electronic signature.
    pub paper: Option<Attachment>,
}

/// The identity of a new filing: its organization and policy.
pub(super) struct NewFiling<'a> {
    pub id: DisclosureId,
    pub organization: OrganizationId,
    /// The name of the business, as the attestation says it.
    pub firm: &'a str,
    pub policy: &'a Policy,
}

/// Inserts a filing and its disclosure, and supersedes the organization's last one. `kind` defaults
/// to an original filing or an amendment.
pub(super) async fn insert_filing(
    tx: &Tx,
    viewer: &Viewer,
    new: &NewFiling<'_>,
    kind: Option<FilingKind>,
    valid: ValidStatement,
    Signature { signer, signed_at, paper }: Signature,
) -> Result<FiledDisclosure> {
    let ValidStatement { statement, canonical: signed } = valid;
    let attestation_text = new.policy.attestation();
    let place = signer.place();
    let day = format_day(new.policy.calendar().local_date(signed_at));
    let text = attestation_text.fill_blanks(|blank| match blank {
        AttestationBlank::Title => &signer.title,
        AttestationBlank::Firm => new.firm,
        AttestationBlank::Date => &day,
        AttestationBlank::CityAndState => &place,
    });
    let attestation = Attestation {
        form: if paper.is_some() { AttestationForm::Paper } else { AttestationForm::Electronic },
        text,
        firm: Some(new.firm.to_owned()),
        draft: attestation_text.draft.clone(),
        text_version: attestation_text.version,
        name: signer.name,
        title: signer.title,
        authority: signer.authority,
        email: signer.email,
        city: signer.city,
        state: signer.state,
        country: signer.country,
        signed_at,
        issuer: viewer.subject.issuer().map(str::to_owned),
        subject: viewer.subject.subject().to_owned(),
        digest: signed.sha256.clone(),
        paper,
    };
    let group = organization::service::load_group(&**tx, new.organization).await?;
    let superseded = lock_group_filed(tx, &group, new.organization).await?;
    // After a merge the filing on file may be another organization's, with a higher version: the new one
    // is above it, so that a version that somebody read never names two filings in turn.
    let on_file = superseded.as_ref().map_or(0, |it| it.record.version);
    let version = store::find_last_version(tx, new.organization).await?.max(on_file) + 1;
    let is_first = version == 1 && superseded.is_none();
    let default_kind = if is_first { FilingKind::Original } else { FilingKind::Amendment };
    let filing = filing::Model {
        id: new.id,
        organization_id: new.organization,
        version,
        kind: kind.unwrap_or(default_kind),
        policy_version: i64::from(new.policy.version()),
        statement: signed.text,
        sha256: signed.sha256,
        attestation: canonical(&attestation)?.text,
        filed_at: viewer.now,
        filed_by: viewer.subject.clone(),
    };
    let filing = store::insert_filing(tx, filing).await?;
    insert_index_rows(tx, &filing, &statement).await?;
    let actor = viewer.actor();
    let mut assignment = None;
    if let Some(FiledDisclosure { record, .. }) = superseded {
        // The reviewer of the last filing keeps the assignment, unless this person filed the new one.
        if record.reviewer() != Some(&filing.filed_by) {
            assignment.clone_from(&record.assignment);
        }
        let successor =
            Successor { id: new.id, form: attestation.form, reason: "a new disclosure was filed" };
        supersede(tx, viewer, record, successor).await?;
    }
    let record = DisclosureRecord {
        id: new.id,
        organization_id: new.organization,
        version,
        state: DisclosureState::Filed,
        review: ReviewState::Unreviewed,
        filed_at: filing.filed_at,
        assignment,
    };
    let record = store::insert(tx, record).await?;
    let data = json!({
        "organization": new.organization,
        "version": version,
        "kind": filing.kind,
        "policyVersion": filing.policy_version,
        "sha256": filing.sha256,
        "form": attestation.form,
    });
    begin(tx, actor, new.id, new.organization, LedgerAction::DisclosureFiled, &data).await?;
    let change = Change {
        source: ChangeSource::Organization,
        subject_id: new.organization.uuid(),
        lifted_rules: LiftedRules::none(),
        not_before: viewer.now,
    };
    enqueue(tx, change).await?;
    Ok(FiledDisclosure { record, filing: filing.into() })
}

/// Locks and returns the disclosure that the organization's group has on file, if it has one.
pub(super) async fn lock_group_filed(
    tx: &Tx,
    group: &Groups,
    organization: OrganizationId,
) -> Result<Option<FiledDisclosure>> {
    Ok(store::lock_filed(tx, group.ids_of(organization)).await?.pop())
}

/// The filing that supersedes another.
pub(super) struct Successor {
    pub id: DisclosureId,
    pub form: AttestationForm,
    /// Why an open question about the other is closed, for the firm.
    pub reason: &'static str,
}

/// Marks the last disclosure as superseded and closes its open question.
pub(super) async fn supersede(
    tx: &Tx,
    viewer: &Viewer,
    record: DisclosureRecord,
    successor: Successor,
) -> Result<()> {
    let changed = "the disclosure changed; reload";
    let open = store::reviews::find_open_clarifications(&**tx, vec![record.id.uuid()]).await?;
    let mut review = record.review;
    if let Some(open) = open.into_values().next() {
        close_clarification(tx, viewer, open, successor.reason).await?;
        review = review.close_clarification().map_err(|_| Fault::conflict(changed))?;
    }
    let record = DisclosureRecord { review, ..record };
    let old = record.supersede().map_err(|_| Fault::conflict(changed))?;
    let old = store::update(tx, old).await?;
    let actor = viewer.actor();
    let data = json!({ "by": successor.id, "form": successor.form });
    append(tx, actor, old.id, LedgerAction::DisclosureSuperseded, &data).await
}
