//! Decides what a row of the City's vendor list is about: which organization it verifies, or that it
//! registers a new one.
//!
//! A number that only its claimant has asserted proves nothing, or whoever registers with a competitor's
//! number would be verified by the list. So a row verifies an organization whose number the City has
//! verified before (another number than the vendor's only together with its name), or one that claims a
//! number, has the row's name, and has the row's city or e-mail address if the row gives one. By its name alone a row finds an
//! organization that nobody acts for, or one in the same city. In every other case the City's vendor is
//! registered, and a merge is proposed to a person.
use std::collections::{BTreeSet, HashMap};

use candor_matcher::ExactName;
use candor_matcher::fold::folded;

use super::{find_by_exact_name, has_other_number, validate_vendor_identifiers};
use crate::fault::{FieldPath, InputErrors, UserError};
use crate::organization::model::{
    Address, EmailAddress, Identifier, IdentifierScheme, IdentifierState, InvalidEmail, NameKind,
    OrganizationId, VendorFileRow, has_valid_check_digit,
};
use crate::text::{MAX_LINE_CHARS, validate_optional, validate_required};
use crate::user_message::UserMessage;

/// A validated row.
#[derive(Clone, Debug)]
pub struct ListedVendor {
    pub line: u64,
    pub legal_name: String,
    /// The vendor number first.
    pub identifiers: Vec<Identifier>,
    /// City and state alone, if the row has them.
    pub address: Option<Address>,
    pub email: Option<EmailAddress>,
    /// What is probably wrong, and accepted.
    pub warnings: Vec<String>,
}

/// Validates a row of the list.
///
/// # Errors
/// Every error in the row, each with its column.
pub fn validate_vendor_row(row: &VendorFileRow) -> Result<ListedVendor, String> {
    validate_vendor_record(row).map_err(|errors| {
        let messages = errors.into_iter().map(|error| {
            let column = error.path.first().map_or("", |column| column);
            if column == EMAIL_COLUMN {
                return "email: this is not an e-mail address in plain letters (a to z)".to_owned();
            }
            format!("{column}: {}", error.message.english())
        });
        messages.collect::<Vec<_>>().join(" ")
    })
}

const EMAIL_COLUMN: &str = "email";

/// Validates a vendor of the City's records.
///
/// # Errors
/// Every error, each at the name of its column.
pub fn validate_vendor_record(row: &VendorFileRow) -> Result<ListedVendor, Vec<UserError>> {
    let (path, mut errors) = (FieldPath::default(), InputErrors::default());
    let legal_name = validate_required(&row.name, MAX_LINE_CHARS, &path.at("name"), &mut errors);
    validate_required(&row.number, MAX_LINE_CHARS, &path.at("number"), &mut errors);
    let city = validate_optional(&row.city, MAX_LINE_CHARS, &path.at("city"), &mut errors);
    let region = validate_optional(&row.state, MAX_LINE_CHARS, &path.at("state"), &mut errors);
    let mut identifiers = Vec::new();
    for (column, id, scheme) in [
        ("number", &row.number, IdentifierScheme::CityVendor),
        ("tax_number", &row.tax_number, IdentifierScheme::CityTaxRegistration),
        ("uei", &row.uei, IdentifierScheme::Uei),
    ] {
        if !id.trim().is_empty() {
            let given = vec![Identifier { scheme, id: id.clone() }];
            identifiers.extend(validate_vendor_identifiers(given, &path.at(column), &mut errors));
        }
    }
    let email = Some(row.email.trim()).filter(|it| !it.is_empty()).map(EmailAddress::parse);
    let invalid = email.as_ref().and_then(|it| it.as_ref().err());
    if let Some(invalid) = invalid {
        let message = match invalid {
            InvalidEmail::NotAscii => UserMessage::EmailNotAscii,
            InvalidEmail::Malformed => UserMessage::EmailMalformed,
        };
        errors.add(&path.at(EMAIL_COLUMN), message);
    }
    let errors = errors.into_errors();
    if !errors.is_empty() {
        return Err(errors);
    }
    let address = (!city.is_empty() || !region.is_empty()).then(|| Address {
        street: String::new(),
        city,
        region: Some(region).filter(|region| !region.is_empty()),
        postal_code: None,
        country: "US".to_owned(),
    });
    let line = row.line;
    let mut warnings = Vec::new();
    let uei = identifiers.iter().find(|it| it.scheme == IdentifierScheme::Uei);
    if let Some(uei) = uei.filter(|it| !has_valid_check_digit(&it.id)) {
        warnings
            .push(format!("uei: the check digit of {} is wrong; compare it with SAM.gov", uei.id));
    }
    let email = email.and_then(Result::ok);
    Ok(ListedVendor { line, legal_name, identifiers, address, email, warnings })
}

