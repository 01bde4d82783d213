//! The statements on the two tables in which a feature stores the parties of its subjects: joint
//! venture members and subcontractors, each with the organization to which it was resolved.

/// Declares the statements in a feature's store, for its entities `member` and `subcontractor`.
/// Arguments: the type of the subject's identifier, its column, and its field.
macro_rules! party_tables {
    // Stores the resolutions of parties in one of the tables.
    (@save $tx:ident, $subject:ident, $table:ident, $column:ident, $resolved:expr) => {
        for (resolution, positions) in $resolved {
            use $table::Column;
            $table::Entity::update_many()
                .col_expr(Column::ResolvedBy, Expr::value(resolution.method.as_str()))
                .col_expr(Column::ResolvedTo, Expr::value(resolution.organization))
                .col_expr(Column::ResolvedAt, Expr::value(resolution.at))
                .filter(Column::$column.eq($subject))
                .filter(Column::Position.is_in(positions.clone()))
                .filter(Column::ResolvedTo.is_null())
                .exec(&**$tx)
                .await?;
            let resolved = $table::Entity::find()
                .filter(Column::$column.eq($subject))
                .filter(Column::Position.is_in(positions));
            for row in resolved.all(&**$tx).await? {
                $crate::database::note_row($tx, &row);
            }
        }
    };
    // Selects the subjects in one of the tables that depend on an organization.
    (@naming $organization:ident, $identifiers:ident, $table:ident, $column:ident) => {{
        use $table::Column;
        let mut any = Condition::any().add(Column::ResolvedTo.eq($organization));
        for identifier in $identifiers {
            let same = Column::Scheme.eq(identifier.scheme);
            let same = same.and(Column::Value.eq(identifier.id.as_str()));
            let same = same.and(Column::OrganizationId.is_null());
            any = any.add(same.and(Column::ResolvedTo.is_null()));
        }
        $table::Entity::find().select_only().column(Column::$column).filter(any)
    }};
    ($id:ident, $column:ident, $field:ident) => {
        /// Loads the subcontractors of subjects, in the order given.
        pub async fn list_subcontractors(
            db: &impl sea_orm::ConnectionTrait,
            subjects: Vec<uuid::Uuid>,
        ) -> Result<HashMap<$id, Vec<(ResolvedParty, Money)>>, sea_orm::DbErr> {
            use subcontractor::Column;
            let select = subcontractor::Entity::find()
                .filter(crate::database::in_ids(db, Column::$column, subjects))
                .order_by_asc(Column::$column)
                .order_by_asc(Column::Position);
            let mut named = HashMap::<$id, Vec<(ResolvedParty, Money)>>::new();
            for row in select.all(db).await? {
                let party = PartyColumns {
                    organization_id: row.organization_id,
                    name: row.name,
                    scheme: row.scheme,
                    value: row.value,
                    resolved_by: row.resolved_by,
                    resolved_to: row.resolved_to,
                    resolved_at: row.resolved_at,
                };
                let amount = Money { cents: row.amount_cents, currency: row.currency };
                named.entry(row.$field).or_default().push((party.into(), amount));
            }
            Ok(named)
        }

        /// Loads the stored parties of subjects. Subjects without parties have no entry.
        pub async fn list_parties(
            db: &impl sea_orm::ConnectionTrait,
            subjects: Vec<uuid::Uuid>,
        ) -> Result<HashMap<$id, Parties>, sea_orm::DbErr> {
            use member::Column;
            let select = member::Entity::find()
                .filter(crate::database::in_ids(db, Column::$column, subjects.clone()))
                .order_by_asc(Column::$column)
                .order_by_asc(Column::Position);
            let mut parties = HashMap::<$id, Parties>::new();
            for row in select.all(db).await? {
                let party = PartyColumns {
                    organization_id: row.organization_id,
                    name: row.name,
                    scheme: row.scheme,
                    value: row.value,
                    resolved_by: row.resolved_by,
                    resolved_to: row.resolved_to,
                    resolved_at: row.resolved_at,
                };
                parties.entry(row.$field).or_default().members.push(party.into());
            }
            for (subject, named) in list_subcontractors(db, subjects).await? {
                parties.entry(subject).or_default().subcontractors = named;
            }
            Ok(parties)
        }

        /// Inserts the parties of new subjects.
        pub async fn insert_parties(
            tx: &Tx,
            subjects: &[($id, &Parties)],
        ) -> Result<(), sea_orm::DbErr> {
            let rows = subjects.iter().flat_map(|(subject, parties)| {
                (0..).zip(&parties.subcontractors).map(|(position, (party, amount))| {
                    let party = PartyColumns::from(party);
                    subcontractor::Model {
                        $field: *subject,
                        position,
                        organization_id: party.organization_id,
                        name: party.name,
                        scheme: party.scheme,
                        value: party.value,
                        resolved_by: party.resolved_by,
                        resolved_to: party.resolved_to,
                        resolved_at: party.resolved_at,
                        amount_cents: amount.cents,
                        currency: amount.currency.clone(),
                    }
                })
            });
            let rows = rows.collect();
            crate::database::insert_all_recorded::<subcontractor::Entity, _>(tx, rows).await?;
            for (subject, parties) in subjects {
                insert_members(tx, *subject, &parties.members).await?;
            }
            Ok(())
        }

        async fn insert_members(
            tx: &Tx,
            subject: $id,
            members: &[ResolvedParty],
        ) -> Result<(), sea_orm::DbErr> {
            let rows = (0..).zip(members).map(|(position, party)| {
                let party = PartyColumns::from(party);
                member::Model {
                    $field: subject,
                    position,
                    organization_id: party.organization_id,
                    name: party.name,
                    scheme: party.scheme,
                    value: party.value,
                    resolved_by: party.resolved_by,
                    resolved_to: party.resolved_to,
                    resolved_at: party.resolved_at,
                }
            });
            crate::database::insert_all_recorded::<member::Entity, _>(tx, rows.collect()).await
        }

        /// Stores new resolutions of a subject's parties, one statement for each organization.
        /// Existing resolutions do not change.
        pub async fn save_resolutions(
            tx: &Tx,
            subject: $id,
            resolved: &NewlyResolved,
        ) -> Result<(), sea_orm::DbErr> {
            $crate::decision::party_tables::party_tables!(
                @save tx, subject, member, $column, resolved.members_by_organization()
            );
            $crate::decision::party_tables::party_tables!(
                @save tx, subject, subcontractor, $column, resolved.subcontractors_by_organization()
            );
            Ok(())
        }

        /// Selects the subjects with a party that is resolved to an organization, or that is
        /// unresolved and named with one of its identifiers.
        pub(super) fn select_naming_party(
            organization: OrganizationId,
            identifiers: &[Identifier],
        ) -> [sea_orm::sea_query::SelectStatement; 2] {
            let members = $crate::decision::party_tables::party_tables!(
                @naming organization, identifiers, member, $column
            );
            let subcontractors = $crate::decision::party_tables::party_tables!(
                @naming organization, identifiers, subcontractor, $column
            );
            [members.into_query(), subcontractors.into_query()]
        }
    };
}

pub(crate) use party_tables;
