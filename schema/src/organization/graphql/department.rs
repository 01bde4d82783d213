//! Departments of the City.
use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{ComplexObject, Context, SimpleObject};

use super::Member;
use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::organization::model::{DepartmentId, Viewer};
use crate::organization::service;

/// A department of the City.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget", complex)]
pub struct Department {
    /// The department's identifier.
    pub id: DepartmentId,
    /// The department's short code, such as `LIB`.
    code: String,
    /// The department's name.
    name: String,
    /// The contact for firms.
    contact: String,
}

#[ComplexObject(crate = "crate::budget")]
impl Department {
    /// The contract officers; visible to administrators, auditors and its own officers, empty to others.
    async fn officers(&self, ctx: &Context<'_>) -> Result<Vec<Member>> {
        let loader: &DataLoader<DepartmentOfficersLoader> = ctx.data_unchecked();
        let officers = loader.load_one(self.id).await?.unwrap_or_default();
        Ok(officers.into_iter().map(Member::from).collect())
    }
}

impl From<service::Department> for Department {
    fn from(row: service::Department) -> Self {
        Self { id: row.id, code: row.code, name: row.name, contact: row.contact }
    }
}

/// Loads the officers of departments in batches. Created for each request, because it holds the viewer.
#[derive(Clone, Debug)]
pub struct DepartmentOfficersLoader {
    pub db: Arc<Database>,
    pub viewer: Arc<Viewer>,
}

#[async_graphql::async_trait::async_trait]
impl Loader<DepartmentId> for DepartmentOfficersLoader {
    type Value = Vec<service::Member>;
    type Error = Fault;

    async fn load(&self, ids: &[DepartmentId]) -> Result<HashMap<DepartmentId, Self::Value>> {
        service::load_officers(&self.db, &self.viewer, ids.to_vec()).await
    }
}