/// What is known of a registered organization that may be a vendor.
#[derive(Clone, Debug)]
pub struct KnownFirm {
    pub id: OrganizationId,
    pub names: BTreeSet<(NameKind, ExactName)>,
    pub city: Option<String>,
    /// Whether somebody acts for it or is invited.
    pub has_members: bool,
    /// The e-mail addresses of these people, in lower case.
    pub emails: BTreeSet<String>,
    pub claims: Vec<(Identifier, IdentifierState)>,
}

impl KnownFirm {
    fn claims_any(&self, identifiers: &[Identifier]) -> bool {
        self.claims.iter().any(|(claimed, _)| identifiers.contains(claimed))
    }

    fn is_verified_for(&self, identifiers: &[Identifier]) -> bool {
        let verified = self.claims.iter().filter(|(_, state)| *state == IdentifierState::Verified);
        verified.into_iter().any(|(claimed, _)| identifiers.contains(claimed))
    }

    /// Whether it has another undisputed number of the same issuer.
    fn has_other_number(&self, identifiers: &[Identifier]) -> bool {
        let undisputed =
            self.claims.iter().filter(|(_, state)| *state != IdentifierState::Disputed);
        has_other_number(undisputed.map(|(claimed, _)| claimed), identifiers)
    }

    /// Whether a claim to a number with the list's name may be verified: nobody acts for the organization, the
    /// list says nothing of its people and place, or one of the two is the same. Names and numbers are public.
    fn is_corroborated_by(&self, vendor: &ListedVendor) -> bool {
        let is_same_person =
            vendor.email.as_ref().is_some_and(|email| self.emails.contains(email.as_str()));
        let says_nothing = vendor.email.is_none() && vendor.address.is_none();
        !self.has_members || says_nothing || is_same_person || self.is_in_city_of(vendor)
    }

    fn is_in_city_of(&self, vendor: &ListedVendor) -> bool {
        let city = vendor.address.as_ref().map(|address| folded(&address.city));
        city.is_some_and(|city| !city.is_empty() && self.city.as_deref().map(folded) == Some(city))
    }
}

/// What a row does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VendorPlan {
    /// Verifies the numbers for an organization.
    Verify { organization: OrganizationId, possible_merges: Vec<PossibleDuplicate> },
    /// Registers a new organization.
    Register { possible_merges: Vec<PossibleDuplicate> },
    /// Nothing: a person has to decide first. The text says what.
    Refuse(String),
}

/// An organization that may be the same firm as the vendor, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PossibleDuplicate {
    pub organization: OrganizationId,
    pub grounds: &'static str,
}

const CLAIMS_NUMBER: &str = "it claims a number that the vendor list gives to the other";
const SAME_NAME: &str = "it has the same name";

/// The registered organizations that the rows of a batch may be about.
#[derive(Debug, Default)]
pub struct KnownFirms {
    firms: HashMap<OrganizationId, KnownFirm>,
    by_identifier: HashMap<Identifier, BTreeSet<OrganizationId>>,
    by_core: HashMap<String, BTreeSet<OrganizationId>>,
}

impl KnownFirms {
    /// Adds an organization unless it is known.
    pub fn insert_new(&mut self, firm: KnownFirm) {
        if !self.firms.contains_key(&firm.id) {
            self.insert(firm);
        }
    }

