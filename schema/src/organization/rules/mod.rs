//! Pure rules: validates the input of organizations, departments and invitations.
mod identifiers;
mod naming;
mod search;
mod vendor_list;

use async_graphql::MaybeUndefined;

use identifiers::{CheckedUeis, validate_identifier, validate_identifiers};
pub use identifiers::{
    has_other_number, validate_identifier_decision, validate_searched_identifier,
    validate_vendor_identifiers,
};
pub use naming::find_by_exact_name;
pub use search::{
    MIN_PARTY_SEARCH_CHARS, SearchCriteria, SearchText, validate_search, validate_search_text,
};
pub use vendor_list::{
    KnownFirm, KnownFirms, ListedVendor, PossibleDuplicate, VendorPlan, validate_vendor_record,
    validate_vendor_row,
};

use super::model::{
    Address, DepartmentInput, EmailAddress, Identifier, InvalidEmail, OrganizationInput,
    OrganizationKind, OrganizationUpdate, Owner, Party, is_united_states,
};
use crate::fault::{Fault, FieldPath, InputErrors, Result};
use crate::text::{Limit, MAX_LINE_CHARS, is_blank, validate_optional, validate_required};
use crate::user_message::UserMessage;

/// The maximum number of items in any list of an organization.
const MAX_LIST_ITEMS: usize = 200;
/// The length limit of a department's code.
const DEPARTMENT_CODE_LIMIT: Limit = Limit::line(20);

/// Validates and normalizes the input of a firm that registers itself.
///
/// # Errors
/// `Invalid` with every error in the input.
pub fn validate_organization(input: OrganizationInput) -> Result<OrganizationInput> {
    validate_data(input, &[], KindRule::Known)
}

/// Validates and normalizes the input of a firm that City staff register, whose kind may be unknown.
///
/// # Errors
/// `Invalid` with every error in the input.
pub fn validate_organization_for_firm(input: OrganizationInput) -> Result<OrganizationInput> {
    validate_data(input, &[], KindRule::MayBeUnknown)
}

/// Validates an update of an organization and returns its complete data. What is on record is not
/// questioned again.
///
/// # Errors
/// `Invalid` with every error in the input.
pub fn validate_organization_update(
    current: OrganizationInput,
    update: OrganizationUpdate,
) -> Result<OrganizationInput> {
    let owners = current.immediate_owner.iter().chain(&current.highest_owner);
    let owners = owners.chain(&current.predecessors).filter_map(|it| it.identifier.clone());
    let members = current.joint_venture_members.iter().filter_map(|it| it.identifier.clone());
    let known = current.identifiers.iter().cloned().chain(owners).chain(members);
    let known: Vec<Identifier> = known.collect();
    // The City recorded some firms without a kind; such a firm is not asked for it before it sends one.
    let kind_rule = match update.kind {
        Some(_) => KindRule::Known,
        None => KindRule::MayBeUnknown,
    };
    // The City's vendor list gives city and state alone; a firm that does not send an address is not
    // asked for the rest.
    let unsent_address = match update.address {
        MaybeUndefined::Undefined => current.address.clone(),
        _ => None,
    };
    let mut input = update.apply_to(current);
    if unsent_address.is_some() {
        input.address = None;
    }
    let valid = validate_data(input, &known, kind_rule)?;
    Ok(OrganizationInput { address: valid.address.or(unsent_address), ..valid })
}

/// Whether the kind of an organization may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KindRule {
    Known,
    MayBeUnknown,
}

