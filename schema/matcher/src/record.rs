//! A firm's names, identifiers and location, as the matcher's input and in parsed form.
use crate::fold::pieces;
use crate::lexicon;
use crate::name::{Name, hash};
use crate::parse::parse_names;

/// A firm's data as written. Only the name is required.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The name; it may contain several, such as `X DBA Y`.
    pub name: String,
    /// Other names: raw, doing business as, former.
    pub aliases: Vec<String>,
    /// The Unique Entity Identifier, 12 letters and digits.
    pub uei: Option<String>,
    /// The DUNS number, 9 digits, which the UEI replaced.
    pub duns: Option<String>,
    /// The CAGE code, 5 letters and digits.
    pub cage: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// The state, two letters.
    pub state: Option<String>,
    /// The first line of the address.
    pub address: Option<String>,
    /// The parent firm's name.
    pub parent: Option<String>,
    /// The parent firm's UEI.
    pub parent_uei: Option<String>,
}

impl Record {
    /// Creates a record with a name only.
    #[must_use]
    pub fn from_name(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// DUNS numbers that the award data uses for recipients without one.
const PLACEHOLDER_DUNS: [&str; 9] = [
    "123456787",
    "123456789",
    "136721250",
    "136721292",
    "161906193",
    "167416593",
    "790238638",
    "790238851",
    "160889432",
];

/// A firm's parsed data, ready for comparison.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// The firm's names, the main name first.
    pub(crate) names: Vec<Name>,
    /// The member firms' names, if the firm is a joint venture.
    pub(crate) members: Vec<Name>,
    /// The parent firm's names.
    pub(crate) parents: Vec<Name>,
    pub(crate) uei: Option<Box<str>>,
    pub(crate) duns: Option<Box<str>>,
    pub(crate) cage: Option<Box<str>>,
    pub(crate) parent_uei: Option<Box<str>>,
    pub(crate) city: Option<u64>,
    pub(crate) state: Option<u64>,
    pub(crate) address: Option<u64>,
}

impl Profile {
    /// Parses a record. Invalid identifiers are ignored.
    #[must_use]
    pub fn new(record: &Record) -> Self {
        // A placeholder has no name, but a usable identifier is one firm's all the same.
        let mut own: Vec<Name> = parse_names(&record.name);
        for name in record.aliases.iter().flat_map(|alias| parse_names(alias)) {
            if own
                .iter()
                .all(|known| known.words != name.words || known.legal_forms != name.legal_forms)
            {
                own.push(name);
            }
        }
        let place_of = |value: &Option<String>| value.as_deref().and_then(place_hash);
        Self {
            members: own.iter().flat_map(joint_venture_members).collect(),
            names: own,
            parents: record.parent.as_deref().map(parse_names).unwrap_or_default(),
            uei: record.uei.as_deref().and_then(normalize_uei),
            duns: record.duns.as_deref().and_then(normalize_duns),
            cage: record.cage.as_deref().and_then(normalize_cage),
            parent_uei: record.parent_uei.as_deref().and_then(normalize_uei),
            city: place_of(&record.city),
            state: place_of(&record.state),
            address: record.address.as_deref().and_then(address_hash),
        }
    }

    /// Parses a name without other data.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let names = parse_names(name);
        Self {
            members: names.iter().flat_map(joint_venture_members).collect(),
            names,
            ..Self::default()
        }
    }

    /// The firm's own identifiers and its parent's.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        [&self.uei, &self.duns, &self.cage, &self.parent_uei]
            .into_iter()
            .flatten()
            .map(|code| &**code)
    }

    /// Removes the identifiers for which the condition holds.
    pub(crate) fn forget_codes(&mut self, is_forgotten: impl Fn(&str) -> bool) {
        for code in [&mut self.uei, &mut self.duns, &mut self.cage, &mut self.parent_uei] {
            code.take_if(|code| is_forgotten(code));
        }
    }

    /// The firm's parsed names.
    #[must_use]
    pub fn names(&self) -> &[Name] {
        &self.names
    }
}

/// The member firms in a joint venture's name: `Colich & Sons and J R Pipeline, J V`.
fn joint_venture_members(name: &Name) -> Vec<Name> {
    if !name.is_joint_venture() {
        return Vec::new();
    }
    let lower = name.raw.to_lowercase();
    let parts = ["/", " - ", " and ", " & ", ";"].iter().find_map(|mark| {
        let parts: Vec<&str> = lower.split(mark).collect();
        (parts.len() > 1).then_some(parts)
    });
    let parts = parts.or_else(|| {
        let parts: Vec<&str> = lower.split('-').collect();
        (parts.len() == 2).then_some(parts)
    });
    let members = parts.unwrap_or_default().into_iter().map(Name::new);
    let distinct = |member: &Name| {
        member.words.iter().any(|word| word.class == lexicon::WordClass::Distinctive)
    };
    members.filter(distinct).collect()
}