    /// Adds an organization, or replaces what is known of it.
    pub fn insert(&mut self, firm: KnownFirm) {
        for (identifier, _) in &firm.claims {
            self.by_identifier.entry(identifier.clone()).or_default().insert(firm.id);
        }
        for (_, name) in &firm.names {
            self.by_core.entry(name.core().to_owned()).or_default().insert(firm.id);
        }
        self.firms.insert(firm.id, firm);
    }

    /// Records that a row verified its numbers for an organization: later rows may name it by them.
    pub fn verify(&mut self, organization: OrganizationId, identifiers: &[Identifier]) {
        for identifier in identifiers {
            let claimants = self.by_identifier.entry(identifier.clone()).or_default();
            claimants.insert(organization);
            for claimant in claimants.iter() {
                let Some(firm) = self.firms.get_mut(claimant) else { continue };
                firm.claims.retain(|(claimed, _)| claimed != identifier);
                let state = if *claimant == organization {
                    IdentifierState::Verified
                } else {
                    IdentifierState::Disputed
                };
                firm.claims.push((identifier.clone(), state));
            }
        }
    }

    /// Returns whether an organization claims a number, also if the claim is disputed.
    #[must_use]
    pub fn is_claimed(&self, identifier: &Identifier) -> bool {
        self.by_identifier.contains_key(identifier)
    }

    /// Returns what is known of an organization.
    pub fn get(&self, organization: OrganizationId) -> Option<&KnownFirm> {
        self.firms.get(&organization)
    }

    /// Records that somebody was invited to an organization.
    pub fn add_member(&mut self, organization: OrganizationId) {
        if let Some(firm) = self.firms.get_mut(&organization) {
            firm.has_members = true;
        }
    }

    /// Decides what a row does.
    #[must_use]
    pub fn plan(&self, vendor: &ListedVendor) -> VendorPlan {
        let identifiers = &vendor.identifiers;
        let claimants = identifiers.iter().filter_map(|it| self.by_identifier.get(it)).flatten();
        let claimants: BTreeSet<OrganizationId> = claimants.copied().collect();
        let claimants: Vec<&KnownFirm> = claimants
            .iter()
            .filter_map(|id| self.firms.get(id))
            .filter(|firm| firm.claims_any(identifiers))
            .collect();
        let verified: Vec<&KnownFirm> =
            claimants.iter().copied().filter(|firm| firm.is_verified_for(identifiers)).collect();
        let name = ExactName::new(&vendor.legal_name);
        let others = |chosen: Option<OrganizationId>| -> Vec<PossibleDuplicate> {
            let others = claimants.iter().filter(|firm| Some(firm.id) != chosen);
            others
                .map(|firm| PossibleDuplicate { organization: firm.id, grounds: CLAIMS_NUMBER })
                .collect()
        };
        if let [_, _, ..] = &verified[..] {
            return VendorPlan::Refuse(format!(
                "the City has verified these numbers for several organizations, {}; merge them, or \
                correct the list",
                list_ids(verified.iter().map(|firm| firm.id))
            ));
        }
        if let [firm] = &verified[..] {
            // The vendor number is the City's own key of a vendor, whose name may have changed. Another
            // number with another name is a firm of several names, or a mistake in the list.
            let is_known = firm.is_verified_for(&identifiers[..1.min(identifiers.len())])
                || !find_by_exact_name(&name, names_of([*firm].into_iter())).is_empty();
            if !is_known {
                return VendorPlan::Refuse(format!(
                    "the City has verified one of its numbers for {}, which has another name; if they \
                    are one firm, verify the vendor number for it, else correct the list",
                    firm.id
                ));
            }
            let (organization, possible_merges) = (firm.id, others(Some(firm.id)));
            return VendorPlan::Verify { organization, possible_merges };
        }
        let named = find_by_exact_name(&name, names_of(claimants.iter().copied()));
        match (named.first(), named.len()) {
            (Some(organization), 1) => {
                let is_corroborated =
                    self.get(*organization).is_some_and(|firm| firm.is_corroborated_by(vendor));
                if !is_corroborated {
                    return VendorPlan::Refuse(format!(
                        "{organization} claims a number with this name, but its people and its city \
                        are not those of the list; verify the number for it if it is the vendor, else \
                        release it"
                    ));
                }
                let possible_merges = others(Some(*organization));
                VendorPlan::Verify { organization: *organization, possible_merges }
            }
            (Some(_), _) => VendorPlan::Refuse(format!(
                "several organizations of this name claim the numbers, {}; merge them, or verify the \
                numbers for the right one",
                list_ids(named.into_iter())
            )),
            (None, _) if claimants.is_empty() => self.plan_by_name(vendor, &name),
            (None, _) => {
                let mut possible_merges = others(None);
                let namesakes = self.by_core.get(name.core()).into_iter().flatten();
                let namesakes = namesakes.filter_map(|id| self.firms.get(id));
                let namesakes = find_by_exact_name(&name, names_of(namesakes)).into_iter();
                possible_merges.extend(
                    namesakes
                        .map(|organization| PossibleDuplicate { organization, grounds: SAME_NAME }),
                );
                VendorPlan::Register { possible_merges }
            }
        }
    }

