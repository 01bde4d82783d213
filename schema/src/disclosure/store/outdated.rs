//! Counts of the filings on file by the policy whose questions they answer.
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
};

use crate::disclosure::entity::disclosed::{agreement, arrangement};
use crate::disclosure::entity::{disclosure, filing};
use crate::disclosure::model::DisclosureStatus;

/// The filings with the same number of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutdatedFilings {
    /// One for each agreement and each arrangement, and one for each statement that there is none.
    pub answers: u64,
    pub filings: u64,
    pub firms: u64,
}

/// Selects the filings on file that answer the questions of some policy versions.
fn select_on_file(versions: Vec<i64>) -> SelectStatement {
    let on_file = disclosure::Entity::find()
        .select_only()
        .column(disclosure::Column::Id)
        .filter(disclosure::Column::Status.eq(DisclosureStatus::Filed));
    filing::Entity::find()
        .select_only()
        .column(filing::Column::OrganizationId)
        .filter(filing::Column::PolicyVersion.is_in(versions))
        .filter(filing::Column::Id.in_subquery(on_file.into_query()))
        .into_query()
}

/// Counts the firms whose filing on file answers the questions of some policy versions.
pub async fn count_firms_on_file(
    db: &impl ConnectionTrait,
    versions: Vec<i64>,
) -> Result<u64, DbErr> {
    let organization = Expr::col(filing::Column::OrganizationId);
    let mut select = select_on_file(versions);
    select.clear_selects().expr(organization.count_distinct());
    let row = db.query_one(&select).await?;
    row.map_or(Ok(0), |row| count(row.try_get_by_index(0)?))
}

/// Counts the filings on file that answer the questions of some policy versions, by the number of their
/// answers.
pub async fn count_outdated(
    db: &impl ConnectionTrait,
    versions: Vec<i64>,
) -> Result<Vec<OutdatedFilings>, DbErr> {
    let (answers, organization) = (Alias::new("answers"), Alias::new("organization_id"));
    let id = || Expr::col((filing::Entity, filing::Column::Id));
    let mut agreements = Query::select();
    agreements
        .expr(Func::count(Expr::col((agreement::Entity, agreement::Column::Position))))
        .from(agreement::Entity)
        .and_where(Expr::col((agreement::Entity, agreement::Column::DisclosureId)).eq(id()));
    let mut arrangements = Query::select();
    arrangements
        .expr(Func::count(Expr::col((arrangement::Entity, arrangement::Column::Position))))
        .from(arrangement::Entity)
        .and_where(Expr::col((arrangement::Entity, arrangement::Column::DisclosureId)).eq(id()));
    // A statement that there is none is an answer too.
    let answers_of = |counted: SelectStatement| {
        let counted = Expr::from(counted);
        Expr::case(counted.clone().eq(0), 1).finally(counted)
    };
    let counted = answers_of(agreements).add(answers_of(arrangements));
    let mut filings = select_on_file(versions);
    filings.expr_as(counted, answers.clone());
    let mut select = Query::select();
    select
        .column(answers.clone())
        .expr(Func::count(Expr::col(organization.clone())))
        .expr(Expr::col(organization).count_distinct())
        .from_subquery(filings, Alias::new("outdated"))
        .group_by_col(answers);
    let rows = db.query_all(&select).await?.into_iter();
    let counted = rows.map(|row| {
        Ok(OutdatedFilings {
            answers: count(row.try_get_by_index(0)?)?,
            filings: count(row.try_get_by_index(1)?)?,
            firms: count(row.try_get_by_index(2)?)?,
        })
    });
    counted.collect()
}

fn count(number: i64) -> Result<u64, DbErr> {
    u64::try_from(number).map_err(|_| DbErr::Type(format!("{number} is no count")))
}
