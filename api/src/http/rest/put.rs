//! What the addresses with a `PUT` have in common: a record in, its stored form with its version out.
use std::future::Future;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use candor_schema::database::Database;
use candor_schema::fault::Result as FaultResult;
use candor_schema::organization::model::Viewer;
use candor_schema::precondition::{ObjectVersion, Precondition};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::NoQuery;
use super::request::{Label, Received, entity_tag, parse, path_text};
use super::run::run_change;
use crate::http::App;
use crate::http::problem::Problem;

/// A record as it is stored.
#[derive(Debug)]
pub(super) struct StoredRecord<B> {
    pub(super) body: B,
    pub(super) version: ObjectVersion,
    /// Whether the request created it.
    pub(super) is_new: bool,
}

/// A record that a portal stores under its number.
pub(super) trait PutRequest: DeserializeOwned + Send + 'static {
    /// What the answer shows of the record.
    type Body: Serialize + Send + 'static;
    /// The fields of the body whose names differ from those of the use case's input.
    const NAMES: &'static [(&'static str, &'static str)] = &[];

    /// Stores it, if its stored form is in the version that the request requires.
    fn put(
        self,
        db: &Database,
        viewer: &Viewer,
        number: String,
        precondition: &Precondition,
    ) -> impl Future<Output = FaultResult<StoredRecord<Self::Body>>> + Send;
}

/// Answers a request that stores a record: once, if it has an idempotency key.
pub(super) async fn answer<R: PutRequest>(
    app: App,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let received = Received::receive(app, request, Label::Route).await?;
    received.answer_once(|received| store::<R>(path, received)).await
}

async fn store<R: PutRequest>(
    path: Result<Path<String>, PathRejection>,
    received: Received,
) -> Result<Response, Problem> {
    let NoQuery {} = received.query()?;
    let (number, precondition) = (path_text(path)?, received.precondition()?);
    let record: R = parse(received.json()?)?;
    let database = received.database();
    let Received { app, viewer, .. } = received;
    let db = database.clone();
    let change = async move { record.put(&db, &viewer, number, &precondition).await };
    let stored = run_change(&app, &database, change).await?;
    let stored = stored.map_err(|fault| Problem::of_fault(fault, R::NAMES))?;
    let status = if stored.is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, entity_tag(&stored.version), Json(stored.body)).into_response())
}
