//! Builds the search records of an organization and its related firms, and names the relation of a
//! recipient that was found.
use crate::gate::EntityScope;
use crate::organization::model::{
    Address, FormerName, Identifier, IdentifierScheme, OrganizationKind, Owner, Ownership, Party,
};
use candor_matcher::{Record, Relation};

/// An organization's data for matching.
#[derive(Clone, Copy, Debug)]
pub struct Firm<'a> {
    pub kind: OrganizationKind,
    pub legal_name: &'a str,
    pub doing_business_as: &'a [String],
    /// Its former legal names, which awards of that time have.
    pub former_names: &'a [FormerName],
    pub identifiers: &'a [Identifier],
    pub address: Option<&'a Address>,
    pub ownership: &'a Ownership,
    pub members: &'a [Party],
}

/// A firm to search for, and its relation to the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchRecord {
    pub relation: EntityScope,
    pub record: Record,
}

impl Firm<'_> {
    /// Returns the organization once for each of its UEIs, then its owners, its predecessors and a
    /// joint venture's members.
    #[must_use]
    pub fn search_records(&self) -> Vec<SearchRecord> {
        let own = self.own_records().into_iter().map(|record| (EntityScope::Own, record));
        let Ownership { immediate_owner, highest_owner, predecessors } = self.ownership;
        let owners = immediate_owner.iter().chain(highest_owner);
        let owners = owners.map(|owner| (EntityScope::Parent, owner_record(owner)));
        let predecessors =
            predecessors.iter().map(|owner| (EntityScope::Predecessor, owner_record(owner)));
        let members = self.members.iter().map(|member| {
            let owner = Owner { name: member.name.clone(), identifier: member.identifier.clone() };
            (EntityScope::JointVentureMember, owner_record(&owner))
        });
        let all = own.chain(owners).chain(predecessors).chain(members);
        all.map(|(relation, record)| SearchRecord { relation, record }).collect()
    }

    fn own_records(&self) -> Vec<Record> {
        let identifiers_of = |scheme| {
            let of_scheme = self.identifiers.iter().filter(move |it| it.scheme == scheme);
            of_scheme.map(|it| it.id.clone())
        };
        let owner =
            self.ownership.immediate_owner.as_ref().or(self.ownership.highest_owner.as_ref());
        let record = Record {
            name: self.legal_name.to_owned(),
            aliases: self
                .doing_business_as
                .iter()
                .chain(self.former_names.iter().map(|former| &former.name))
                .cloned()
                .collect(),
            uei: None,
            duns: None,
            cage: identifiers_of(IdentifierScheme::Cage).next(),
            city: self.address.map(|address| address.city.clone()),
            state: self.address.and_then(|address| address.region.clone()),
            address: self.address.map(|address| address.street.clone()),
            parent: owner.map(|owner| owner.name.clone()),
            parent_uei: owner.and_then(owner_uei),
        };
        let mut ueis: Vec<Option<String>> =
            identifiers_of(IdentifierScheme::Uei).map(Some).collect();
        if ueis.is_empty() {
            ueis.push(None);
        }
        ueis.into_iter().map(|uei| Record { uei, ..record.clone() }).collect()
    }

    /// The relation of a recipient to the organization; `None` if the relation is not disclosable.
    /// `looked_for` is the relation of the firm that was searched for, `found` the recipient's
    /// relation to that firm.
    #[must_use]
    pub fn relation_of(&self, looked_for: EntityScope, found: Relation) -> Option<EntityScope> {
        match (looked_for, found) {
            (looked_for, Relation::Same) => Some(looked_for),
            // A joint venture that the organization belongs to is its affiliate, not its member.
            (EntityScope::Own, Relation::JointVentureMember)
                if self.kind != OrganizationKind::JointVenture =>
            {
                Some(EntityScope::Affiliate)
            }
            (EntityScope::Own, found) => Some(relation_scope(found)),
            // Relatives of a relative, such as an owner's other subsidiary, do not count.
            _ => None,
        }
    }
}

/// The matcher's relation as the entity scope that disclosures use.
#[must_use]
pub const fn relation_scope(found: Relation) -> EntityScope {
    match found {
        Relation::Same => EntityScope::Own,
        Relation::Owner => EntityScope::Parent,
        Relation::Subsidiary => EntityScope::Subsidiary,
        Relation::JointVentureMember => EntityScope::JointVentureMember,
        Relation::Predecessor => EntityScope::Predecessor,
    }
}

fn owner_uei(owner: &Owner) -> Option<String> {
    let identifier = owner.identifier.as_ref()?;
    (identifier.scheme == IdentifierScheme::Uei).then(|| identifier.id.clone())
}

fn owner_record(owner: &Owner) -> Record {
    let cage = owner.identifier.as_ref().filter(|it| it.scheme == IdentifierScheme::Cage);
    Record {
        uei: owner_uei(owner),
        cage: cage.map(|it| it.id.clone()),
        ..Record::from_name(owner.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::Firm;
    use crate::gate::EntityScope;
    use crate::organization::model::{
        Identifier, IdentifierScheme, OrganizationKind, Owner, Ownership,
    };
    use candor_matcher::Relation;

    #[test]
    fn search_records_hold_each_uei_and_the_owners() {
        let identifier = |id: &str| Identifier { scheme: IdentifierScheme::Uei, id: id.into() };
        let identifiers = [identifier("LN3NM7H7GWA4"), identifier("KN3NM7H7GWA5")];
        let owner =
            Owner { name: "Zimbel Holdings".into(), identifier: Some(identifier("QW3JX8L5T9R2")) };
        let ownership = Ownership { immediate_owner: Some(owner), ..Ownership::default() };
        let firm = Firm {
            kind: OrganizationKind::Corporation,
            legal_name: "Quorvath Systems Inc",
            doing_business_as: &[],
            former_names: &[],
            identifiers: &identifiers,
            address: None,
            ownership: &ownership,
            members: &[],
        };
        let search_records = firm.search_records();
        let relations: Vec<_> =
            search_records.iter().map(|it| (it.relation, it.record.uei.as_deref())).collect();
        assert_eq!(
            relations,
            [
                (EntityScope::Own, Some("LN3NM7H7GWA4")),
                (EntityScope::Own, Some("KN3NM7H7GWA5")),
                (EntityScope::Parent, Some("QW3JX8L5T9R2")),
            ]
        );
        assert_eq!(search_records[0].record.parent_uei.as_deref(), Some("QW3JX8L5T9R2"));
        assert_eq!(firm.relation_of(EntityScope::Own, Relation::Owner), Some(EntityScope::Parent));
        assert_eq!(firm.relation_of(EntityScope::Parent, Relation::Subsidiary), None);
    }
}
