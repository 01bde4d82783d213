//! Which organization an exact name finds.
use std::collections::{BTreeMap, BTreeSet};

use candor_matcher::ExactName;

use crate::organization::model::{NameKind, OrganizationId};

/// Returns the organizations that a name finds among the names of some: those whose legal name fits, else
/// those whose trade name fits, else those whose former name fits. A name with a legal form fits the same
/// form, else names without one; a name without a legal form fits every form.
pub fn find_by_exact_name<'a>(
    name: &ExactName,
    names: impl Iterator<Item = (OrganizationId, NameKind, &'a ExactName)>,
) -> BTreeSet<OrganizationId> {
    let mut by_kind = BTreeMap::<NameKind, Vec<(OrganizationId, &ExactName)>>::new();
    for (organization, kind, other) in names.filter(|(_, _, other)| other.fits(name)) {
        by_kind.entry(kind).or_default().push((organization, other));
    }
    let Some(fitting) = by_kind.into_values().next() else { return BTreeSet::new() };
    let same_form = fitting.iter().filter(|(_, other)| *other == name);
    let same_form: BTreeSet<_> = same_form.map(|(organization, _)| *organization).collect();
    if name.forms() == 0 || same_form.is_empty() {
        return fitting.into_iter().map(|(organization, _)| organization).collect();
    }
    same_form
}

#[cfg(test)]
mod tests {
    use candor_matcher::ExactName;

    use super::find_by_exact_name;
    use crate::organization::model::{NameKind, OrganizationId};

    /// Returns the positions of the organizations that a name finds.
    fn find(name: &str, registered: &[(NameKind, &str)]) -> Vec<usize> {
        let registered: Vec<(OrganizationId, NameKind, ExactName)> = registered
            .iter()
            .map(|(kind, name)| (OrganizationId::generate(), *kind, ExactName::new(name)))
            .collect();
        let names = registered.iter().map(|(id, kind, name)| (*id, *kind, name));
        let found = find_by_exact_name(&ExactName::new(name), names);
        let position = |id: &OrganizationId| registered.iter().position(|(it, _, _)| it == id);
        let mut found: Vec<usize> = found.iter().filter_map(position).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn a_legal_form_is_ignored_only_if_one_name_has_none() {
        let legal = |names: &[&'static str]| -> Vec<(NameKind, &'static str)> {
            names.iter().map(|name| (NameKind::Legal, *name)).collect()
        };
        assert_eq!(find("ACME, L.L.C.", &legal(&["Acme Inc", "Acme LLC"])), [1]);
        assert_eq!(find("Acme LLC", &legal(&["Acme Inc"])), [0; 0]);
        assert_eq!(find("Acme", &legal(&["Acme Inc"])), [0]);
        assert_eq!(find("Acme LLC", &legal(&["Acme"])), [0]);
        assert_eq!(find("Acme LLC", &legal(&["Acme", "Acme LLC"])), [1]);
        assert_eq!(find("Acme", &legal(&["Acme Inc", "Acme LLC"])), [0, 1]);
        assert_eq!(find("Acme", &legal(&["Acme", "Acme LLC"])), [0, 1]);
        assert_eq!(find("Acme LLC", &legal(&["Acme LLC", "ACME L.L.C."])), [0, 1]);
        assert_eq!(find("Acme", &[]), [0; 0]);
    }

    #[test]
    fn legal_names_precede_trade_names_and_these_former_names() {
        use NameKind::{Former, Legal, Trade};
        assert_eq!(find("Acme", &[(Former, "Acme"), (Trade, "Acme"), (Legal, "Acme")]), [2]);
        assert_eq!(find("Acme", &[(Former, "Acme"), (Trade, "Acme")]), [1]);
        assert_eq!(find("Acme LLC", &[(Former, "Acme LLC"), (Legal, "Acme Inc")]), [0]);
    }
}
