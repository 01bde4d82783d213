//! The words of enums in the OpenAPI document, from the enums themselves.
use candor_schema::bidding::model::{BidStatus, SolicitationStatus};
use candor_schema::contracting::model::Basis;
use candor_schema::disclosure::model::DisclosureStanding;
use candor_schema::gate::{AwardMethod, ContractAction, Outcome, Severity, SubjectKind};
use candor_schema::import_job::model::{ImportJobState, ImportKind, ReportLineKind};
use candor_schema::organization::model::{IdentifierScheme, IdentifierState};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

fn one_of(words: impl Iterator<Item = &'static str>) -> RefOr<Schema> {
    let object = ObjectBuilder::new().schema_type(Type::String);
    object.enum_values(Some(words.collect::<Vec<_>>())).build().into()
}

fn one_of_or_null(words: impl Iterator<Item = &'static str>) -> RefOr<Schema> {
    let object =
        ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
    object.enum_values(Some(words.map(Some).chain([None]).collect::<Vec<_>>())).build().into()
}

macro_rules! words {
    ($($name:ident = $function:ident($enum:ident);)+) => {
        $(
            pub(super) fn $name() -> RefOr<Schema> {
                $function($enum::ALL.iter().map(|it| it.as_str()))
            }
        )+
    };
}
words! {
    award_method = one_of(AwardMethod);
    basis = one_of(Basis);
    bid_status = one_of(BidStatus);
    contract_action = one_of(ContractAction);
    disclosure_standing = one_of(DisclosureStanding);
    identifier_scheme = one_of(IdentifierScheme);
    identifier_state = one_of(IdentifierState);
    import_job_state = one_of(ImportJobState);
    import_kind = one_of(ImportKind);
    optional_award_method = one_of_or_null(AwardMethod);
    optional_outcome = one_of_or_null(Outcome);
    outcome = one_of(Outcome);
    report_line_kind = one_of(ReportLineKind);
    severity = one_of(Severity);
    solicitation_status = one_of(SolicitationStatus);
    subject_kind = one_of(SubjectKind);
}
