//! Compares two disclosures of one organization.
use super::{Disclosure, find, parse_statement};
use crate::compute::Compute;
use crate::database::Database;
use crate::disclosure::model::{Difference, DisclosureId, Statement};
use crate::disclosure::rules::compare_statements;
use crate::fault::{Fault, FieldPath, Result};
use crate::organization;
use crate::organization::model::{OrganizationId, Viewer};
use crate::user_message::UserMessage;

/// The differences from one disclosure to another of the same organization; none if `viewer` may not
/// see both.
///
/// # Errors
/// `Invalid` for disclosures of two organizations, and as [`Compute::run`].
#[tracing::instrument(skip_all, fields(before = %before, after = %after))]
pub async fn compare_disclosures(
    db: &Database,
    viewer: &Viewer,
    before: DisclosureId,
    after: DisclosureId,
) -> Result<Option<Difference>> {
    let (Some(before), Some(after)) =
        (find(db, viewer, before).await?, find(db, viewer, after).await?)
    else {
        return Ok(None);
    };
    let before = StoredStatement::try_from(before)?;
    let after = StoredStatement::try_from(after)?;
    let ids = vec![before.organization.uuid(), after.organization.uuid()];
    let groups = organization::service::load_groups(&db.read, ids).await?;
    if !groups.is_same_firm(before.organization, after.organization) {
        return Err(Fault::invalid(&FieldPath::argument("b"), UserMessage::DisclosuresOfTwoFirms));
    }
    let difference = move || Ok(compare_statements(&before.parse()?, &after.parse()?));
    db.cached::<Compute>().run(&viewer.subject, difference).await?.map(Some)
}

/// The stored statement of a draft or a filing, and its organization.
struct StoredStatement {
    organization: OrganizationId,
    id: DisclosureId,
    text: String,
}

impl StoredStatement {
    fn parse(&self) -> Result<Statement> {
        parse_statement(self.id, &self.text)
    }
}

impl TryFrom<Disclosure> for StoredStatement {
    type Error = Fault;

    fn try_from(disclosure: Disclosure) -> Result<Self> {
        Ok(match disclosure {
            Disclosure::Draft(draft) => {
                Self { organization: draft.organization_id, id: draft.id, text: draft.statement }
            }
            Disclosure::Filed(filed) => Self {
                organization: filed.record.organization_id,
                id: filed.record.id,
                text: filed.filing.statement.get()?.to_string(),
            },
        })
    }
}
