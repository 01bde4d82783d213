//! Filing: from here on the database itself refuses to change what was said.
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::clarification::close;
use super::drafting::stale;
use super::indexing::index;
use super::{Filed, read, store};
use crate::canonical::{Canonical, canonical};
use crate::compute::Compute;
use crate::database::{Database, Tx};
use crate::disclosure::entity::{disclosure, filing};
use crate::disclosure::model::{
    Attachment, Attestation, AttestationForm, AttestationInput, DisclosureId, DisclosureStatus,
    FilingInput, FilingKind, Statement,
};
use crate::disclosure::rules;
use crate::fault::{Fault, FieldPath, InputErrors, Result, UserError};
use crate::gate::policy::AttestationBlank;
use crate::gate::{Policy, ReviewState};
use crate::ledger::model::LedgerAction;
use crate::ledger::service::{append, begin};
use crate::organization;
use crate::organization::model::{OrganizationId, Viewer};
use crate::organization::service::take_quota;
use crate::policy;
use crate::quota::Activity;
use crate::reevaluation::model::{ChangeSource, LiftedRules};
use crate::reevaluation::service::enqueue;
use crate::text::{MAX_LINE_CHARS, validate_required};

const WHO: &str = "only a signatory attests and files; ask one of yours";

/// Files a draft as it was read.
///
/// # Errors
/// `Forbidden` to all but a signatory, `Conflict` at another revision, `Invalid` with every gap of
/// the statement and of the attestation, `RateLimited` above the quota.
pub async fn file(db: &Database, viewer: &Viewer, input: &FilingInput) -> Result<Filed> {
    let draft = store::find_draft(&db.read, viewer, input.id).await?;
    let Some(draft) = draft else {
        let filed = store::find(&db.read, viewer, input.id).await?;
        return Err(filed.map_or(Fault::NotFound, |_| Fault::conflict("it is filed already")));
    };
    let organization = draft.organization_id;
    viewer.signs_for(organization, WHO)?;
    if draft.revision != input.revision {
        return Err(stale(&draft));
    }
    let policy = Arc::new(policy::service::current(&db.read, viewer.now).await?.policy);
    let mut problems = Vec::new();
    let typed = Typed::Draft(draft.id, draft.statement);
    let statement =
        checked(db, viewer, typed, Arc::clone(&policy)).await?.unwrap_or_else(|errors| {
            problems.extend(errors);
            Checked::default()
        });
    let email = viewer.email.as_deref();
    let signer = signer(&input.attestation, email, &FieldPath::argument("input").at("attestation"))
        .map_err(|errors| problems.extend(errors));
    let (true, Ok(signer)) = (problems.is_empty(), signer) else {
        return Err(Fault::Invalid(problems));
    };
    let quota = FilingQuota::take(db, viewer, organization).await?;
    let tx = db.begin().await?;
    let firm = organization::service::lock_one(&tx, organization).await?;
    let viewer = &viewer.at_lock(&tx);
    let draft = store::draft_of(&tx, organization).await?.filter(|draft| draft.id == input.id);
    let draft = draft.ok_or(Fault::conflict("it was filed or discarded meanwhile; reload"))?;
    if draft.revision != input.revision {
        return Err(stale(&draft));
    }
    require_same_policy(&tx, viewer, &policy).await?;
    quota.take_in_tx(&tx).await?;
    let new = New { id: draft.id, organization, firm: &firm.legal_name, policy: &policy };
    store::delete_draft(&tx, draft.id).await?;
    let signature = Signed { signer, at: viewer.now, paper: None };
    let filed = write(&tx, viewer, &new, None, statement, signature).await?;
    tx.commit().await?;
    Ok(filed)
}

/// Files a certificate of no change: the last filing's statement, newly attested. A draft that is
/// being written stays as it is.
///
/// # Errors
/// `NotFound` to who is no member, `Forbidden` to all but a signatory, `Conflict` if nothing is
/// filed or the questions have changed since, `Invalid` with what the attestation lacks,
/// `RateLimited` above the quota.
pub async fn reaffirm(
    db: &Database,
    viewer: &Viewer,
    organization: OrganizationId,
    input: &AttestationInput,
) -> Result<Filed> {
    viewer.signs_for(organization, WHO)?;
    let email = viewer.email.as_deref();
    let signer = signer(input, email, &FieldPath::argument("attestation")).map_err(Fault::Invalid)?;
    let quota = FilingQuota::take(db, viewer, organization).await?;
    let tx = db.begin().await?;
    let firm = organization::service::lock_one(&tx, organization).await?;
    let viewer = &viewer.at_lock(&tx);
    let last = store::lock_filed(&tx, organization).await?;
    let last = last.ok_or(Fault::conflict(
        "nothing is filed that could be reaffirmed; save a draft and file it",
    ))?;
    let policy = policy::service::current(&*tx, viewer.now).await?.policy;
    let answered = policy::service::of_version(&*tx, last.filing.policy_version).await?;
    let news = rules::news(&answered.questions(), &policy.questions());
    if !news.is_empty() {
        return Err(Fault::conflict(format!(
            "the questions have changed since your last filing ({}); begin a draft with copyFrom \
            {} and answer what is new",
            news.join("; "),
            last.row.id
        )));
    }
    quota.take_in_tx(&tx).await?;
    let statement = Checked {
        statement: read(last.row.id, &last.filing.statement)?,
        canonical: Canonical { text: last.filing.statement, sha256: last.filing.sha256 },
    };
    let id = DisclosureId::generate();
    let new = New { id, organization, firm: &firm.legal_name, policy: &policy };
    let kind = Some(FilingKind::NoChange);
    let signature = Signed { signer, at: viewer.now, paper: None };
    let filed = write(&tx, viewer, &new, kind, statement, signature).await?;
    tx.commit().await?;
    Ok(filed)
}

