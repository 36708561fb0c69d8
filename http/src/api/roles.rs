//! `/roles` and `/members/{member}/roles`: who may do more than members may. For operators.

use axum::http::StatusCode;
use domain::{MemberId, Role, Roles};
use projections::{Snapshot, members};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::members::Author;
use super::{Answer, App};
use crate::asking::Asking;
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;

/// People with roles that are listed. More are not shown; each still has what they have.
pub const MOST_LISTED: i64 = 500;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_roles))
        .routes(routes!(grant_role, revoke_role))
}

/// Everybody with a role.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RoleList {
    pub items: Vec<RolesOf>,
}

/// A member's roles.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RolesOf {
    pub member: Author,
    /// `moderator`, `auditor`, `operator`.
    pub roles: Vec<String>,
}

/// Lists everybody with a role, by name.
#[utoipa::path(get, path = "/roles", tag = "roles", security(("session" = []), ("token" = [])),
    responses((status = 200, description = "Who has which roles", body = RoleList),
        (status = 404, description = "The caller is no operator",
            body = crate::problem::ProblemBody, content_type = "application/problem+json")))]
pub async fn list_roles(mut reading: Reading) -> Answer {
    let rows = members::with_roles(&mut reading.snapshot, MOST_LISTED).await;
    let items = rows.map_err(failed)?.into_iter().map(RolesOf::from);
    let list = RoleList {
        items: items.collect(),
    };
    Ok(reading.respond(Json(list)))
}

/// Grants a role.
#[utoipa::path(put, path = "/members/{member}/roles/{role}", tag = "roles",
    params(("member" = Uuid, Path), ("role" = String, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The member has the role", body = RolesOf)))]
pub async fn grant_role(
    mut asking: Asking,
    caller: Caller,
    Path((member, role)): Path<(Uuid, String)>,
) -> Answer {
    let (member, role) = (MemberId(member), known(&role)?);
    let by = Some(caller.member);
    let command = commands::role::GrantRole { member, role, by };
    let said = (member, role);
    let accepted = asking.execute(by, "grant-role", &said, command).await?;
    let mut snapshot = asking.read_at(accepted.position).await?;
    let roles = find(&mut snapshot, member).await?;
    drop(snapshot);
    Ok(asking.respond(accepted.position, Json(roles)))
}

/// Revokes a role.
///
/// Operators may not revoke their own: somebody must be left to grant it.
#[utoipa::path(delete, path = "/members/{member}/roles/{role}", tag = "roles",
    params(("member" = Uuid, Path), ("role" = String, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "The member does not have the role"),
        (status = 409, description = "It is the caller's own role of an operator",
            body = crate::problem::ProblemBody, content_type = "application/problem+json")))]
pub async fn revoke_role(
    asking: Asking,
    caller: Caller,
    Path((member, role)): Path<(Uuid, String)>,
) -> Answer {
    let (member, role) = (MemberId(member), known(&role)?);
    let by = Some(caller.member);
    let command = commands::role::RevokeRole { member, role, by };
    let said = (member, role);
    let accepted = asking.execute(by, "revoke-role", &said, command).await?;
    Ok(asking.respond(accepted.position, StatusCode::NO_CONTENT))
}

/// A role by its name in a path; another word names nothing.
fn known(slug: &str) -> Result<Role, Problem> {
    Role::from_slug(slug).map_err(|_| Problem::not_found())
}

async fn find(snapshot: &mut Snapshot, member: MemberId) -> Result<RolesOf, Problem> {
    let row = members::by_id(snapshot, member.0).await.map_err(failed)?;
    row.map(RolesOf::from).ok_or_else(Problem::not_found)
}

pub(super) fn slugs(roles: &Roles) -> Vec<String> {
    roles.iter().map(|role| role.slug().to_owned()).collect()
}

impl From<members::Member> for RolesOf {
    fn from(row: members::Member) -> RolesOf {
        RolesOf {
            member: Author {
                id: row.member,
                name: row.name,
            },
            roles: slugs(&row.roles),
        }
    }
}
