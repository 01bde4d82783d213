//! The statements of the firms of the demonstration city.
use anyhow::{Context, Result};
use candor_schema::disclosure::model::Statement;
use serde_json::{Value, json};

use super::city::State;

/// Returns the statement that a firm filed last or is drafting; none if it never filed.
///
/// # Errors
/// If a statement here is not valid.
pub fn of(state: State) -> Result<Option<Statement>> {
    let statement = match state {
        State::Never => return Ok(None),
        State::None
        | State::Stale
        | State::Fresh
        | State::Certificate
        | State::Withdrawn
        | State::Paper => none(),
        State::Draft => json!({ "dhs": { "agreements": [{ "component": "CBP" }] } }),
        State::EVerify => agreements(&json!({
            "component": "USCIS", "kind": "PROGRAM_PARTICIPATION", "program": "E-Verify",
            "startDate": "2019-03-01"
        })),
        State::Ice => agreements(&detention()),
        State::Fema => agreements(&shelter()),
        State::SeparateAgreements => {
            let work = "Boxed lunches for the staff of one field office.";
            let meals = agreement("ICE", "CONTRACT", &["FOOD"], "64000.00", work);
            let work = "Cleaning of the rooms in which people are held at one port of entry.";
            let rooms = agreement("CBP", "CONTRACT", &["DETENTION"], "118000.00", work);
            listed(&json!([meals, rooms]))
        }
        State::Changed => listed(&json!([shelter(), detention()])),
        State::Cbp => agreements(&agreement(
            "CBP",
            "BLANKET_PURCHASE_AGREEMENT",
            &["EQUIPMENT_AND_SUPPLIES"],
            "37500.00",
            "Spare parts for the scanners of one seaport.",
        )),
        State::Tsa => agreements(&agreement(
            "TSA",
            "CONTRACT",
            &["SECURITY_AND_GUARD", "AVIATION"],
            "2300000.00",
            "Screening of cargo at two terminals.",
        )),
        State::Amended => agreements(&agreement(
            "USCIS",
            "CONTRACT",
            &["LANGUAGE_SERVICES"],
            "86000.00",
            "Interpretation by telephone at asylum interviews.",
        )),
        State::Cisa => {
            let mut subcontract = agreement(
                "CISA",
                "SUBCONTRACT",
                &["INFORMATION_TECHNOLOGY"],
                "145000.00",
                "Testing of election systems under a prime's award.",
            );
            subcontract["tier"] = json!("FIRST");
            subcontract["prime"] = json!("Granite Ledger Systems");
            subcontract["primeAward"] = json!("70QS0124F00000012");
            agreements(&subcontract)
        }
        State::Classified => {
            let mut classified = agreement("CBP", "CONTRACT", &["DATA_AND_ANALYTICS"], "1.00", "");
            let ground = "CLASSIFIED";
            let withheld = ["description", "compensation", "identifier"];
            for part in withheld {
                classified.as_object_mut().map(|parts| parts.remove(part));
            }
            classified["withheld"] =
                withheld.iter().map(|part| json!({ "path": [part], "ground": ground })).collect();
            agreements(&classified)
        }
        State::CityData => arrangements(&arrangement("PROCESSOR", true, "FORBIDDEN")),
        State::Onward => arrangements(&arrangement("LAW_ENFORCEMENT", false, "ALLOWED")),
        State::Shared => arrangements(&arrangement("DATA_BROKER", true, "KNOWN")),
    };
    let statement = serde_json::from_value(statement);
    Ok(Some(statement.with_context(|| format!("the statement of {state:?}"))?))
}

/// Returns a firm's statement before its amendment.
///
/// # Errors
/// If it is not a valid statement.
pub fn first(state: State) -> Result<Statement> {
    let said = if state == State::Changed { agreements(&shelter()) } else { none() };
    Ok(serde_json::from_value(said)?)
}

fn none() -> Value {
    json!({ "dhs": { "noneAttested": true }, "dataSharing": { "noneAttested": true } })
}

fn agreements(agreement: &Value) -> Value {
    listed(&json!([agreement]))
}

/// A statement of these agreements and no data sharing.
fn listed(agreements: &Value) -> Value {
    json!({ "dhs": { "agreements": agreements }, "dataSharing": { "noneAttested": true } })
}

fn detention() -> Value {
    agreement(
        "ICE",
        "CONTRACT",
        &["DETENTION", "FOOD"],
        "1250000.00",
        "Beds, meals and guards for people in custody at one facility.",
    )
}

fn shelter() -> Value {
    agreement(
        "FEMA",
        "GRANT",
        &["FACILITIES_AND_CONSTRUCTION", "FOOD"],
        "480000.00",
        "Emergency food and shelter for families released from border stations.",
    )
}

fn arrangements(arrangement: &Value) -> Value {
    json!({ "dhs": { "noneAttested": true }, "dataSharing": { "arrangements": [arrangement] } })
}

fn agreement(component: &str, kind: &str, work: &[&str], amount: &str, description: &str) -> Value {
    json!({
        "holder": { "relation": "SELF" },
        "component": component,
        "kind": kind,
        "identifier": format!("70DEMO{component}24C0017"),
        "startDate": "2024-10-01",
        "endDate": "2029-09-30",
        "stateAtSigning": "IN_FORCE",
        "natureOfWork": work,
        "description": description,
        "compensation": {
            "pricing": "FIRM_FIXED",
            "current": {
                "certainty": "KNOWN", "amount": { "amount": amount, "currency": "USD" }
            },
            "terms": "Invoiced monthly, paid within thirty days."
        }
    })
}

fn arrangement(recipient: &str, city_data: bool, onward: &str) -> Value {
    json!({
        "recipientName": "Regional Records Exchange",
        "recipientKind": recipient,
        "dataCategories": ["IDENTIFIERS", "GEOLOCATION"],
        "whoseData": ["CITY_RESIDENTS"],
        "includesCityData": city_data,
        "purpose": "Billing, and answers to requests for records.",
        "channel": "API",
        "basis": "SERVICE_TO_US",
        "onwardToDhs": onward,
        "startDate": "2023-01-01",
        "ongoing": true
    })
}
