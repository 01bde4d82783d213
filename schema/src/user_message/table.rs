//! Every message of a user error.
use chrono::NaiveDate;
use strum::IntoStaticStr;

use super::{CodePoint, InEnglish, Kinds, MessageValue, UserErrorCode};

user_messages! {
    // Text, money and pages.
    /// A required text is empty.
    TextRequired => Required,
        "Fill this in; it is empty.";
    /// A text exceeds its limit.
    TextTooLong { length: usize, max: usize } => TooLong,
        "The text has {length} characters. Shorten it to at most {max}.";
    /// A character cannot be seen; positions count from 1.
    TextHidden { position: usize, code_point: CodePoint } => Invalid,
        "Character {position} is {code_point}, which is invisible or displays differently on \
         each device. Remove it.";
    /// A date is malformed or outside the years 1900 to 2200.
    DateInvalid => Invalid,
        "Enter a valid date between 1900 and 2200, such as 2026-11-24.";
    /// A day, month or year is malformed or outside the years 1900 to 2200.
    PartialDateInvalid => Invalid,
        "Enter a day such as 2009-06-01, a month such as 2009-06, or a year such as 2009, between \
         1900 and 2200.";
    /// An amount is negative.
    AmountNegative => Invalid,
        "The amount must not be below zero.";
    /// An amount is malformed.
    AmountMalformed => Invalid,
        "Write the amount in digits with at most two decimals, such as 125000.00, without \
         separators, currency signs or exponents.";
    /// An amount exceeds ten trillion units.
    AmountTooLarge => Invalid,
        "The amount is larger than ten trillion. Check it.";
    /// An amount has more than two decimals.
    AmountTooPrecise => Invalid,
        "Write at most two decimals, with no fractions of a cent.";
    /// A currency code is not one of ISO 4217.
    CurrencyUnknown => Invalid,
        "Use a three-letter currency code (ISO 4217), such as USD.";
    /// A cursor is malformed.
    CursorInvalid => Invalid,
        "This is not a cursor. Send one from an earlier answer, unchanged.";
    /// A cursor of another list.
    CursorOfOtherList => Invalid,
        "This cursor belongs to another list or sort order. Start again without it.";
    /// Paging arguments of both directions.
    PageDirectionUnclear => Contradiction,
        "Use first with after, or last with before, not both.";
    /// A page size out of range.
    PageSizeInvalid { max: u64 } => Invalid,
        "Ask for 0 to {max} rows per page.";
    /// An identifier of another kind, or none.
    IdOfOtherKind { expected: String, given: String } => Invalid,
        "Expected an identifier of the form {expected}_…, got {given}.";
    /// An identifier of no known kind.
    IdUnknownKind => Invalid,
        "Send an identifier as an answer gave it, such as org_…, disc_…, sol_…, bid_…, con_…, \
         ren_…, wvr_…, exm_…, awd_…, mat_…, dec_…, pol_… or dep_….";

    /// Both an identifier and a number, or neither.
    LookupUnclear => Contradiction,
        "Send either the identifier, or the number with the department if several departments have it.";
    /// A department beside an identifier.
    DepartmentWithoutNumber => Contradiction,
        "A department belongs to a number. Leave it out, or enter a number instead of the identifier.";
    /// A department that does not exist.
    NoSuchDepartment { given: String } => Invalid,
        "There is no department {given}. Enter a code, a name or an identifier from the list of \
         departments.";
    /// A number of several departments.
    NumberAmbiguous { departments: String } => Required,
        "Several departments have this number. Enter one of them as department: {departments}.";
    /// A number in several spellings.
    NumberSpellings { numbers: String } => Invalid,
        "The department has this number in several spellings. Enter one of them exactly: \
         {numbers}.";

    // Organizations and their people.
    /// A registration leaves the kind open.
    OrganizationKindRequired => Invalid,
        "Choose the kind of your organization; only the City's own records may leave it unknown.";
    /// A member has the identifier of its joint venture.
    MemberIsVenture => Contradiction,
        "This is the venture's own identifier; give the member's, or leave it out.";
    /// A joint venture has fewer than two members.
    VentureMembersRequired => Required,
        "Name at least two members of the joint venture.";
    /// Members of another kind of organization.
    VentureMembersUnexpected => Contradiction,
        "Only a joint venture has members; choose that kind, or remove them.";
    /// An organization was merged into another.
    OrganizationMerged { into: String } => Invalid,
        "This organization was merged into {into}. Use that one instead.";
    /// A place in the United States without its state.
    RegionRequired => Required,
        "Enter the state, such as California. Outside the United States, enter the country; the state may \
         then stay empty.";
    /// An address in the United States without its ZIP code.
    PostalCodeRequired => Required,
        "Enter the postal code. Outside the United States, enter the country; it may then stay \
         empty.";
    /// An organization is to be merged with itself.
    MergeWithItself => Contradiction,
        "This is the same organization twice. Name the one that ends, and another that goes on.";
    /// A joint venture is to be merged with its member.
    MergeOfVentureAndMember => Contradiction,
        "One of the two is a joint venture, and the other is its member, so they are two firms. \
         Check both identifiers.";
    /// The organizations to merge have different verified identifiers.
    MergeOfVerified { scheme: Kinds, retired: String, surviving: String } => Contradiction,
        "The City verified different numbers for the two ({scheme}): {retired} and {surviving}. If they are one firm, release the wrong number first.";
    /// The organizations to merge have bids on one solicitation.
    MergeOfBidders { solicitations: String } => Contradiction,
        "Both organizations have an open bid on {solicitations}. Merge them after one of the two \
         bids is withdrawn or refused, or the contract is awarded.";
    /// A joint venture names itself.
    VentureIsOwnMember => Contradiction,
        "A joint venture cannot be its own member. Remove this entry.";
    /// A list exceeds its limit.
    ListTooLong { max: usize } => TooLong,
        "List at most {max} items.";
    /// An identifier is repeated.
    IdentifierRepeated => Contradiction,
        "This identifier is listed twice. Remove one.";
    /// An identifier has the form of a social security number.
    IdentifierLooksLikeSsn => Invalid,
        "This looks like a social security number; never send one.";
    /// A UEI's check digit is wrong.
    UeiCheckFailed => Questioned,
        "This UEI is not valid: a UEI has 12 letters and digits, and its check digit (the \
         last one) must match. Compare it with SAM.gov. If it is correct there, confirm that you \
         have checked it.";
    /// A CAGE code is malformed.
    CageMalformed => Invalid,
        "A CAGE code has 5 letters and digits.";
    /// An identifier is claimed already.
    IdentifierTaken => Taken,
        "Another organization is already registered with this identifier. If it is your firm, \
         ask its signatory to invite you, or the Bureau of Contract Administration if nobody acts for \
         it yet; do not register it again. If the identifier is yours and not theirs, \
         dispute it, and the City will decide.";
    /// The firm leaves out an identifier that the City has verified.
    IdentifierVerified { id: String } => Contradiction,
        "The City has verified {id} for your organization, so only the City can remove it. Keep it \
         in the list. If it is wrong, contact the Bureau of Contract Administration.";
    /// Another organization's claim to the identifier is verified.
    IdentifierVerifiedElsewhere { holder: String } => Taken,
        "The City has verified this identifier for another organization, {holder}. Release it there \
         first, or check the number.";
    /// Nobody claims the identifier.
    IdentifierUnclaimed => Invalid,
        "No organization claims this identifier. Check the scheme and the number.";
    /// Only other organizations claim the identifier.
    IdentifierClaimedByOthers { holders: String } => Invalid,
        "This organization does not claim this identifier; it is claimed by {holders}. Send the \
         organization whose claim ends.";
    /// The same person registers an organization again.
    AlreadyRegistered { id: String } => Taken,
        "You already act for an organization with this name or number: {id}, returned here. Use it \
         and do not register it again; to change its data, update it.";
    /// Staff register a firm that is there.
    FirmAlreadyRegistered { name: String, id: String } => Taken,
        "{name} ({id}) is already registered with this name or number. Use it. If you mean another \
         firm of the same name, say so, and give a number of that firm if it has one.";
    /// Staff register a firm with another firm's number.
    FirmHasThisNumber { name: String, id: String } => Taken,
        "{name} ({id}) is registered with this number. Use it. If the number is not that firm's, \
         release it there first.";
    /// A legal name without letters and digits.
    NameWithoutLetters => Invalid,
        "Write the name in letters or digits.";
    /// Staff register a firm, and several have its name.
    SeveralFirmsOfThisName => Taken,
        "Several firms are already registered with this name. Find the right one by its name and \
         city, or say that you mean another firm of the same name.";
    /// The subject names no such party.
    PartyNotNamed => Invalid,
        "It names no member or subcontractor by this name (and number). Send the name as it was given; \
         the finding shows it.";
    /// The party is identified already.
    PartyIdentified => Invalid,
        "This party is already identified. If it is the wrong firm, ask a reviewer to correct it.";
    /// The bidder identifies a party after the award.
    PartyIdentifiedTooLate => PastDue,
        "This bid is no longer open, so its parties do not change. A reviewer can still correct one.";
    /// The bidder identifies a party of a refused bid.
    PartyOfRefusedBid => Invalid,
        "This bid is refused, so its parties do not change. Name the party by its number when you submit \
        the bid again before bids are due. After that, a reviewer can still correct one.";
    /// The organization does not fit what was given.
    PartyDoesNotMatch => Invalid,
        "This organization has neither the number nor the exact name that was given. Choose the firm \
         that has, or have the firm correct its registration.";
    /// Neither or both of two subjects.
    PartySubjectRequired => Required,
        "Name either a bid or a contract: the one whose party you identify.";
    /// Neither or both of two subjects.
    SubstitutionSubjectRequired => Required,
        "Name either a bid or a contract: the one whose subcontractor is replaced.";
    /// The policy allows no substitution for this kind of contract.
    SubstitutionNotAllowed { contracts: Kinds, version: String } => Unavailable,
        "Policy version {version} allows no substitution of subcontractors for {contracts}.";
    /// The policy does not allow the ground.
    SubstitutionGroundNotAllowed { citation: String, grounds: Kinds } => Unavailable,
        "{citation} does not allow a substitution on this ground. It allows: {grounds}.";
    /// A substitution before bids are due.
    SubstitutionBeforeDue => Invalid,
        "Bids are not due yet. Until then the bidder itself can replace its bid.";
    /// A substitution on a bid that is not open.
    SubstitutionBidEnded => PastDue,
        "This bid is no longer open. After the award, name the contract instead.";
    /// A substitution after the contract's end.
    SubstitutionContractEnded { last: NaiveDate } => PastDue,
        "This contract ended on {last}, so its subcontractors do not change.";
    /// Several firms are named by the name of the subcontractor to replace.
    SubstitutionNameUnclear => Contradiction,
        "Several firms are named by this name. Give the number of the one to replace as well.";
    /// One amount for several entries.
    SubstitutionAmountUnclear { entries: usize } => Invalid,
        "This subcontractor has {entries} entries, each with its amount. Leave the amount out to keep them.";
    /// A firm replaces itself.
    SubstitutionSameFirm => Contradiction,
        "This is the subcontractor that is to be replaced. Name another firm.";
    /// A search has no criterion, or two.
    SearchCriterionRequired => Required,
        "Search either by text, or by an identifier: send one of the two.";
    /// A look-up has no key, or two.
    LookupKeyRequired => Required,
        "Send one of the two: the organization's own identifier, or a number of it.";
    /// A search text is too short.
    SearchTextTooShort { min: usize } => Invalid,
        "Search by {min} or more letters or digits.";
    /// An e-mail address is not ASCII.
    EmailNotAscii => Invalid,
        "This address has letters other than a to z, which can look like other letters. \
         Invite the person at an address without them.";
    /// An e-mail address is malformed.
    EmailMalformed => Invalid,
        "This is not an e-mail address. Write it as name@example.org.";
    /// A department with this name or code exists.
    DepartmentTaken { name: String, code: String } => Taken,
        "{name} ({code}) is already registered. Choose another.";
    /// The address has a place in the department.
    OfficerExists => Taken,
        "This address is already invited or an officer of the department.";
    /// The first invitation is not to a signatory.
    FirstMemberSigns => Invalid,
        "This organization has no members yet. Invite the first one as a signatory.";
    /// The address is invited or a member.
    MemberExists => Taken,
        "This address is already invited or a member. Remove it first to change its role.";
    /// A member's organization does not exist.
    MemberUnknown => Invalid,
        "There is no such organization; ask the member for its identifier, or leave it out \
         and name the member alone.";
    /// A bidder names itself.
    SubcontractorIsBidder => Contradiction,
        "A bidder cannot be its own subcontractor; remove this entry.";
    /// A contractor names itself.
    SubcontractorIsContractor => Contradiction,
        "A contractor cannot be its own subcontractor; remove this entry.";
    /// An identifier resolves to the firm itself.
    SubcontractorIdentifiesFirm => Contradiction,
        "A firm is not its own subcontractor; remove this row, or correct whom it names.";
    /// Too many subcontractors.
    SubcontractorsTooMany { max: usize } => TooLong,
        "Name at most {max} subcontractors.";

    // Policies.
    /// `policy.suspended` itself.
    RuleNotSuspendable => Invalid,
        "This rule reports suspensions and cannot be suspended.";
    /// A rule code that does not exist.
    RuleUnknown { code: String } => Invalid,
        "There is no rule {code}. The policy lists the code of each of its rules.";
    /// A time outside the supported years.
    TimeOutOfRange => Invalid,
        "Give a time between the years 1 and 9999.";
    /// A version that was never published.
    PolicyVersionUnknown { version: i64 } => Invalid,
        "Policy version {version} does not exist.";
    /// Nothing is published, and the request needs a policy.
    PolicyNone => Unavailable,
        "No policy is published, so this cannot be done yet. An administrator of the City publishes \
         the first one.";
    /// The first policy begins later, and the request needs one.
    PolicyBeginsLater { version: i64, date: NaiveDate } => Unavailable,
        "No policy is in force yet, so this cannot be done now. Policy version {version} takes effect \
         on {date}.";
    /// The stored terms of a version cannot be read.
    PolicyUnreadable { version: i64, problem: String } => Unavailable,
        "Policy version {version} cannot be read, so nothing is decided under it: {problem}. Ask the \
         operator to verify the database.";
    /// A text is marked as a draft.
    PolicyIsDraft { mark: String } => Refused,
        "The policy's texts are marked as a draft ({mark}). Publish it as a draft (on the command line \
         with --draft), or remove the line draft from each text once it is adopted.";
    /// A version that is published with other content.
    PolicyVersionPublished { version: i64, next: i64 } => Refused,
        "Policy version {version} is already published with different content, and a published \
         version never changes. Give the file version {next} and a later day.";
    /// A version that was withdrawn.
    PolicyVersionWithdrawn { version: i64 } => Refused,
        "Policy version {version} was withdrawn before it began, and its number is not used again.";
    /// A version that is not the next.
    PolicyVersionNotNext { version: i64, next: i64 } => Refused,
        "The next policy version is {next}, not {version}. Correct the version in the file.";
    /// A version that would begin before it is published.
    PolicyBeginsInPast { date: NaiveDate } => Refused,
        "The policy would take effect on {date}, which has begun already. Choose a day after today.";
    /// A version that would begin before an earlier one.
    PolicyBeginsTooEarly { version: i64, date: NaiveDate } => Refused,
        "The policy must take effect after version {version}, whose day is {date}. Choose a later \
         day.";
    /// A version that has begun cannot be withdrawn.
    PolicyHasBegun { version: i64, date: NaiveDate } => Refused,
        "Policy version {version} took effect on {date}, so it cannot be withdrawn. Publish the next \
         version instead; an order of a court or of the City can suspend this one.";
    /// A version on which an award or a renewal rests cannot be withdrawn.
    PolicyInUse { version: i64, uses: String } => Refused,
        "Policy version {version} cannot be withdrawn, because this rests on it: {uses}. Publish the \
         next version instead.";
    /// The proposer cannot confirm.
    PolicyProposalIsOwn => Refused,
        "You proposed this change, so another administrator has to confirm it.";
    /// The proposal is confirmed already.
    PolicyProposalConfirmed => Refused,
        "This change was confirmed already. Reload the list of proposed changes.";
    /// The proposal was withdrawn.
    PolicyProposalWithdrawn => Refused,
        "This proposal was withdrawn. Propose the change again.";
    /// The proposal's time is over.
    PolicyProposalLapsed => PastDue,
        "The time to confirm this change is over. Propose it again.";
    /// A policy text that breaks the rules for policies.
    PolicyRefused { violation: String } => Refused,
        "{violation}";
    /// A parameter of no policy.
    PolicyParameterUnknown => Invalid,
        "The policy has no such parameter; see its list of parameters.";
    /// A rule of no policy.
    PolicyRuleUnknown => Invalid,
        "The policy has no such rule; see the codes of its rules.";

    // Disclosures: agreements.
    /// An agreement without a kind.
    AgreementKindRequired => Required,
        "Choose the kind of agreement.";
    /// Kind OTHER without a name.
    AgreementKindNameRequired => Required,
        "Describe the kind of agreement.";
    /// An agreement without a component.
    ComponentRequired => Required,
        "Choose the DHS component.";
    /// Component OTHER without a name.
    ComponentNameRequired => Required,
        "Enter the name of the component.";
    /// Program participation without a program.
    ProgramRequired => Required,
        "Enter the name of the program, such as E-Verify.";
    /// No start.
    StartRequired => Required,
        "Enter the start: the day, or only the month or the year. If you do not know it, enter why.";
    /// A start beside the reason why it is unknown.
    StartOrReason => Contradiction,
        "Enter the start, withhold it, or enter why it is not known; only one of these.";
    /// Neither an end date nor ongoing.
    EndDateRequired => Required,
        "Enter the end date, or say that it is ongoing.";
    /// An end date of something ongoing.
    EndDateOrOngoing => Contradiction,
        "Enter an end date or say that it is ongoing, not both.";
    /// Dates in the wrong order.
    EndBeforeStart => Contradiction,
        "The end date is before the start date. Correct one of them.";
    /// No state on the day of signing.
    StateAtSigningRequired => Required,
        "Choose the state of the agreement on the day of signing.";
    /// State ENDED with ongoing.
    EndedIsOngoing => Contradiction,
        "An agreement that has ended cannot be ongoing. Correct one of the two.";
    /// No category of work.
    NatureOfWorkRequired => Required,
        "Choose at least one category of work.";
    /// No description of the work.
    WorkDescriptionRequired => Required,
        "Describe the work.";
    /// A subaward without a tier.
    TierRequired => Required,
        "Choose the subaward tier.";
    /// A subaward without a prime.
    PrimeRequired => Required,
        "Enter the name of the prime award's holder.";
    /// A subaward without the prime award's number.
    PrimeAwardRequired => Required,
        "Enter the number of the prime award, or \"unknown\" if you do not know it.";
    /// A prime of another kind of agreement.
    PrimeUnexpected => Contradiction,
        "Only a subcontract or subgrant has a prime award. Remove this field, or change the \
         kind.";
    /// No holder.
    HolderRequired => Required,
        "Enter who holds the agreement: your organization, or one related to it.";
    /// A holder without a relation.
    HolderRelationRequired => Required,
        "Choose the holder's relation to your organization.";
    /// A holder without a name.
    HolderNameRequired => Required,
        "Enter the holder's name.";
    /// A name beside a listed component.
    ComponentNameUnexpected => Contradiction,
        "A component name is only for a component that is not listed. Remove the name, or choose the other \
         component.";
    /// A name beside a listed kind.
    KindNameUnexpected => Contradiction,
        "The name of a kind is only for a kind that is not listed. Remove the name, or choose the other kind.";
    /// No pricing.
    PricingRequired => Required,
        "Choose the form of pricing.";
    /// No terms of compensation.
    CompensationTermsRequired => Required,
        "Describe how and when the work is paid.";
    /// No amount of compensation.
    CompensationAmountRequired => Required,
        "Enter the current amount, the obligated amount or the ceiling: known or estimated, \
         or unknown with the reason.";
    /// An amount without its certainty.
    CertaintyRequired => Required,
        "Choose whether the amount is known, estimated or unknown.";
    /// A certainty without an amount.
    StatedAmountRequired => Required,
        "Enter the amount, or choose unknown and enter the reason.";
    /// An unknown amount without a reason.
    UnknownReasonRequired => Required,
        "Enter the reason why the amount is unknown.";
    /// A value of an unknown amount.
    UnknownAmountHasValue => Contradiction,
        "An unknown amount cannot have a value. Remove the value, or choose known or \
         estimated.";
    /// A NAICS code is malformed.
    NaicsMalformed => Invalid,
        "Enter the six-digit NAICS code, such as 561612, or leave it empty.";
    /// A PSC is malformed.
    PscMalformed => Invalid,
        "Enter the four-character PSC, such as S206, or leave it empty.";

    // Disclosures: data sharing.
    /// Zero or fewer recipients.
    RecipientCountInvalid => Invalid,
        "Enter at least one recipient.";
    /// No kind of recipient.
    RecipientKindRequired => Required,
        "Choose the kind of recipient.";
    /// A kind that must be named.
    RecipientNameRequired => Required,
        "Enter the recipient's name. Recipients of this kind cannot be counted instead.";
    /// No recipient.
    RecipientRequired => Required,
        "Enter the recipient's name, or a class of recipients and their number.";
    /// A number of recipients without a class.
    RecipientClassRequired => Required,
        "Enter what these recipients do, such as payroll.";
    /// A class of recipients without a number.
    RecipientCountRequired => Required,
        "Enter the number of recipients.";
    /// A name beside a class.
    RecipientNameOrClass => Contradiction,
        "Enter the recipient's name, or a class and a number, not both.";
    /// No category of data.
    DataCategoriesRequired => Required,
        "Choose at least one category of data.";
    /// No data subjects.
    WhoseDataRequired => Required,
        "Choose whose data is shared.";
    /// Not said whether City data is shared.
    CityDataRequired => Required,
        "Enter whether City data is shared.";
    /// No purpose.
    PurposeRequired => Required,
        "Describe the purpose of the sharing.";
    /// No channel.
    ChannelRequired => Required,
        "Choose how the data is shared.";
    /// No basis.
    BasisRequired => Required,
        "Choose the basis of the sharing.";
    /// Onward transfer not stated.
    OnwardTransferRequired => Required,
        "Choose whether the recipient passes the data on to the Department of Homeland \
         Security: known, allowed, forbidden by contract, or unknown.";

    // Disclosures: sections, withheld parts, evidence.
    /// An empty section without noneAttested.
    SectionRequired { items: String } => Required,
        "List the {items}, or state that there are none.";
    /// Items beside noneAttested.
    SectionContradictory { items: String } => Contradiction,
        "The section lists {items} and also states that there are none. Remove one of the two.";
    /// Neither an e-mail address in the attestation nor one of the sign-in.
    SignatoryEmailRequired => Required,
        "Enter the e-mail address of whoever signs: the sign-in has none. It is never public.";
    /// A repeated word in a list.
    ItemRepeated => Invalid,
        "An item is listed twice. Remove one of them.";
    /// A list exceeds its limit.
    ItemsTooMany { count: usize, max: usize } => TooLong,
        "The list has {count} items. The limit is {max}.";
    /// A withheld entry without a path.
    WithheldPathRequired => Required,
        "Choose the part that is withheld.";
    /// A path that cannot be withheld.
    WithheldPathUnknown { parts: String } => Invalid,
        "This is not a part that can be withheld. Choose one of these: {parts}.";
    /// A part withheld twice.
    WithheldRepeated => Invalid,
        "This part is listed twice. Remove one of the entries.";
    /// A withheld entry without a ground.
    WithheldGroundRequired => Required,
        "Choose the ground for withholding.";
    /// A value of a withheld part.
    WithheldHasValue => Contradiction,
        "A withheld part cannot have a value. Remove the value or the entry.";
    /// Evidence without a name.
    FileNameRequired => Required,
        "Enter the name of the file.";
    /// Evidence without a digest.
    FileDigestRequired => Required,
        "Enter the file's SHA-256 as 64 hexadecimal digits.";
    /// A digest is malformed.
    FileDigestInvalid => Invalid,
        "Enter the file's SHA-256 as 64 hexadecimal digits.";
    /// Evidence without a link.
    LinkRequired => Required,
        "Enter a link that starts with https://.";
    /// A link that is not https.
    LinkInvalid => Invalid,
        "Enter a link that starts with https://.";
    /// A path of no part.
    PathUnknown => Invalid,
        "The statement says nothing there. Name a part that it has, such as the description of its \
         first agreement.";
    /// A confidentiality claim without a ground.
    ClaimGroundRequired => Required,
        "Enter the law or reason for the claim.";
    /// A confidentiality claim without a path.
    ClaimPathRequired => Required,
        "Choose the part that is confidential.";
    /// A part claimed twice.
    ClaimRepeated => Invalid,
        "This part is claimed twice. Remove one of the claims.";

    // Filing and review.
    /// A statement beside copyFrom.
    DraftSourceUnclear => Contradiction,
        "Send a statement or name a filing to copy, not both.";
    /// A filing of another organization.
    CopySourceUnknown => Invalid,
        "The organization has no such filing. Leave it out, or name one of its own filings.";
    /// The attestation was not agreed to.
    AttestationRequired => Required,
        "Read the attestation, and agree to declare it.";
    /// A paper form signed later than today.
    SignedInFuture => Invalid,
        "The date of signing is in the future. Correct it.";
    /// A comparison of two organizations.
    DisclosuresOfTwoFirms => Contradiction,
        "The disclosures belong to different organizations. Choose two of the same one.";
    /// A response date before today.
    ResponseDatePassed { date: NaiveDate, next: NaiveDate } => Invalid,
        "{date} has passed. Choose the next business day, {next}, or a later one.";
    /// A response date of today.
    ResponseDateToday { next: NaiveDate } => Invalid,
        "The firm needs time to answer. Choose the next business day, {next}, or a later one.";
    /// A response date on a weekend or a holiday.
    ResponseDateNotBusinessDay { date: NaiveDate, next: NaiveDate } => Invalid,
        "{date} is not a business day in the City. Choose the next one, {next}, or a later \
         business day.";
    /// A response date beyond a year.
    ResponseDateTooLate => Invalid,
        "The date is more than a year away. Check the year.";
    /// A reviewer who could not sign in.
    ReviewerInvalid => Invalid,
        "No one can sign in with this name. Enter the subject of the reviewer's token.";
    /// An assignment to the person who filed.
    ReviewerIsFiler => Contradiction,
        "This person filed the disclosure or entered its paper form and may not review it. \
         Choose another reviewer.";
    /// No disclosure to accept.
    DisclosuresRequired => Required,
        "Name at least one disclosure.";
    /// Too many disclosures to accept at once.
    DisclosuresTooMany { count: usize, max: usize } => TooLong,
        "The list has {count} disclosures. Accept at most {max} at once.";
    /// A rejection without a reason.
    RejectionReasonRequired => Required,
        "Choose a formal reason. What is disclosed is never a reason.";
    /// A reason that the policy lacks.
    RejectionReasonUnknown { reason: Kinds } => Invalid,
        "The policy does not allow the reason \"{reason}\". Choose one that it lists.";
    /// Reason UNANSWERED without an overdue question.
    NoOverdueQuestion => Invalid,
        "There is no overdue question. Ask one first.";
    /// Reason CONTRADICTORY without paths.
    ContradictingPartsRequired => Required,
        "Enter the paths of the parts that contradict each other.";
    /// Too many paths.
    RejectionPartsTooMany { max: usize } => TooLong,
        "Enter at most {max} paths.";

    // Federal awards.
    /// A number of firms out of range.
    NameLimitInvalid { max: i32 } => Invalid,
        "The limit must be from 1 to {max}.";
    /// A score out of range.
    ScoreInvalid => Invalid,
        "A score is from 0 to 1.";
    /// A link to an award outside DHS.
    AwardNotDhs => Invalid,
        "This award is not with the Department of Homeland Security; nothing is asked of it.";
    /// A confirmation of an award that the policy in force does not ask for.
    AwardNotAsked { parameter: String, reason: String } => Unavailable,
        "The policy in force does not ask for this award, because {reason} (parameter {parameter}). \
         Dismiss the match; if the policy is wrong, propose a new version.";
    /// A confirmation of an award that a firm may still add in time.
    AwardNotAskedYet { parameter: String, until: NaiveDate } => Unavailable,
        "The award was signed after the firm's disclosure was filed. The firm may add it until the end \
         of {until} (parameter {parameter}); confirm the match after that day.";
    /// A confirmation of an award without money of its own.
    AwardCarriesNoMoney => Unavailable,
        "This award carries no money of its own, and no policy asks for it. Dismiss the match. If the \
         award is a contract vehicle, look at its orders.";
    /// An index of no agreement.
    AgreementIndexInvalid { count: usize } => Invalid,
        "The organization has {count} agreements on file; the first is number 0.";

    // Waivers and exemptions.
    /// A rule that never blocks.
    WaiverRuleIsNote => Invalid,
        "This rule only adds a note; it needs no waiver.";
    /// A waiver without the cost.
    WaiverCostRequired => Required,
        "Give the cost as an amount too; the policy requires it.";
    /// A last day before today.
    DayPassed => Invalid,
        "This day is in the past. Choose today or a later day.";
    /// A waiver beyond the policy's days.
    WaiverTooLong { maximum_days: u32, last: NaiveDate } => Invalid,
        "A waiver lasts at most {maximum_days} days. Choose {last} or an earlier day.";
    /// An exemption that the policy lacks.
    ExemptionKindUnavailable { version: String, kinds: Kinds } => Unavailable,
        "Policy version {version} does not allow this exemption. It allows: {kinds}.";
    /// An exemption without an authority of its own.
    ExemptionAuthorityRequired { version: String } => Required,
        "Policy version {version} gives no authority for this exemption. Cite the law that allows it: \
         a code section, an ordinance or a Council file.";
    /// An exemption whose rules find nothing at its subject.
    ExemptionLiftsNothing => Contradiction,
        "The exemption would change nothing here: no disclosure is missing, stale or outdated, or a \
         waiver or an exemption covers that already. If that changes later, claim it then.";
    /// An exemption on a contract in compliance, without a proposed action.
    ExemptionNeedsAction => Contradiction,
        "The contract lacks no disclosure now, or a waiver or an exemption covers that already, and no \
         action is proposed. For a renewal or another action, propose that first, and name the action \
         instead of the contract.";
    /// An exemption that puts the disclosure off and does not carry so long a term.
    ExemptionTermTooLong { due_on: NaiveDate, lasts_until: NaiveDate, ends_on: NaiveDate } => Contradiction,
        "The exemption puts the disclosure off until {due_on} and carries a contract until \
         {lasts_until} at the latest; this one lasts until {ends_on}. Propose a shorter term, or have \
         the firm file.";
    /// A waiver whose rule finds nothing at its subject.
    WaiverLowersNothing { rule: String } => Contradiction,
        "The waiver would change nothing here: the rule {rule} finds nothing that holds or blocks. \
         If it does later, request it then.";
    /// A waiver or exemption on a canceled solicitation.
    ReliefSolicitationCanceled => Contradiction,
        "The solicitation was canceled, so that nothing can change any more.";
    /// A waiver or exemption for a bid that became a contract.
    ReliefBidAwarded => Contradiction,
        "The contract was awarded to this bid. Name the contract, by its department and number, or its \
         proposed action instead.";
    /// A waiver or exemption that somebody has asked for already.
    ReliefRepeated { id: String } => Contradiction,
        "The same was asked for here already ({id}). It is in effect, or waits for another person's \
         approval.";
    /// A waiver or exemption for a firm that made no bid.
    ReliefWithoutBid => Contradiction,
        "Bids are due already, and this organization has none on the solicitation.";
    /// A waiver or exemption on a contract that has ended, without a proposed action.
    ReliefContractEnded { ended_on: NaiveDate } => Contradiction,
        "The contract ended on {ended_on} and no action is proposed. Propose the action first, and \
         name it instead of the contract.";
    /// A waiver or exemption on a contract action that is not proposed any more.
    ReliefActionOver => Contradiction,
        "The action was executed, or another proposal replaced it. Name the action that is proposed.";
    /// A waiver or exemption on a contract action that needs no decision.
    ReliefActionUngated => Contradiction,
        "The policy requires no decision for this action, so that there is nothing to lift.";
    /// Several subjects or none.
    ReliefSubjectUnclear => Contradiction,
        "Enter exactly one subject: a solicitation with an organization, a contract, a contract \
         action, or a department with the number of a contract that is not awarded yet.";
    /// A subject of two values lacks one.
    ReliefValueRequired => Required,
        "Enter this value too.";

    // Solicitations and bids.
    /// A due time before now.
    DueTimePassed => Invalid,
        "The due time has passed; choose a later one.";
    /// A due time beyond ten years.
    DueTimeTooLate => Invalid,
        "The due time is more than ten years away; check the year.";
    /// A bid without an amount.
    BidAmountRequired => Required,
        "Enter the amount of the bid. Only a solicitation for proposals takes a bid without one.";
    /// A replacement of a bid that is not the open one.
    ReplacedBidNotOpen { open: String } => Invalid,
        "This is not your open bid on this solicitation. Another one replaced it, or it is on another \
         solicitation. Your open bid is {open}: replace that one.";
    /// A replacement without an open bid.
    NoBidToReplace => Invalid,
        "Your organization has no open bid on this solicitation. Submit this one without replacing another.";
    /// A number in use.
    SolicitationNumberTaken => Taken,
        "The department already has a solicitation with this number; choose another.";
    /// An addendum to a draft.
    DraftHasNoAddenda => Contradiction,
        "A draft has no addenda; change its title, description or due time instead.";
    /// A change of a published text.
    PublishedTextFixed => Contradiction,
        "A published text cannot change; describe the change in the addendum.";
    /// An earlier due time of sealed bids. The same whether or not anybody has bid.
    DueTimeEarlierSealed => Invalid,
        "The due time of sealed bids can become earlier only on the day on which the solicitation was \
         published, and not earlier than the next day. Enter a later time, or cancel the solicitation and \
         publish another.";
    /// An earlier due time of bids that are not sealed, after a bid.
    DueTimeEarlierAfterBid => Invalid,
        "A firm has already bid, so the due time can only become later. Enter a later time, or cancel \
         the solicitation and publish another.";
    /// No solicitation that the sender may see has the number.
    SolicitationUnknown { given: String } => Invalid,
        "There is no solicitation with the number {given} here. Correct the number, or send the solicitation first.";
    /// No contract has the number.
    ContractUnknown { given: String } => Invalid,
        "There is no contract with the number {given} here. Correct the number, or send the contract first.";
    /// A list of requests is too long.
    RequestsTooMany { max: usize } => TooLong,
        "Send at most {max} in one request.";
    /// A bid on a draft.
    SolicitationNotPublished => NotPublished,
        "This solicitation is not published yet and takes no bids.";
    /// A bid on a canceled solicitation.
    SolicitationCanceled => Canceled,
        "This solicitation was canceled and takes no bids.";
    /// A late bid.
    BidPastDue { due: String, received: String } => PastDue,
        "Bids were due {due}; this bid was received {received}. Ask the department whether it will \
         publish another solicitation.";

    /// A preview of a bid after the due time.
    BidWouldBeLate { due: String, now: String } => PastDue,
        "Bids were due {due}; a bid submitted now, {now}, would be late. Ask the department whether it \
         will publish another solicitation.";

    // Contracts.
    /// An award to a bid that was refused.
    BidRefused { decision: String, reasons: String } => Refused,
        "This bid was refused (decision {decision}): {reasons}";
    /// A recorded contract signed later than today.
    SignedLater { today: NaiveDate } => Invalid,
        "The date is after today, {today}. Award a contract that is not signed yet instead of \
         recording it.";
    /// A value that the bid has.
    TakenFromBid => Contradiction,
        "This value is taken from the bid; leave it out.";
    /// Another currency than the bid's.
    CurrencyOfBid { currency: String } => Contradiction,
        "The bid is in {currency}; use the same currency.";
    /// Another currency than the contract's.
    CurrencyOfContract { currency: String } => Contradiction,
        "The contract is in {currency}; use the same currency.";
    /// An award without a bid lacks a value.
    AwardValueRequired => Required,
        "Enter this value, or the bid to award the contract to.";
    /// An award to a bid without an amount lacks the value.
    AwardNeedsValue => Required,
        "The bid has no amount, so enter the contract's value.";
    /// A competitive award without a bid.
    AwardBidRequired => Contradiction,
        "An award by bids or proposals requires the winning bid; enter it.";
    /// An award date before today.
    AwardDatePassed { today: NaiveDate } => Invalid,
        "Enter today, {today}, or a later date.";
    /// Days in the wrong order.
    LastDayBeforeFirst => Contradiction,
        "The last day is before the first day.";
    /// An action without a last day.
    LastDayRequired => Required,
        "Enter the last day of the action.";
    /// A number of options out of range.
    OptionsInvalid { max: i32 } => Invalid,
        "Enter a number from 0 to {max}.";
    /// A clause version below 1.
    ClauseVersionInvalid => Invalid,
        "Enter a clause version of 1 or more.";
    /// A clause version of no policy.
    ClauseVersionUnknown { version: i64 } => Invalid,
        "No policy has version {version} of the clause; enter another version.";
    /// A clause version that is not later.
    ClauseVersionNotLater { current: i64 } => Contradiction,
        "The contract already carries version {current} of the clause; enter a later version.";
    /// A date before the signature or after today.
    ClauseDateInvalid { from: NaiveDate, today: NaiveDate } => Invalid,
        "Enter a date from {from} (the date of signature) to {today}.";
    /// A task order without a number.
    TaskOrderNumberRequired => Required,
        "Enter the number of the task order.";
    /// An assignment without an assignee.
    AssigneeRequired => Required,
        "Name the organization to which the contract is assigned.";
    /// An assignment to the holder.
    AssigneeIsHolder => Contradiction,
        "This organization already holds the contract.";
    /// An assignee of another action.
    AssigneeUnexpected => Contradiction,
        "Only an assignment has an assignee; remove it.";
    /// A continuation that starts too early.
    StartsBeforeEnd { last: NaiveDate } => Invalid,
        "The contract runs until {last}; enter a later first day.";
    /// A holdover beyond a month.
    HoldoverTooLong { last: NaiveDate } => Invalid,
        "A holdover runs month to month; enter {last} or earlier, or propose an extension.";
    /// An option that does not exist.
    NoOptionsLeft => Invalid,
        "The contract has no options left; propose a renewal or an extension.";
    /// An action before the contract.
    StartsBeforeContract { start: NaiveDate } => Invalid,
        "The contract starts on {start}; enter that day or a later one.";
    /// A proposal while another action waits.
    ProposalWaits { action: Kinds, id: String, start: NaiveDate } => Taken,
        "Another action waits on this contract: {action} {id}, from {start}. Execute it first, or give \
         its identifier as the one to replace.";
    /// A proposal that replaces another action than the one that waits.
    ProposalReplacesOther { action: Kinds, id: String, start: NaiveDate } => Invalid,
        "The action that waits on this contract is another: {action} {id}, from {start}. Give its \
         identifier to put this action in its place.";
    /// A proposal that replaces an action where none waits.
    NothingToReplace => Invalid,
        "No action waits on this contract; leave this out.";
    /// An amendment that adds time.
    EndsAfterContract { last: NaiveDate } => Invalid,
        "The contract ends on {last}; to add time, propose an extension.";
    /// A task order outside the contract.
    TaskOrderOutsideContract { start: NaiveDate, last: NaiveDate } => Invalid,
        "A task order must start while the contract runs, from {start} to {last}.";
    /// A number in use.
    ContractNumberTaken => Taken,
        "The department already has a contract with this number; choose another.";
    /// A master contract of another department.
    MasterUnknown => Invalid,
        "The department has no contract with this identifier; choose a contract of the same \
         department.";
    /// An organization that does not exist.
    OrganizationUnknown => Invalid,
        "No organization has this identifier; choose another.";
    /// Both or neither.
    ActionOrInput => Contradiction,
        "Enter either the identifier of a proposed contract action or an input, not both.";
    /// A row of an unknown department.
    DepartmentUnknown { name: String } => Invalid,
        "no department has the code or name \"{name}\"";
    /// An identifier that a spreadsheet has made a number.
    NumberShortened { text: String } => Invalid,
        "A spreadsheet has shortened this number to \"{text}\", so that digits are lost. Format the column \
        as text, enter the whole numbers, and save the list again.";
    /// A day as a spreadsheet's serial number.
    DayIsSerialNumber { text: String, day: NaiveDate } => Invalid,
        "\"{text}\" is a spreadsheet's number for a day, probably {day}. Format the column as days such as \
        2026-11-24, and save the list again.";
    /// A cell that is not a number.
    WholeNumberRequired => Invalid,
        "enter a whole number";
    /// A cell that is none of the words.
    WordUnknown { words: Kinds } => Invalid,
        "enter one of these: {words}";
    /// A cell that is not a boolean.
    TrueOrFalseRequired => Invalid,
        "enter true or false";

    // Screening.
    /// Times in the wrong order.
    BeforeNotLater => Contradiction,
        "The end of the period in which bids were submitted must be later than its start.";
    /// reviewer beside assigned: false.
    ReviewerIsAssigned => Contradiction,
        "A disclosure with a reviewer is assigned; leave out one of the two conditions.";
    /// Days in the wrong order.
    EndsRangeEmpty => Contradiction,
        "The last end date must not be earlier than the first.";
    /// Conditions of both.
    ComplianceFilterUnclear => Contradiction,
        "Contracts in compliance have no day since which they are not: leave those conditions out.";
    /// Days in the wrong order.
    RunsRangeEmpty => Contradiction,
        "The last day of the period must not be earlier than the first.";
    /// A filter exceeds its limit.
    FilterTooLong { count: usize, max: usize } => TooLong,
        "It has {count} values; give at most {max}.";
    /// A component in two lists.
    ComponentInBoth { component: Kinds } => Contradiction,
        "{component} is both required and excluded; remove it from one of the two lists.";
    /// A filter that nothing meets.
    ComponentsExclude => Contradiction,
        "Every component of which one is required is also excluded; exclude one less.";
    /// Two currencies.
    RangeCurrencies => Contradiction,
        "Give the lowest and the highest amount in the same currency.";
    /// Amounts in the wrong order.
    RangeEmpty => Contradiction,
        "The highest amount must not be less than the lowest.";
    /// A search exceeds its limit.
    SearchTooLong { length: usize, max: usize } => TooLong,
        "It has {length} characters; search for at most {max}.";
    /// A search exceeds its limit.
    SearchWordsTooMany { count: usize, max: usize } => TooLong,
        "It has {count} words; search for at most {max}.";
    /// Days in the wrong order.
    DateRangeEmpty => Contradiction,
        "The last day must not be earlier than the first.";
    /// An argument beside a filter.
    ConditionRepeated => Contradiction,
        "An argument gives this condition already; leave it out of the filter.";
    /// Days in the wrong order.
    FilterDaysEmpty => Contradiction,
        "The last day of this period must not be earlier than its first.";
    /// A number of subjects out of range.
    SubjectCountInvalid { max: i32 } => Invalid,
        "Give a number from 0 to {max}.";
    /// A day after today.
    DayInFuture { today: NaiveDate } => Invalid,
        "Give a day that is not in the future; today is {today}.";
    /// Both or neither.
    ScopeUnclear => Contradiction,
        "Give either bids or contracts; a filter without conditions selects all.";
    /// Both or neither.
    SimulatedPolicyUnclear => Contradiction,
        "Give either a change of the policy or the text of a whole policy file.";

    // API keys.
    /// No scope.
    ApiKeyScopeRequired => Required,
        "Choose at least one use for the key.";
    /// An end that is not in time.
    ApiKeyExpiryInvalid { max: i64 } => Invalid,
        "Enter a time in the future and at most {max} days from now.";
    /// Too many keys.
    ApiKeysTooMany { max: u64 } => Refused,
        "{max} keys can be used already. Revoke those that are not needed, and try again.";
}
