//! Under which names and identifiers an organization, and who stands around it, is looked for among
//! the recipients of awards.
use crate::award::matcher::{Record, Relation};
use crate::gate::EntityScope;
use crate::organization::model::{
    Address, Identifier, IdentifierScheme, OrganizationKind, Owner, Ownership, Party,
};

/// What is known of an organization.
#[derive(Clone, Copy, Debug)]
pub struct Firm<'a> {
    pub kind: OrganizationKind,
    pub legal_name: &'a str,
    pub doing_business_as: &'a [String],
    pub identifiers: &'a [Identifier],
    pub address: Option<&'a Address>,
    pub ownership: &'a Ownership,
    pub members: &'a [Party],
}

/// Who is looked for, and what that is to the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchRecord {
    pub relation: EntityScope,
    pub record: Record,
}

impl Firm<'_> {
    /// The organization itself, once for each UEI that it bears, and those whom it names: its
    /// owners, whom it succeeded, a venture's members.
    #[must_use]
    pub fn around(&self) -> Vec<SearchRecord> {
        let own = self.own().into_iter().map(|record| (EntityScope::Own, record));
        let Ownership { immediate_owner, highest_owner, predecessors } = self.ownership;
        let owners = immediate_owner.iter().chain(highest_owner);
        let owners = owners.map(|owner| (EntityScope::Parent, named(owner)));
        let before = predecessors.iter().map(|owner| (EntityScope::Predecessor, named(owner)));
        let members = self.members.iter().map(|member| {
            let owner = Owner { name: member.name.clone(), identifier: member.identifier.clone() };
            (EntityScope::JointVentureMember, named(&owner))
        });
        let all = own.chain(owners).chain(before).chain(members);
        all.map(|(relation, record)| SearchRecord { relation, record }).collect()
    }

    fn own(&self) -> Vec<Record> {
        let of = |scheme| {
            let borne = self.identifiers.iter().filter(move |it| it.scheme == scheme);
            borne.map(|it| it.id.clone())
        };
        let owner =
            self.ownership.immediate_owner.as_ref().or(self.ownership.highest_owner.as_ref());
        let record = Record {
            name: self.legal_name.to_owned(),
            aliases: self.doing_business_as.to_vec(),
            uei: None,
            duns: None,
            cage: of(IdentifierScheme::Cage).next(),
            city: self.address.map(|address| address.city.clone()),
            state: self.address.map(|address| address.region.clone()),
            address: self.address.map(|address| address.street.clone()),
            parent: owner.map(|owner| owner.name.clone()),
            parent_uei: owner.and_then(uei),
        };
        let mut ueis: Vec<Option<String>> = of(IdentifierScheme::Uei).map(Some).collect();
        if ueis.is_empty() {
            ueis.push(None);
        }
        ueis.into_iter().map(|uei| Record { uei, ..record.clone() }).collect()
    }

    /// What a recipient is to the organization; none if that is nothing that it was asked for.
    /// `looked_for` is who was looked for, `found` what the matcher says that the recipient is to
    /// it.
    #[must_use]
    pub fn scope(&self, looked_for: EntityScope, found: Relation) -> Option<EntityScope> {
        match (looked_for, found) {
            (looked_for, Relation::Same) => Some(looked_for),
            // A venture that it is a member of is no member of its own.
            (EntityScope::Own, Relation::JointVentureMember)
                if self.kind != OrganizationKind::JointVenture =>
            {
                Some(EntityScope::Affiliate)
            }
            (EntityScope::Own, found) => Some(scope_of(found)),
            // An owner's subsidiary is not looked for.
            _ => None,
        }
    }
}

/// What a recipient is to whoever was looked for, in the words of disclosures.
#[must_use]
pub const fn scope_of(found: Relation) -> EntityScope {
    match found {
        Relation::Same => EntityScope::Own,
        Relation::Owner => EntityScope::Parent,
        Relation::Subsidiary => EntityScope::Subsidiary,
        Relation::JointVentureMember => EntityScope::JointVentureMember,
        Relation::Predecessor => EntityScope::Predecessor,
    }
}

fn uei(owner: &Owner) -> Option<String> {
    let identifier = owner.identifier.as_ref()?;
    (identifier.scheme == IdentifierScheme::Uei).then(|| identifier.id.clone())
}

fn named(owner: &Owner) -> Record {
    let cage = owner.identifier.as_ref().filter(|it| it.scheme == IdentifierScheme::Cage);
    Record {
        uei: uei(owner),
        cage: cage.map(|it| it.id.clone()),
        ..Record::from_name(owner.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::Firm;
    use crate::award::matcher::Relation;
    use crate::gate::EntityScope;
    use crate::organization::model::{
        Identifier, IdentifierScheme, OrganizationKind, Owner, Ownership,
    };

    #[test]
    fn an_organization_is_looked_for_under_each_uei_and_with_its_owners() {
        let identifier = |id: &str| Identifier { scheme: IdentifierScheme::Uei, id: id.into() };
        let identifiers = [identifier("LN3NM7H7GWA4"), identifier("KN3NM7H7GWA5")];
        let owner =
            Owner { name: "Zimbel Holdings".into(), identifier: Some(identifier("QW3JX8L5T9R2")) };
        let ownership = Ownership { immediate_owner: Some(owner), ..Ownership::default() };
        let firm = Firm {
            kind: OrganizationKind::Corporation,
            legal_name: "Quorvath Systems Inc",
            doing_business_as: &[],
            identifiers: &identifiers,
            address: None,
            ownership: &ownership,
            members: &[],
        };
        let around = firm.around();
        let told: Vec<_> =
            around.iter().map(|it| (it.relation, it.record.uei.as_deref())).collect();
        assert_eq!(
            told,
            [
                (EntityScope::Own, Some("LN3NM7H7GWA4")),
                (EntityScope::Own, Some("KN3NM7H7GWA5")),
                (EntityScope::Parent, Some("QW3JX8L5T9R2")),
            ]
        );
        assert_eq!(around[0].record.parent_uei.as_deref(), Some("QW3JX8L5T9R2"));
        assert_eq!(firm.scope(EntityScope::Own, Relation::Owner), Some(EntityScope::Parent));
        assert_eq!(firm.scope(EntityScope::Parent, Relation::Subsidiary), None);
    }
}
