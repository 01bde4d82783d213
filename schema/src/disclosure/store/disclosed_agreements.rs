//! The disclosed agreements of filings, from their screening rows.
use std::collections::HashMap;

use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Func, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IdenStatic, QueryFilter,
    QueryOrder,
};
use uuid::Uuid;

use crate::database::in_ids;
use crate::disclosure::entity::disclosed::{agreement, nature};
use crate::disclosure::model::DisclosureId;
use crate::gate::{DhsComponent, NatureOfWork};

/// A disclosed agreement, as it is indexed for screening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisclosedAgreement {
    pub row: agreement::Model,
    pub natures_of_work: Vec<NatureOfWork>,
}

/// Returns the agreements of some disclosures, in the statements' order, in two statements.
pub async fn load_disclosed_agreements(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Vec<DisclosedAgreement>>, DbErr> {
    let select = nature::Entity::find()
        .filter(in_ids(db, nature::Column::DisclosureId, disclosures.clone()))
        .order_by_asc(nature::Column::Nature);
    let mut natures = HashMap::<_, Vec<NatureOfWork>>::new();
    for row in select.all(db).await? {
        natures.entry((row.disclosure_id, row.position)).or_default().push(row.nature);
    }
    let select = agreement::Entity::find()
        .filter(in_ids(db, agreement::Column::DisclosureId, disclosures))
        .order_by_asc(agreement::Column::DisclosureId)
        .order_by_asc(agreement::Column::Position);
    let mut by_disclosure = HashMap::<_, Vec<DisclosedAgreement>>::new();
    for row in select.all(db).await? {
        let natures_of_work =
            natures.remove(&(row.disclosure_id, row.position)).unwrap_or_default();
        let agreements = by_disclosure.entry(row.disclosure_id).or_default();
        agreements.push(DisclosedAgreement { row, natures_of_work });
    }
    Ok(by_disclosure)
}

/// What the agreements of each disclosure are summed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SummedBy {
    /// By disclosure only.
    Disclosure,
    Component,
    /// An agreement counts once under each nature of its work.
    NatureOfWork,
}

/// A number of agreements of one disclosure with one component or nature of work, in one form, and with values in one
/// currency or without known ones.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct SummedAgreements {
    pub disclosure_id: DisclosureId,
    /// None if it is withheld, or if the sum is by something else.
    pub component: Option<DhsComponent>,
    /// The component's name, if it is `OTHER`.
    pub component_name: Option<String>,
    /// None if the sum is by something else.
    pub nature: Option<NatureOfWork>,
    pub agreements: i64,
    /// The sum of the values in hundredths of the currency unit; none if they are not known.
    pub cents: Option<i64>,
    pub currency: Option<String>,
    pub short_form: bool,
}

/// Sums the agreements of each of some disclosures, in any order, in one statement.
pub async fn sum_agreements(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
    by: SummedBy,
) -> Result<Vec<SummedAgreements>, DbErr> {
    use agreement::Column as Agreement;
    use nature::Column as Nature;
    let column = |it: Agreement| Expr::col(it.as_column_ref());
    let mut query = Query::select();
    query
        .from(agreement::Entity)
        .and_where(in_ids(db, Agreement::DisclosureId, disclosures))
        .expr_as(Expr::cust("COUNT(*)"), Alias::new("agreements"))
        // A filed statement has at most a thousand agreements, whose largest values fit into a bigint.
        .expr_as(
            Func::sum(column(Agreement::Cents)).cast_as(Alias::new("bigint")),
            Alias::new(Agreement::Cents.as_str()),
        )
        .add_group_by([column(Agreement::Cents).is_null()]);
    let (mut component, mut component_name, mut nature) = (None, None, None);
    match by {
        SummedBy::Disclosure => {}
        SummedBy::Component => {
            component = Some(column(Agreement::Component));
            component_name = Some(column(Agreement::ComponentName));
        }
        SummedBy::NatureOfWork => {
            let of_agreement = Condition::all()
                .add(
                    Expr::col(Nature::DisclosureId.as_column_ref())
                        .eq(column(Agreement::DisclosureId)),
                )
                .add(Expr::col(Nature::Position.as_column_ref()).eq(column(Agreement::Position)));
            query.inner_join(nature::Entity, of_agreement);
            nature = Some(Expr::col(Nature::Nature.as_column_ref()));
        }
    }
    for (name, key) in [
        (Agreement::DisclosureId.as_str(), Some(column(Agreement::DisclosureId))),
        (Agreement::Currency.as_str(), Some(column(Agreement::Currency))),
        (Agreement::ShortForm.as_str(), Some(column(Agreement::ShortForm))),
        (Agreement::Component.as_str(), component),
        (Agreement::ComponentName.as_str(), component_name),
        (Nature::Nature.as_str(), nature),
    ] {
        let unused = || SimpleExpr::from(Expr::val(Option::<String>::None));
        query.expr_as(key.clone().unwrap_or_else(unused), Alias::new(name));
        query.add_group_by(key);
    }
    let rows = db.query_all(&query).await?;
    rows.iter().map(|row| SummedAgreements::from_query_result(row, "")).collect()
}
