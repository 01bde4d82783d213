//! The organizations, solicitations and bids of the demonstration city. All are invented.
use candor_schema::gate::AwardMethod;
use candor_schema::organization::model::OrganizationKind;

use OrganizationKind::{
    Corporation, Government, JointVenture, LimitedCompany, Nonprofit, Partnership, SoleProprietor,
};
use State::{
    Amended, Cbp, Certificate, Changed, Cisa, CityData, Classified, Draft, EVerify, Fema, Fresh,
    Ice, Never, None as NoneOfEither, Onward, Paper, SeparateAgreements, Shared, Stale, Tsa,
    Withdrawn,
};

/// The departments: code, name, and contact for firms.
pub const DEPARTMENTS: [(&str, &str, &str); 8] = [
    ("LIB", "Library Department", "Contracts desk, Library, library.contracts@city.example"),
    ("BSS", "Bureau of Street Services", "Contracts desk, Street Services, bss@city.example"),
    ("REC", "Recreation and Parks", "Contracts desk, Parks, parks.contracts@city.example"),
    ("HSG", "Housing Department", "Contracts desk, Housing, housing.contracts@city.example"),
    ("ITA", "Information Technology Agency", "Contracts desk, ITA, ita.contracts@city.example"),
    ("AIR", "Airports", "Procurement, Airports, airports.procurement@city.example"),
    ("GSD", "General Services", "Supply Services, General Services, supply@city.example"),
    ("PWD", "Public Works", "Contracts desk, Public Works, works.contracts@city.example"),
];

/// What a firm has disclosed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing: it never filed.
    Never,
    /// Nothing yet: it has an unfinished draft.
    Draft,
    /// No agreement and no data sharing.
    None,
    /// One agreement, E-Verify's memorandum of understanding, in the short form.
    EVerify,
    /// A detention contract.
    Ice,
    /// A shelter grant.
    Fema,
    /// Two agreements: meals for the staff of one component, and cleaning of detention rooms of
    /// another. A filter by the first component and by detention must not find the firm.
    SeparateAgreements,
    /// A shelter grant, and a detention contract that was added days before bids were due.
    Changed,
    /// Spare parts for Customs and Border Protection.
    Cbp,
    /// Screening at an airport.
    Tsa,
    /// A subcontract under a prime's award.
    Cisa,
    /// A classified agreement, partly withheld.
    Classified,
    /// City data shared with a processor and a broker.
    CityData,
    /// Data that may be passed on to a component.
    Onward,
    /// City data that is passed on to a component.
    Shared,
    /// No agreement and no data sharing, on a paper form that a reviewer entered.
    Paper,
    /// No dealings, filed 366 local days before the janitorial bids were due: one day too old.
    Stale,
    /// No dealings, filed 365 local days before the janitorial bids were due: still current.
    Fresh,
    /// First no dealings, then one agreement: the first filing is superseded.
    Amended,
    /// No dealings, and later a certificate of no change.
    Certificate,
    /// No dealings; the filing was withdrawn.
    Withdrawn,
}