    /// Decides what a row does whose numbers nobody claims.
    fn plan_by_name(&self, vendor: &ListedVendor, name: &ExactName) -> VendorPlan {
        let firms = self.by_core.get(name.core()).into_iter().flatten();
        let firms = firms.filter_map(|id| self.firms.get(id));
        let firms = firms.filter(|firm| !firm.has_other_number(&vendor.identifiers));
        let named = find_by_exact_name(name, names_of(firms));
        match (named.first(), named.len()) {
            (None, _) => VendorPlan::Register { possible_merges: Vec::new() },
            (Some(organization), 1) => {
                let is_certain = self
                    .firms
                    .get(organization)
                    .is_some_and(|firm| !firm.has_members || firm.is_in_city_of(vendor));
                if is_certain {
                    let possible_merges = Vec::new();
                    return VendorPlan::Verify { organization: *organization, possible_merges };
                }
                let duplicate =
                    PossibleDuplicate { organization: *organization, grounds: SAME_NAME };
                VendorPlan::Register { possible_merges: vec![duplicate] }
            }
            (Some(_), _) => VendorPlan::Refuse(format!(
                "several organizations have this name, {}; verify the vendor number for the right one, \
                or merge them",
                list_ids(named.into_iter())
            )),
        }
    }
}

fn names_of<'a>(
    firms: impl Iterator<Item = &'a KnownFirm>,
) -> impl Iterator<Item = (OrganizationId, NameKind, &'a ExactName)> {
    firms.flat_map(|firm| firm.names.iter().map(|(kind, name)| (firm.id, *kind, name)))
}

