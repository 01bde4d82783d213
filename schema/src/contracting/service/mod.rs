//! The use cases of contracts and of what carries them on.
mod award;
mod import;
mod record;
mod relief;
mod renew;
mod settle;
mod standing;
mod verification;

pub use award::{Awarded, award};
pub use import::{Import, ImportRow, Imported, import};
pub use record::{insert_clause, record};
pub use relief::{claim_exemption, request_waiver};
pub use renew::{Executed, execute, propose, readiness};
pub use settle::{
    ReevaluationBudget, Settled, process_awards, process_deadlines, process_queue,
    process_queued_by, settle,
};
pub use standing::{Carried, Ready, ready};
pub use verification::{CheckedStandings, recorded_tables, verify_standings};

use std::collections::HashMap;

use uuid::Uuid;

use super::model::{ContractId, RenewalId};
use super::store;
use crate::database::Database;
use crate::fault::Result;
use crate::organization::model::Viewer;

pub use super::entity::contract::Model as ContractRow;
pub use store::{Contract, Include, Renewal, RenewalInclude};

use super::entity::attempt::Model as AttemptRow;
use super::entity::renewal::Model as RenewalRow;
use super::entity::term::Model as TermRow;

/// The contract, if `viewer` may see it.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn find(
    db: &Database,
    viewer: &Viewer,
    id: ContractId,
    include: Include,
) -> Result<Option<Contract>> {
    let row = store::find(&db.read, viewer, id).await?;
    Ok(store::include(&db.read, viewer, row.into_iter().collect(), include).await?.pop())
}

/// Those of some contracts that `viewer` may see, by id.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn visible_by_ids(
    db: &Database,
    viewer: &Viewer,
    ids: Vec<Uuid>,
    include: Include,
) -> Result<HashMap<ContractId, Contract>> {
    let rows = store::visible_by_ids(&db.read, viewer, ids).await?;
    let contracts = store::include(&db.read, viewer, rows, include).await?;
    Ok(contracts.into_iter().map(|contract| (contract.row.id, contract)).collect())
}

/// The renewal, if `viewer` may see it.
///
/// # Errors
/// `Internal` if the database fails.
pub async fn find_renewal(
    db: &Database,
    viewer: &Viewer,
    id: RenewalId,
    include: RenewalInclude,
) -> Result<Option<Renewal>> {
    let row = store::find_renewal(&db.read, viewer, id).await?;
    let rows = row.into_iter().collect();
    Ok(store::include_renewals(&db.read, viewer, rows, include).await?.pop())
}
