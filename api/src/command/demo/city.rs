//! Who is in the demonstration city. Every organization in it is invented.
use candor_schema::gate::AwardMethod;
use candor_schema::organization::model::OrganizationKind;

use OrganizationKind::{
    Corporation, Government, JointVenture, LimitedCompany, Nonprofit, Partnership, SoleProprietor,
};
use State::{
    Amended, Beside, Cbp, Certificate, Changed, Cisa, CityData, Classified, Draft, EVerify, Fema,
    Fresh, Ice, Never, None as NoneOfEither, Onward, Paper, Shared, Stale, Tsa, Withdrawn,
};

/// The departments: code, name, whom a firm asks.
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

/// What a firm has disclosed so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    Never,
    /// Nothing yet: it has begun a draft.
    Draft,
    /// None of either.
    None,
    /// Its only agreement is E-Verify's memorandum, in the short form.
    EVerify,
    /// A detention contract.
    Ice,
    /// A shelter grant.
    Fema,
    /// Meals for the staff of one component, and rooms cleaned in which another holds people: no
    /// agreement of the first is for detention.
    Beside,
    /// A shelter grant first; a detention contract besides since, days before bids were due.
    Changed,
    /// Spare parts, by Customs and Border Protection.
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
    /// None of either, on a paper form that a reviewer entered.
    Paper,
    /// 366 local days before the janitorial bids were due.
    Stale,
    /// 365 local days before the janitorial bids were due.
    Fresh,
    /// None first, an agreement since: the first filing is superseded.
    Amended,
    /// None, and a certificate of no change since.
    Certificate,
    /// None, and withdrawn.
    Withdrawn,
}

/// The firms: name, kind, what they have disclosed. The first has never filed: its bid is blocked until
/// it does.
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
    ("Long Wharf Lodging & Catering", Corporation, Beside),
    ("Coastal Holding & Shelter Corp.", Corporation, Changed),
    ("Signal Hill Scanner Supply", LimitedCompany, Cbp),
    ("Bay Street Parking Data LLC", LimitedCompany, Shared),
    ("Ridgeline Roofing", SoleProprietor, Paper),
    ("Third Street Sign Shop", Partnership, NoneOfEither),
    ("Fountain & Main Plumbing", LimitedCompany, NoneOfEither),
    ("Twin Bridges Fencing Inc.", Corporation, NoneOfEither),
];

/// The joint venture, by its place in [`FIRMS`].
pub const VENTURE: usize = 39;
/// Its members: the second has never filed.
pub const VENTURE_MEMBERS: [usize; 2] = [16, 32];

/// What is solicited: department, number, title, method, public works; in days from now, when it
/// was published and when bids are due.
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
/// The place in [`SOLICITATIONS`] of the one that closes minutes after the start.
pub const CLOSING: usize = 3;
/// The place in [`SOLICITATIONS`] of one that a newcomer can bid on.
pub const OPEN: usize = 4;
/// The place in [`SOLICITATIONS`] of the one that was extended by an addendum.
pub const EXTENDED: usize = 5;
/// The place in [`SOLICITATIONS`] of the one that was canceled.
pub const CANCELED: usize = 6;

/// A bid: the solicitation and the firm by their places, the amount in dollars, and the firms
/// named as subcontractors with theirs.
pub type Offer = (usize, usize, u32, &'static [(usize, u32)]);

/// The bids, in the order of nothing: each is submitted before its solicitation is due.
pub const BIDS: [Offer; 75] = [
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
/// The place in [`BIDS`] of one that was withdrawn before bids were due.
pub const WITHDRAWN_BID: usize = 26;