fn validate_data(
    input: OrganizationInput,
    on_record: &[Identifier],
    kind_rule: KindRule,
) -> Result<OrganizationInput> {
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let checked =
        if input.identifiers_checked { CheckedUeis::All } else { CheckedUeis::OnRecord(on_record) };
    if input.kind == OrganizationKind::Unknown && kind_rule == KindRule::Known {
        errors.add(&path.at("kind"), UserMessage::OrganizationKindRequired);
    }
    let cleaned = OrganizationInput {
        legal_name: validate_required(
            &input.legal_name,
            MAX_LINE_CHARS,
            &path.at("legalName"),
            &mut errors,
        ),
        doing_business_as: validate_list(
            input.doing_business_as,
            &path.at("doingBusinessAs"),
            &mut errors,
            |name, at, errors| validate_required(&name, MAX_LINE_CHARS, at, errors),
        ),
        identifiers: validate_identifiers(
            input.identifiers,
            checked,
            &path.at("identifiers"),
            &mut errors,
        ),
        address: input
            .address
            .map(|given| validate_address(&given, &path.at("address"), &mut errors)),
        immediate_owner: input
            .immediate_owner
            .map(|given| validate_owner(given, checked, &path.at("immediateOwner"), &mut errors)),
        highest_owner: input
            .highest_owner
            .map(|given| validate_owner(given, checked, &path.at("highestOwner"), &mut errors)),
        predecessors: validate_list(
            input.predecessors,
            &path.at("predecessors"),
            &mut errors,
            |given, at, errors| validate_owner(given, checked, at, errors),
        ),
        joint_venture_members: validate_list(
            input.joint_venture_members,
            &path.at("jointVentureMembers"),
            &mut errors,
            |given, at, errors| validate_named_party(given, checked, at, errors),
        ),
        ..input
    };
    if !cleaned.legal_name.is_empty() && !cleaned.legal_name.chars().any(char::is_alphanumeric) {
        errors.add(&path.at("legalName"), UserMessage::NameWithoutLetters);
    }
    let members_path = path.at("jointVentureMembers");
    for (index, member) in cleaned.joint_venture_members.iter().enumerate() {
        // An identifier that was refused is empty and matches nothing.
        let given = member.identifier.as_ref().filter(|it| !it.id.is_empty());
        if given.is_some_and(|it| cleaned.identifiers.contains(it)) {
            errors.add(&members_path.at(index).at("identifier"), UserMessage::MemberIsVenture);
        }
    }
    match (cleaned.kind, cleaned.joint_venture_members.len()) {
        (OrganizationKind::JointVenture, 0 | 1) => {
            errors.add(&members_path, UserMessage::VentureMembersRequired);
        }
        (OrganizationKind::JointVenture, _) | (_, 0) => {}
        _ => {
            errors.add(&members_path, UserMessage::VentureMembersUnexpected);
        }
    }
    errors.finish()?;
    Ok(cleaned)
}

fn validate_list<T, U>(
    items: Vec<T>,
    path: &FieldPath,
    errors: &mut InputErrors,
    clean: impl Fn(T, &FieldPath, &mut InputErrors) -> U,
) -> Vec<U> {
    if items.len() > MAX_LIST_ITEMS {
        errors.add(path, UserMessage::ListTooLong { max: MAX_LIST_ITEMS });
        return Vec::new();
    }
    let items = items.into_iter().enumerate();
    items.map(|(index, item)| clean(item, &path.at(index), errors)).collect()
}

fn validate_address(given: &Address, path: &FieldPath, errors: &mut InputErrors) -> Address {
    let mut line =
        |text: &str, name: &str| validate_required(text, MAX_LINE_CHARS, &path.at(name), errors);
    let (street, city) = (line(&given.street, "street"), line(&given.city, "city"));
    let country = line(&given.country, "country");
    let is_domestic = is_united_states(&country);
    let mut domestic_line = |text: Option<&String>, name: &str, missing: UserMessage| {
        let path = path.at(name);
        let text = text.map(String::as_str).unwrap_or_default();
        if is_blank(text) && is_domestic {
            errors.add(&path, missing);
        }
        let text = validate_optional(text, MAX_LINE_CHARS, &path, errors);
        Some(text).filter(|text| !text.is_empty())
    };
    let region = domestic_line(given.region.as_ref(), "region", UserMessage::RegionRequired);
    let postal_code = given.postal_code.as_ref();
    let postal_code = domestic_line(postal_code, "postalCode", UserMessage::PostalCodeRequired);
    Address { street, city, region, postal_code, country }
}