/// Lists at most five identifiers.
fn list_ids(ids: impl Iterator<Item = OrganizationId>) -> String {
    let mut ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    if ids.len() > 5 {
        ids.truncate(5);
        ids.push("and others".to_owned());
    }
    ids.join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use candor_matcher::ExactName;

    use super::{KnownFirm, KnownFirms, ListedVendor, VendorPlan, validate_vendor_row};
    use crate::organization::model::{
        Identifier, IdentifierScheme, IdentifierState, NameKind, OrganizationId, VendorFileRow,
    };

    fn number(id: &str) -> Identifier {
        Identifier { scheme: IdentifierScheme::CityVendor, id: id.to_owned() }
    }

    fn vendor(number: &str, name: &str, city: &str) -> ListedVendor {
        let text = |text: &str| text.to_owned();
        let row = VendorFileRow {
            line: 2,
            number: text(number),
            name: text(name),
            tax_number: text(""),
            uei: text(""),
            city: text(city),
            state: text("CA"),
            email: text(""),
        };
        validate_vendor_row(&row).expect("a valid row")
    }

    fn firm(
        name: &str,
        claims: Vec<(Identifier, IdentifierState)>,
        has_members: bool,
    ) -> KnownFirm {
        KnownFirm {
            id: OrganizationId::generate(),
            names: [(NameKind::Legal, ExactName::new(name))].into(),
            city: Some("Port Ambrose".to_owned()),
            has_members,
            emails: BTreeSet::new(),
            claims,
        }
    }

    fn plan(firms: &[KnownFirm], vendor: &ListedVendor) -> VendorPlan {
        let mut known = KnownFirms::default();
        for firm in firms {
            known.insert(firm.clone());
        }
        known.plan(vendor)
    }

    #[test]
    fn a_number_that_only_its_claimant_asserts_is_not_verified_for_another_name() {
        use IdentifierState::{Claimed, Disputed, Verified};
        let row = vendor("V-1", "Acme Inc", "Elsewhere");
        let squatter = firm("Squatter LLC", vec![(number("V-1"), Claimed)], true);
        let mut acme = firm("ACME, INC.", vec![(number("V-1"), Disputed)], true);
        assert!(matches!(plan(&[acme.clone()], &row), VendorPlan::Refuse(_)), "in another city");
        acme.city = Some("ELSEWHERE".to_owned());
        let verified = firm("Acme before", vec![(number("V-1"), Verified)], true);
        let other_number = firm("Acme Inc", vec![(number("V-9"), Claimed)], true);
        for (firms, verifies, merges) in [
            (vec![], None, 0),
            (vec![squatter.clone()], None, 1),
            (vec![squatter.clone(), acme.clone()], Some(acme.id), 1),
            (vec![acme.clone()], Some(acme.id), 0),
            (vec![squatter, verified.clone()], Some(verified.id), 1),
            (vec![other_number], None, 0),
            // By the name alone: nobody acts for it, or it is in the same city.
            (vec![firm("Acme Inc", vec![], true)], None, 1),
        ] {
            match plan(&firms, &row) {
                VendorPlan::Verify { organization, possible_merges } => {
                    assert_eq!((Some(organization), possible_merges.len()), (verifies, merges));
                }
                VendorPlan::Register { possible_merges } => {
                    assert_eq!((None, possible_merges.len()), (verifies, merges), "{firms:#?}");
                }
                VendorPlan::Refuse(message) => panic!("{message}"),
            }
        }
        let silent = firm("Acme Inc", vec![], false);
        let near = firm("Acme", vec![], true);
        for (known, row) in [(&silent, row), (&near, vendor("V-1", "Acme Inc", "PORT AMBROSE"))] {
            let expected = VendorPlan::Verify { organization: known.id, possible_merges: vec![] };
            assert_eq!(plan(std::slice::from_ref(known), &row), expected);
        }
        // The vendor number may have another name, any other number not.
        let tax =
            Identifier { scheme: IdentifierScheme::CityTaxRegistration, id: "T-1".to_owned() };
        let taxed = firm("Other Name", vec![(tax.clone(), Verified)], true);
        let mut by_tax = vendor("V-1", "Acme Inc", "");
        by_tax.identifiers.push(tax);
        assert!(matches!(plan(&[taxed], &by_tax), VendorPlan::Refuse(_)));
        let twins = [firm("Acme Inc", vec![], true), firm("Acme Inc", vec![], true)];
        assert!(matches!(plan(&twins, &vendor("V-1", "Acme Inc", "")), VendorPlan::Refuse(_)));
    }

    #[test]
    fn a_row_says_everything_that_is_wrong_with_it() {
        let row = VendorFileRow {
            line: 2,
            number: " ".into(),
            name: String::new(),
            tax_number: "123-45-6789".into(),
            uei: String::new(),
            city: String::new(),
            state: String::new(),
            email: "no address".into(),
        };
        let message = validate_vendor_row(&row).expect_err("an invalid row");
        for column in ["number:", "name:", "tax_number:", "email:"] {
            assert!(message.contains(column), "{message}");
        }
    }
}
