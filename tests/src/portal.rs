//! Requests of the City's procurement portals, through the REST interface.
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::fixtures::{Firm, no_dealings, usd};
use crate::steps::text;
use crate::test_app::TestApp;

/// An answer of the REST interface.
#[derive(Clone, Debug)]
pub struct RestAnswer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

/// Returns a text with each byte percent-encoded, for a query string or a path.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    text.bytes().flat_map(|byte| ['%'].into_iter().chain(hex_digits(byte))).collect()
}

fn hex_digits(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or_default())
}

impl RestAnswer {
    /// Returns the body of an answer with a status.
    #[expect(clippy::must_use_candidate, reason = "some stories want the status alone")]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{:#}", self.body);
        self.body
    }

    /// Returns the value of the `ETag` header.
    #[must_use]
    pub fn entity_tag(&self) -> String {
        let tag = self.headers.get("etag").unwrap_or_else(|| panic!("no ETag: {:#}", self.body));
        tag.to_str().expect("ASCII").to_owned()
    }
}

impl TestApp {
    /// Sends a request without a body.
    pub async fn rest_get(&self, token: &str, path: &str) -> RestAnswer {
        let request = self.http_request(Method::GET, path).bearer_auth(token);
        read(request.send().await.expect("an answer")).await
    }

    /// Sends a JSON body by `POST`.
    pub async fn rest_post(&self, token: &str, path: &str, body: &Value) -> RestAnswer {
        let request = self.http_request(Method::POST, path).bearer_auth(token).json(body);
        read(request.send().await.expect("an answer")).await
    }

    /// Sends a JSON body by `PUT`.
    pub async fn rest_put(&self, token: &str, path: &str, body: &Value) -> RestAnswer {
        let request = self.http_request(Method::PUT, path).bearer_auth(token).json(body);
        read(request.send().await.expect("an answer")).await
    }

    /// As [`Self::rest_put`], with a condition.
    pub async fn rest_put_if(
        &self,
        token: &str,
        path: &str,
        (header, value): (HeaderName, &str),
        body: &Value,
    ) -> RestAnswer {
        let request = self.http_request(Method::PUT, path).bearer_auth(token).json(body);
        read(request.header(header, value).send().await.expect("an answer")).await
    }

    /// Sends a body of any bytes, as JSON.
    pub async fn rest_send_text(
        &self,
        method: Method,
        token: &str,
        path: &str,
        body: &str,
    ) -> RestAnswer {
        let request = self.http_request(method, path).bearer_auth(token);
        let request = request.header("content-type", "application/json").body(body.to_owned());
        read(request.send().await.expect("an answer")).await
    }

    /// Sends a table by `POST /v1/imports/…`; `path` is the rest of the address.
    pub async fn send_import(&self, token: &str, path: &str, table: &str) -> RestAnswer {
        let request = self.http_request(Method::POST, &format!("/v1/imports/{path}"));
        let request = request.bearer_auth(token).header("content-type", "text/csv");
        read(request.body(table.to_owned()).send().await.expect("an answer")).await
    }

    /// Waits until an import has ended, and returns it.
    pub async fn wait_for_import(&self, token: &str, id: &str) -> Value {
        let path = format!("/v1/imports/{id}");
        for _ in 0..600 {
            let job = self.rest_get(token, &path).await.expect(200);
            if !job["endedAt"].is_null() {
                return job;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the import does not end")
    }

    /// Registers a firm that has a vendor number and a disclosure on file, and has the procurement system
    /// verify the number.
    pub async fn register_vendor(&self, key: &str, name: &str, number: &str) -> Firm {
        let firm = self.register_silent_vendor(key, name, number).await;
        self.file_disclosure(&firm, no_dealings()).await;
        firm
    }

    /// As [`Self::register_vendor`], without a disclosure.
    pub async fn register_silent_vendor(&self, key: &str, name: &str, number: &str) -> Firm {
        let input = json!({
            "kind": "CORPORATION", "legalName": name,
            "identifiers": [{ "scheme": "CITY_VENDOR", "id": number }],
        });
        let signatory = name.to_lowercase().replace(' ', "-");
        let firm = self.register_organization(&signatory, input).await;
        let verified = self.verify_vendor(key, name, number).await;
        assert_eq!(verified["organizationId"], json!(firm.id));
        firm
    }

    /// Sends a vendor as the procurement system does.
    pub async fn verify_vendor(&self, key: &str, name: &str, number: &str) -> Value {
        let path = format!("/v1/vendors/{number}");
        let answer = self.rest_put(key, &path, &json!({ "legalName": name })).await;
        assert!(answer.status.is_success(), "{:#}", answer.body);
        answer.body
    }

    /// Publishes a solicitation of bids as the procurement system does.
    pub async fn put_published_solicitation(
        &self,
        key: &str,
        department: &str,
        number: &str,
        due: &str,
    ) -> Value {
        let body = json!({
            "department": department, "title": format!("Solicitation {number}"), "method": "BIDS",
            "dueAt": due, "published": true,
        });
        let path = format!("/v1/solicitations/{number}");
        self.rest_put(key, &path, &body).await.expect(201)
    }
}

/// Reads an answer.
pub async fn read(answer: reqwest::Response) -> RestAnswer {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let text = answer.text().await.expect("a text");
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    RestAnswer { status, headers, body }
}

/// Returns a bid as the REST interface takes it.
#[must_use]
pub fn portal_bid(solicitation: &str, vendor: &str, amount: &str) -> Value {
    json!({ "solicitation": solicitation, "vendor": vendor, "amount": usd(amount) })
}

/// Returns the errors of a problem, each as its dotted path and code.
#[must_use]
pub fn list_field_problems(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("no errors: {problem:#}"));
    let describe = |error: &Value| {
        let path = error["path"].as_array().expect("a path").iter().map(text);
        format!("{} {}", path.collect::<Vec<_>>().join("."), text(&error["code"]))
    };
    errors.iter().map(describe).collect()
}