fn validate_owner(
    given: Owner,
    checked: CheckedUeis<'_>,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> Owner {
    let name = validate_required(&given.name, MAX_LINE_CHARS, &path.at("name"), errors);
    let identifier_path = path.at("identifier");
    let identifier =
        given.identifier.map(|it| validate_identifier(&it, checked, &identifier_path, errors));
    Owner { name, identifier }
}

/// Validates and normalizes a party that a bid or contract names. Its UEI is not questioned, since the
/// firm that names it cannot correct it.
pub fn validate_party(given: Party, path: &FieldPath, errors: &mut InputErrors) -> Party {
    validate_named_party(given, CheckedUeis::All, path, errors)
}

fn validate_named_party(
    given: Party,
    checked: CheckedUeis<'_>,
    path: &FieldPath,
    errors: &mut InputErrors,
) -> Party {
    let name = validate_required(&given.name, MAX_LINE_CHARS, &path.at("name"), errors);
    let identifier_path = path.at("identifier");
    let identifier =
        given.identifier.map(|it| validate_identifier(&it, checked, &identifier_path, errors));
    Party { organization_id: given.organization_id, name, identifier }
}

/// Validates and normalizes the input of a department.
///
/// # Errors
/// `Invalid` with every error in the input.
pub fn validate_department(input: &DepartmentInput) -> Result<DepartmentInput> {
    let (path, mut errors) = (FieldPath::argument("input"), InputErrors::default());
    let cleaned = DepartmentInput {
        code: validate_required(&input.code, DEPARTMENT_CODE_LIMIT, &path.at("code"), &mut errors)
            .to_uppercase(),
        name: validate_required(&input.name, MAX_LINE_CHARS, &path.at("name"), &mut errors),
        contact: validate_required(
            &input.contact,
            MAX_LINE_CHARS,
            &path.at("contact"),
            &mut errors,
        ),
    };
    errors.finish()?;
    Ok(cleaned)
}

/// Parses the e-mail address of an invitation.
///
/// # Errors
/// `Invalid` if it is not an address or has a character outside ASCII.
pub fn validate_email(given: &str) -> Result<EmailAddress> {
    let (path, mut errors) = (FieldPath::argument("input").at("email"), InputErrors::default());
    validate_required(given, MAX_LINE_CHARS, &path, &mut errors);
    errors.finish()?;
    // The text as typed: normalization would already turn the Kelvin sign into the letter K.
    EmailAddress::parse(given.trim()).map_err(|error| {
        let message = match error {
            InvalidEmail::NotAscii => UserMessage::EmailNotAscii,
            InvalidEmail::Malformed => UserMessage::EmailMalformed,
        };
        Fault::invalid(&path, message)
    })
}

#[cfg(test)]
mod tests {
    use super::{validate_department, validate_email, validate_organization};
    use crate::fault::{Fault, Result};
    use crate::organization::model::{
        Address, DepartmentInput, EmailAddress, Identifier, IdentifierScheme, OrganizationInput,
        OrganizationKind,
    };

    fn input(kind: OrganizationKind, identifiers: Vec<Identifier>) -> OrganizationInput {
        OrganizationInput {
            kind,
            legal_name: " A/C & Sons ".into(),
            doing_business_as: vec![],
            identifiers,
            identifiers_checked: false,
            disputed: false,
            address: None,
            immediate_owner: None,
            highest_owner: None,
            predecessors: vec![],
            joint_venture_members: vec![],
        }
    }

    fn error_codes<T>(result: Result<T>) -> Vec<(String, &'static str)> {
        match result {
            Err(Fault::Invalid(errors)) => {
                errors.into_iter().map(|error| (error.path.join("."), error.code())).collect()
            }
            _ => Vec::new(),
        }
    }