fn normalize_code(text: &str, length: usize) -> Option<String> {
    let text = text.trim().to_ascii_uppercase();
    let is_valid = text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    // A repeated digit is a placeholder.
    let has_different_characters = text.bytes().any(|byte| Some(byte) != text.bytes().next());
    (is_valid && has_different_characters).then_some(text)
}

/// Normalizes a UEI; `None` if invalid. A UEI has no letter O or I and no leading zero.
fn normalize_uei(text: &str) -> Option<Box<str>> {
    let code = normalize_code(text, 12)?;
    (!code.contains(['O', 'I']) && !code.starts_with('0')).then(|| code.into())
}

/// Normalizes a DUNS number and restores the leading zeros that spreadsheets drop; `None` if invalid.
fn normalize_duns(text: &str) -> Option<Box<str>> {
    let text = text.trim();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() >= 7;
    let code = normalize_code(&format!("{text:0>9}"), 9)?;
    (digits && !PLACEHOLDER_DUNS.contains(&&*code)).then(|| code.into())
}

fn normalize_cage(text: &str) -> Option<Box<str>> {
    let code = normalize_code(text, 5)?;
    code.bytes().any(|byte| byte.is_ascii_digit()).then(|| code.into())
}

fn place_hash(text: &str) -> Option<u64> {
    let words = pieces(text).into_iter().map(|piece| lexicon::word_key(&piece.text));
    let text = words.collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then(|| hash(&text))
}

/// The hash of a street address without its unit. `None` for a post office box or an address without
/// a number.
fn address_hash(text: &str) -> Option<u64> {
    let words = pieces(text).into_iter().map(|piece| match &*piece.text {
        "street" => "st".into(),
        "avenue" => "ave".into(),
        "road" => "rd".into(),
        "boulevard" => "blvd".into(),
        "drive" => "dr".into(),
        "lane" => "ln".into(),
        "highway" => "hwy".into(),
        "parkway" => "pkwy".into(),
        "north" => "n".into(),
        "south" => "s".into(),
        "east" => "e".into(),
        "west" => "w".into(),
        _ => piece.text,
    });
    let unit_words = ["suite", "ste", "unit", "apt", "floor", "fl", "rm", "room"];
    let mut street_words: Vec<String> = Vec::new();
    for word in words {
        if street_words.len() >= 3 && unit_words.contains(&&*word) {
            break;
        }
        street_words.push(word);
    }
    let starts_with_number =
        street_words.first().is_some_and(|first| first.starts_with(char::is_numeric));
    (starts_with_number && street_words.len() >= 2).then(|| hash(&street_words.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::{Profile, Record, address_hash, normalize_cage, normalize_duns, normalize_uei};

    #[test]
    fn only_identifiers_that_can_be_valid_are_kept() {
        assert!(normalize_uei("LN3NM7H7GWA4").is_some());
        assert!(
            normalize_uei("LO3NM7H7GWA4").is_none()
                && normalize_uei("").is_none()
                && normalize_uei("AAAAAAAAAAAA").is_none()
        );
        assert_eq!(normalize_duns("4106527").as_deref(), Some("004106527"));
        assert!(
            normalize_duns("123456787").is_none()
                && normalize_duns("000000000").is_none()
                && normalize_duns("x").is_none()
        );
        assert!(normalize_cage("3SKA1").is_some() && normalize_cage("ABCDE").is_none());
    }

    #[test]
    fn an_address_ends_at_the_suite() {
        assert_eq!(address_hash("218 MAIN ST S STE 100"), address_hash("218 Main Street, S"));
        assert!(address_hash("PO BOX 12").is_none());
    }

    #[test]
    fn a_joint_venture_has_members() {
        let profile = Profile::from_name("COLICH & SONS AND RADOS PIPELINE, J V");
        let members: Vec<_> = profile.members.iter().map(|name| name.words.len()).collect();
        assert_eq!(members, [2, 2]);
    }

    #[test]
    fn a_placeholder_has_no_name_but_keeps_its_identifier() {
        let record = Record {
            uei: Some("LN3NM7H7GWA4".into()),
            ..Record::from_name("MISCELLANEOUS FOREIGN AWARDEES")
        };
        let profile = Profile::new(&record);
        assert!(profile.names.is_empty() && profile.uei.is_some());
    }
}