/// A statement that is to be filed.
pub(super) enum Typed {
    /// A draft's, as it is stored.
    Draft(DisclosureId, String),
    Read(Statement),
}

/// A statement that can be filed, and the bytes that are signed of it.
pub(super) struct Checked {
    statement: Statement,
    canonical: Canonical,
}

impl Default for Checked {
    /// Stands for a statement that cannot be filed, while other errors are gathered.
    fn default() -> Self {
        let canonical = Canonical { text: String::new(), sha256: String::new() };
        Self { statement: Statement::default(), canonical }
    }
}

/// The statement as it is filed under a policy, or everything that keeps it from being filed. It
/// is checked before the transaction: a large statement keeps a processor busy for long.
///
/// # Errors
/// As [`Compute::run`].
pub(super) async fn checked(
    db: &Database,
    viewer: &Viewer,
    typed: Typed,
    policy: Arc<Policy>,
) -> Result<Result<Checked, Vec<UserError>>> {
    let check = move || {
        let statement = match typed {
            Typed::Draft(id, text) => read(id, &text)?,
            Typed::Read(statement) => statement,
        };
        let statement = match rules::file(&statement, &policy) {
            Ok(statement) => statement,
            Err(gaps) => return Ok(Err(gaps)),
        };
        let canonical = canonical(&statement)?;
        Ok(Ok(Checked { statement, canonical }))
    };
    db.cached::<Compute>().run(&viewer.subject, check).await?
}

/// Whether the policy that a statement was checked against is still the one in force.
///
/// # Errors
/// `Conflict` if it is not.
pub(super) async fn require_same_policy(tx: &Tx, viewer: &Viewer, checked: &Policy) -> Result<()> {
    let current = policy::service::current(&**tx, viewer.now).await?.policy;
    if current.version() == checked.version() {
        return Ok(());
    }
    Err(Fault::conflict("a new policy came into force at this moment; file again"))
}

/// How a filing counts against the quota of who files it. The first filing of an organization
/// within an hour is never refused, and uses up none of it.
struct FilingQuota<'a> {
    db: &'a Database,
    viewer: &'a Viewer,
    organization: OrganizationId,
    is_taken: bool,
}

impl<'a> FilingQuota<'a> {
    /// # Errors
    /// `RateLimited` if the organization has filed within the hour, and the quota is used up.
    async fn take(
        db: &'a Database,
        viewer: &'a Viewer,
        organization: OrganizationId,
    ) -> Result<Self> {
        let mut quota = Self { db, viewer, organization, is_taken: false };
        quota.is_taken = quota.take_unless_first(&db.read).await?;
        Ok(quota)
    }

    /// Counts the filing if another one came first since [`Self::take`] looked.
    async fn take_in_tx(self, tx: &Tx) -> Result<()> {
        if !self.is_taken {
            self.take_unless_first(&**tx).await?;
        }
        Ok(())
    }

    async fn take_unless_first(&self, at: &impl ConnectionTrait) -> Result<bool> {
        let since = self.viewer.now - TimeDelta::hours(1);
        let is_first = !store::has_filed_since(at, self.organization, since).await?;
        if !is_first {
            take_quota(self.db, self.viewer, Activity::Filing)?;
        }
        Ok(!is_first)
    }
}

/// Who signs, checked.
pub(super) struct Signer {
    name: String,
    title: String,
    authority: String,
    email: String,
    city: String,
    state: String,
}

/// Who signs, checked; `known` is the address that the signatory signed in with, if it did.
pub(super) fn signer(
    input: &AttestationInput,
    known: Option<&str>,
    path: &FieldPath,
) -> Result<Signer, Vec<UserError>> {
    let mut problems = InputErrors::default();
    if !input.agreed {
        let told = "Read the attestation and send agreed: true if you declare it; without it \
            nothing is filed.";
        problems.add(&path.at("agreed"), "required", told);
    }
    let email = input.email.as_deref().or(known).unwrap_or_default();
    let mut part = |text: &str, name: &str| validate_required(text, MAX_LINE_CHARS, &path.at(name), &mut problems);
    let signer = Signer {
        name: part(&input.name, "name"),
        title: part(&input.title, "title"),
        authority: part(&input.authority, "authority"),
        email: part(email, "email"),
        city: part(&input.city, "city"),
        state: part(&input.state, "state"),
    };
    let errors = problems.into_errors();
    if errors.is_empty() { Ok(signer) } else { Err(errors) }
}

