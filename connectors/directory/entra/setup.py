"""What saving an export of Entra ID needs, and the loop that saves every page. Checked by a test that runs it."""

from pathlib import Path

_LOOP = """\
# In bash, where `az` is signed in (Azure Cloud Shell has all of it). It stops at the first answer that is not whole.
set -eu
mkdir -p group-members
graph=https://graph.microsoft.com/v1.0
save() { # save FILE ADDRESS: every page of the answer, one after the other, as one JSON list
  local next=$2 comma='' page
  printf '[' > "$1.part"
  while [ -n "$next" ]; do
    page=$(az rest --method get --url "$next" --headers ConsistencyLevel=eventual --output json)
    printf '%s%s' "$comma" "$page" >> "$1.part"
    comma=','
    next=$(printf '%s' "$page" | python3 -c 'import json,sys; print(json.load(sys.stdin).get("@odata.nextLink",""))')
  done
  printf ']\\n' >> "$1.part"
  mv "$1.part" "$1"
}
ids() { python3 -c 'import json,sys; [print(g["id"]) for p in json.load(open(sys.argv[1])) for g in p["value"]]' "$1"; }

fields='id,displayName,userPrincipalName,mail,employeeId,accountEnabled,createdDateTime,userType'
fields="$fields,creationType,onPremisesSyncEnabled"
# `signInActivity` needs Entra ID P1 or P2: without it, leave `,signInActivity` out (120 users a page with it).
save users.json "$graph/users?\\$select=$fields,signInActivity&\\$count=true&\\$top=120"
save groups.json "$graph/groups?\\$select=id,displayName,visibility,onPremisesSyncEnabled&\\$count=true&\\$top=999"
for group in $(ids groups.json); do
  save "group-members/$group.json" "$graph/groups/$group/members?\\$select=id&\\$top=999"
done
fields='id,appId,displayName,accountEnabled'
save service-principals.json "$graph/servicePrincipals?\\$select=$fields&\\$count=true&\\$top=999"
save role-assignments.json "$graph/roleManagement/directory/roleAssignments?\\$expand=roleDefinition"
# Only with Privileged Identity Management (Entra ID P2 or Governance):
save role-eligibility.json "$graph/roleManagement/directory/roleEligibilityScheduleInstances?\\$expand=roleDefinition"
# Only with Entra ID P1 or P2:
save registration-details.json "$graph/reports/authenticationMethods/userRegistrationDetails"
# When access changed, and by whom; Entra keeps 7 days of it, with P1 or P2 30 days:
save directory-audits.json "$graph/auditLogs/directoryAudits?\\$top=999"
# Only with Entra ID P1 or P2, to be told of a sign-in after the end (it holds places and addresses of devices):
# save sign-ins.json "$graph/auditLogs/signIns?\\$top=999"
"""

_TEXT = """\
# {title} (Microsoft Entra ID): nothing is installed there, and nobody's password is needed here. Somebody who may read
# the directory saves nine answers of Microsoft Graph; the auditor reads the folder.

# Least privilege: an app registration with a certificate and these application permissions, and no other:
#   User.Read.All                 users
#   AuditLog.Read.All             last sign-in; registration of second factors; when access changed, and by whom
#   GroupMember.Read.All          groups and their members
#   Member.Read.Hidden            members of groups that hide them; then set `hidden_members_read: true`
#   Application.Read.All          names of the programs that hold roles
#   RoleManagement.Read.Directory roles, active and eligible
# Directory.Read.All would do instead of the first, third, fifth and sixth, and reads more. A person with the role
# Global Reader can sign in instead (`az login`); `az` itself may then not be allowed to ask for eligible roles.
az login --service-principal --username APPLICATION_ID --certificate FILE.pem \\
  --tenant TENANT_ID --allow-no-subscriptions

{loop}
# Then copy the folder here, as `{folder}`.
"""


def loop() -> str:
    """Return the commands alone."""
    return _LOOP


def text_for(title: str, folder: Path) -> str:
    """Return permissions and commands for one directory."""
    return _TEXT.format(title=" ".join(title.split()), folder=folder, loop=_LOOP)