/// The firms: name, kind, disclosure. The first has never filed, so that its bid is blocked.
pub const FIRMS: [(&str, OrganizationKind, State); 48] = [
    ("Harbor Lantern Janitorial LLC", LimitedCompany, Never),
    ("Arroyo & Daughters Cleaning", Partnership, NoneOfEither),
    ("Bright Sweeping L/C", LimitedCompany, EVerify),
    ("Meridian Custody Services Inc.", Corporation, Ice),
    ("Canyon Shelter Foundation", Nonprofit, Fema),
    ("Tarmac & Gate Screening Corp.", Corporation, Tsa),
    ("Kestrel Cyber Partners LP", Partnership, Cisa),
    ("Blue Basin Analytics Inc.", Corporation, Classified),
    ("Palisade Payroll DBA PalPay", Corporation, CityData),
    ("Vantage Plate Readers LLC", LimitedCompany, Onward),
    ("Old Mission Floor Care", SoleProprietor, Stale),
    ("New Mission Floor Care", SoleProprietor, Fresh),
    ("Cypress Language Works", LimitedCompany, Amended),
    ("Figueroa Street Interpreters", Nonprofit, Certificate),
    ("Low Tide Consulting", SoleProprietor, Withdrawn),
    ("Eastern Arch Builders Inc.", Corporation, Draft),
    ("Sepulveda Concrete & Paving", Corporation, NoneOfEither),
    ("Ballona Creek Electric", LimitedCompany, NoneOfEither),
    ("Ridge Route Trucking", Corporation, EVerify),
    ("Sycamore Tree Service #2", SoleProprietor, NoneOfEither),
    ("Crenshaw Catering Co-op", Nonprofit, NoneOfEither),
    ("Pico Print & Copy", SoleProprietor, EVerify),
    ("Silver Lake Software Inc.", Corporation, CityData),
    ("Topanga Transit Consultants", LimitedCompany, NoneOfEither),
    ("Watts Towers Window Washing", SoleProprietor, Never),
    ("Verdugo Valve & Pump", Corporation, EVerify),
    ("San Pedro Marine Supply", Corporation, NoneOfEither),
    ("Elysian Security Patrol Inc.", Corporation, Ice),
    ("Laurel Medical Staffing", LimitedCompany, EVerify),
    ("Hyperion Water Testing", Corporation, NoneOfEither),
    ("Angeles Crest Aviation", Corporation, Classified),
    ("Echo Park Paper Goods", Partnership, NoneOfEither),
    ("Union Flower Market Landscapes", Partnership, Never),
    ("Griffith Star Charts & Maps", SoleProprietor, NoneOfEither),
    ("Compass Rose Translations", SoleProprietor, Certificate),
    ("Port District Joint Powers", Government, NoneOfEither),
    ("Sunset & Vine Events Inc.", Corporation, Draft),
    ("Mulholland Data Brokers", Corporation, Onward),
    ("Terminal Island Welding", LimitedCompany, EVerify),
    ("Bluff & Basin Joint Venture", JointVenture, NoneOfEither),
    ("Long Wharf Lodging & Catering", Corporation, SeparateAgreements),
    ("Coastal Holding & Shelter Corp.", Corporation, Changed),
    ("Signal Hill Scanner Supply", LimitedCompany, Cbp),
    ("Bay Street Parking Data LLC", LimitedCompany, Shared),
    ("Ridgeline Roofing", SoleProprietor, Paper),
    ("Third Street Sign Shop", Partnership, NoneOfEither),
    ("Fountain & Main Plumbing", LimitedCompany, NoneOfEither),
    ("Twin Bridges Fencing Inc.", Corporation, NoneOfEither),
];

/// Index in [`FIRMS`] of the joint venture.
pub const JOINT_VENTURE: usize = 39;
/// Indexes of its members.
pub const JOINT_VENTURE_MEMBERS: [usize; 2] = [16, 32];

/// The solicitations: department, number, title, method, whether for public works, and the days of
/// publication and of the due time, counted from now.
pub const SOLICITATIONS: [(&str, &str, &str, AwardMethod, bool, i64, i64); 11] = [
    (
        "LIB",
        "LIB-26-014",
        "Janitorial services, central library",
        AwardMethod::Bids,
        false,
        -50,
        -20,
    ),
    (
        "HSG",
        "HSG-26-031",
        "Operation of two interim shelters",
        AwardMethod::Proposals,
        false,
        -33,
        -3,
    ),
    ("PWD", "PWD-26-102", "Sidewalk repair, harbor district", AwardMethod::Bids, true, -90, -60),
    ("LIB", "LIB-26-021", "Interpretation by telephone", AwardMethod::Proposals, false, -10, 0),
    ("LIB", "LIB-26-019", "Window and floor cleaning, branches", AwardMethod::Bids, false, -5, 14),
    ("AIR", "AIR-26-077", "Guard services, cargo terminal", AwardMethod::Proposals, false, -12, 25),
    ("REC", "REC-26-040", "Summer lunch program", AwardMethod::Bids, false, -7, 21),
    ("LIB", "LIB-26-016", "Book delivery between branches", AwardMethod::Bids, false, -9, -1),
    ("HSG", "HSG-26-033", "Meals and beds, winter shelters", AwardMethod::Proposals, false, -9, -1),
    (
        "ITA",
        "ITA-26-009",
        "Parking permits and their records",
        AwardMethod::Proposals,
        false,
        -9,
        -2,
    ),
    ("PWD", "PWD-26-110", "Fences and roofs of three yards", AwardMethod::Bids, true, -9, -2),
];
/// Index in [`SOLICITATIONS`] of the one that is due minutes after the start.
pub const CLOSING_SOLICITATION: usize = 3;
/// Index in [`SOLICITATIONS`] of one that takes bids.
pub const OPEN_SOLICITATION: usize = 4;
/// Index in [`SOLICITATIONS`] of the one whose due time an addendum extended.
pub const EXTENDED_SOLICITATION: usize = 5;
/// Index in [`SOLICITATIONS`] of the canceled one.
pub const CANCELED_SOLICITATION: usize = 6;

