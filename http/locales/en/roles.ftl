## Roles, and who has them

nav-roles = Roles
roles-title = Roles
roles-lead = Who may do more than members may. Every change is kept in the log for good.
roles-grant = Grant a role
roles-member = The member’s name
roles-role = Role
roles-holders = Who has a role
roles-revoke = Revoke
roles-revoke-question = { $name } will no longer be { $role }. It takes effect at once.
role-moderator = Moderator
role-moderator-about = hides what breaks the rules and suspends who breaks them.
role-auditor = Auditor
role-auditor-about = reads the history of everything and changes nothing.
role-operator = Operator
role-operator-about = grants and revokes roles.
error-name-unknown = Nobody here has this name.
error-role = Please choose a role.
problem-own-role = Another operator has to revoke this role of yours
problem-role-second-factor = Your role needs a second factor
problem-role-second-factor-detail = Sign in with a passkey, or with a code besides your password; without either, set one up in the settings first.
flash-role-granted = The role is granted.
flash-role-revoked = The role is revoked.