/// How and when it was signed.
pub(super) struct Signed {
    pub signer: Signer,
    pub at: DateTime<Utc>,
    /// The paper form; none if it was signed here.
    pub paper: Option<Attachment>,
}

/// What is filed, for whom and under which policy.
pub(super) struct New<'a> {
    pub id: DisclosureId,
    pub organization: OrganizationId,
    pub firm: &'a str,
    pub policy: &'a Policy,
}

/// Files a statement, which supersedes the last one.
pub(super) async fn write(
    tx: &Tx,
    viewer: &Viewer,
    new: &New<'_>,
    kind: Option<FilingKind>,
    stated: Checked,
    Signed { signer, at, paper }: Signed,
) -> Result<Filed> {
    let Checked { statement: stated, canonical: statement } = stated;
    let words = new.policy.attestation();
    let place = format!("{}, {}", signer.city, signer.state);
    let day = new.policy.calendar().local_date(at).format("%-d %B %Y").to_string();
    let text = words.filled(|blank| match blank {
        AttestationBlank::Title => &signer.title,
        AttestationBlank::Firm => new.firm,
        AttestationBlank::Date => &day,
        AttestationBlank::CityAndState => &place,
    });
    let attestation = Attestation {
        form: if paper.is_some() { AttestationForm::Paper } else { AttestationForm::Electronic },
        text,
        draft: words.draft.clone(),
        text_version: words.version,
        name: signer.name,
        title: signer.title,
        authority: signer.authority,
        email: signer.email,
        city: signer.city,
        state: signer.state,
        signed_at: at,
        issuer: viewer.subject.issuer().map(str::to_owned),
        subject: viewer.subject.subject().to_owned(),
        digest: statement.sha256.clone(),
        paper,
    };
    let superseded = store::lock_filed(tx, new.organization).await?;
    let version = store::last_version(tx, new.organization).await? + 1;
    let otherwise = if version == 1 { FilingKind::Original } else { FilingKind::Amendment };
    let filing = filing::Model {
        id: new.id,
        organization_id: new.organization,
        version,
        kind: kind.unwrap_or(otherwise),
        policy_version: i64::from(new.policy.version()),
        statement: statement.text,
        sha256: statement.sha256,
        attestation: canonical(&attestation)?.text,
        filed_at: viewer.now,
        filed_by: viewer.subject.clone(),
    };
    let filing = store::insert_filing(tx, filing).await?;
    index(tx, &filing, &stated).await?;
    let actor = viewer.actor();
    let (mut reviewer, mut taken_at) = (None, None);
    if let Some(Filed { row, .. }) = superseded {
        // Whoever was on the last one knows the firm's affairs, unless it entered this one itself.
        if row.reviewer.as_ref() != Some(&filing.filed_by) {
            (reviewer, taken_at) = (row.reviewer.clone(), row.taken_at);
        }
        supersede(tx, viewer, row, (new.id, attestation.form)).await?;
    }
    let status = DisclosureStatus::Draft.file().map_err(|_| Fault::conflict("it is no draft"))?;
    let row = disclosure::Model {
        id: new.id,
        organization_id: new.organization,
        version,
        status,
        review: ReviewState::Unreviewed,
        withdrawn_at: None,
        withdrawal_reason: None,
        reviewer,
        taken_at,
    };
    let row = store::insert(tx, row).await?;
    let data = json!({
        "organization": new.organization,
        "version": version,
        "kind": filing.kind,
        "policyVersion": filing.policy_version,
        "sha256": filing.sha256,
        "form": attestation.form,
    });
    begin(tx, actor, new.id, new.organization, LedgerAction::DisclosureFiled, &data).await?;
    let organization = (ChangeSource::Organization, new.organization.uuid());
    enqueue(tx, organization, LiftedRules::none(), viewer.now).await?;
    Ok(Filed { row, filing })
}

/// The last filing makes room; a question about it needs no answer any more.
async fn supersede(
    tx: &Tx,
    viewer: &Viewer,
    row: disclosure::Model,
    (by, form): (DisclosureId, AttestationForm),
) -> Result<()> {
    let status = row.status.supersede().map_err(|_| Fault::conflict("reload: it changed"))?;
    let open = store::reviews::open_clarifications(&**tx, vec![row.id.uuid()]).await?;
    let mut review = row.review;
    if let Some(open) = open.into_values().next() {
        close(tx, viewer, open, "a new disclosure was filed").await?;
        review = review.settle().map_err(|_| Fault::conflict("reload: it changed"))?;
    }
    let old = store::update(tx, disclosure::Model { status, review, ..row }).await?;
    let actor = viewer.actor();
    let data = json!({ "by": by, "form": form });
    append(tx, actor, old.id, LedgerAction::DisclosureSuperseded, &data).await
}