/// A bid: the indexes of the solicitation and the firm, the amount in dollars, and each
/// subcontractor's index with its amount in dollars.
pub type DemoBid = (usize, usize, u32, &'static [(usize, u32)]);

/// The bids, in no particular order. Each is submitted before its solicitation is due.
pub const BIDS: [DemoBid; 75] = [
    (0, 1, 412_000, &[]),
    (0, 2, 398_500, &[]),
    (0, 10, 371_250, &[]),
    (0, 11, 405_000, &[]),
    (0, 0, 389_900, &[]),
    (0, 3, 440_000, &[]),
    (0, 24, 352_000, &[]),
    (0, 14, 401_300, &[]),
    (0, 20, 420_000, &[(1, 29_999), (24, 29_999)]),
    (0, 21, 433_000, &[(24, 30_000)]),
    (1, 4, 2_150_000, &[]),
    (1, 3, 2_480_000, &[]),
    (1, 20, 1_975_000, &[(28, 240_000)]),
    (1, 27, 2_300_000, &[]),
    (1, 7, 2_050_000, &[]),
    (1, 15, 1_890_000, &[]),
    (1, 36, 2_010_000, &[]),
    (2, 16, 5_100_000, &[(17, 300_000), (32, 24_000)]),
    (2, 39, 4_870_000, &[(38, 410_000)]),
    (2, 15, 4_990_000, &[]),
    (2, 18, 5_250_000, &[(19, 20_000)]),
    (3, 12, 310_000, &[]),
    (3, 13, 295_000, &[]),
    (3, 34, 288_750, &[]),
    (3, 32, 301_000, &[]),
    (4, 1, 96_000, &[]),
    (4, 11, 101_500, &[]),
    (5, 27, 3_300_000, &[(25, 45_000)]),
    (5, 5, 3_150_000, &[]),
    (5, 30, 3_420_000, &[]),
    (6, 20, 610_000, &[]),
    (7, 1, 61_000, &[]),
    (7, 2, 58_400, &[]),
    (7, 18, 72_500, &[]),
    (7, 19, 66_300, &[]),
    (7, 21, 59_900, &[]),
    (7, 25, 70_100, &[]),
    (7, 26, 64_750, &[]),
    (7, 27, 81_000, &[]),
    (7, 33, 57_200, &[]),
    (7, 45, 63_000, &[]),
    (7, 39, 88_000, &[]),
    (8, 4, 1_450_000, &[]),
    (8, 41, 1_620_000, &[]),
    (8, 40, 1_380_000, &[]),
    (8, 27, 1_710_000, &[]),
    (8, 3, 1_690_000, &[]),
    (8, 20, 1_295_000, &[]),
    (8, 7, 1_540_000, &[]),
    (8, 29, 1_330_000, &[]),
    (8, 12, 1_410_000, &[]),
    (8, 30, 1_505_000, &[]),
    (8, 24, 1_200_000, &[]),
    (9, 43, 540_000, &[]),
    (9, 8, 515_000, &[]),
    (9, 22, 498_000, &[]),
    (9, 9, 560_000, &[]),
    (9, 37, 533_000, &[]),
    (9, 6, 610_000, &[]),
    (9, 42, 587_000, &[]),
    (9, 31, 472_000, &[]),
    (9, 23, 505_000, &[]),
    (9, 46, 521_000, &[]),
    (9, 10, 455_000, &[]),
    (10, 16, 930_000, &[(24, 60_000)]),
    (10, 17, 905_000, &[]),
    (10, 44, 870_000, &[]),
    (10, 47, 915_000, &[]),
    (10, 18, 960_000, &[]),
    (10, 38, 890_000, &[]),
    (10, 26, 948_000, &[]),
    (10, 32, 842_000, &[]),
    (10, 5, 1_010_000, &[]),
    (10, 35, 977_000, &[]),
    (10, 36, 861_000, &[]),
];
/// Index in [`BIDS`] of the one that was withdrawn before bids were due.
pub const WITHDRAWN_BID: usize = 26;