    #[test]
    fn an_organization_without_identifiers_is_valid() {
        let organization = validate_organization(input(OrganizationKind::SoleProprietor, vec![]));
        assert_eq!(organization.ok().map(|firm| firm.legal_name), Some("A/C & Sons".to_owned()));
    }

    #[test]
    fn only_an_address_in_the_united_states_needs_region_and_postal_code() {
        let with_country = |country: &str, region: Option<&str>| OrganizationInput {
            address: Some(Address {
                street: "1 Harbor Road".to_owned(),
                city: "A town".to_owned(),
                region: region.map(str::to_owned),
                postal_code: None,
                country: country.to_owned(),
            }),
            ..input(OrganizationKind::Corporation, vec![])
        };
        for country in ["SG", "MX", "hk", "Ireland"] {
            let valid = validate_organization(with_country(country, Some(" "))).expect("valid");
            assert_eq!(valid.address.and_then(|address| address.region), None, "{country}");
        }
        for country in ["US", " us ", "USA", "U.S.", "United States", "United States of America"] {
            let codes = error_codes(validate_organization(with_country(country, None)));
            let missing = [
                ("input.address.region".to_owned(), "required"),
                ("input.address.postalCode".to_owned(), "required"),
            ];
            assert_eq!(codes, missing, "{country}");
        }
        let misleading = validate_organization(with_country("SG", Some("a\u{202E}b")));
        assert_eq!(error_codes(misleading), [("input.address.region".to_owned(), "invalid")]);
    }

    #[test]
    fn a_missing_region_is_stored_as_before() {
        let stored = r#"{"street":"","city":"A town","region":"","postal_code":"","country":"US"}"#;
        let address: Address = serde_json::from_str(stored).expect("a stored address");
        assert_eq!((&address.region, &address.postal_code), (&None, &None));
        assert_eq!(serde_json::to_string(&address).expect("JSON"), stored);
    }

    #[test]
    fn every_invalid_identifier_is_reported_with_its_path() {
        let id = |scheme, id: &str| Identifier { scheme, id: id.into() };
        let mut given = input(
            OrganizationKind::JointVenture,
            vec![
                id(IdentifierScheme::Uei, "TREASU364044"),
                id(IdentifierScheme::Cage, "12"),
                id(IdentifierScheme::CityTaxRegistration, "123-45-6789"),
            ],
        );
        let errors = [
            ("input.identifiers.0.id".to_owned(), "questioned"),
            ("input.identifiers.1.id".to_owned(), "invalid"),
            ("input.identifiers.2.id".to_owned(), "invalid"),
            ("input.jointVentureMembers".to_owned(), "required"),
        ];
        assert_eq!(error_codes(validate_organization(given.clone())), errors);
        given.identifiers_checked = true;
        assert_eq!(error_codes(validate_organization(given)), errors[1..]);
    }

    #[test]
    fn an_invitation_address_must_be_ascii() {
        for look_alike in
            ["\u{212A}elvin@example.org", "a@example.\u{FF4F}rg", "e\u{301}@example.org"]
        {
            assert!(validate_email(look_alike).is_err(), "{look_alike}");
        }
        let given = validate_email("\u{A0}Signer@Example.ORG ").ok();
        assert_eq!(given.as_ref().map(EmailAddress::as_str), Some("signer@example.org"));
        for invalid in
            ["no address", "ban\u{212A}@firm.example", "josé@firm.example", "a@firm.ex\u{FF41}mple"]
        {
            assert_eq!(
                error_codes(validate_email(invalid)),
                [("input.email".to_owned(), "invalid")],
                "{invalid}"
            );
        }
    }

    #[test]
    fn a_department_requires_a_contact() {
        let given =
            DepartmentInput { code: "lib".into(), name: "Library".into(), contact: " ".into() };
        assert_eq!(
            error_codes(validate_department(&given)),
            [("input.contact".to_owned(), "required")]
        );
    }
}
