"""What exporting Google Workspace needs: GAM's commands, and a loop for the Directory API that a test runs."""

from pathlib import Path

_LOOP = """\
# In bash, with a token in TOKEN; it stops at the first answer that is not whole.
set -eu
mkdir -p group-members
api=https://admin.googleapis.com/admin/directory/v1
save() { # save FILE ADDRESS: every page of the answer, one after the other, as one JSON list
  local token='' comma='' page
  printf '[' > "$1.part"
  while :; do
    page=$(printf 'header = "Authorization: Bearer %s"' "$TOKEN" |
      curl --silent --show-error --fail --config - "$2${token:+&pageToken=$token}")
    printf '%s%s' "$comma" "$page" >> "$1.part"
    comma=','
    token=$(printf '%s' "$page" | python3 -c '
import json, sys, urllib.parse
print(urllib.parse.quote(json.load(sys.stdin).get("nextPageToken", ""), safe=""))')
    [ -n "$token" ] || break
  done
  printf ']\\n' >> "$1.part"
  mv "$1.part" "$1"
}
ids() {
  python3 -c 'import json,sys; [print(g["id"]) for p in json.load(open(sys.argv[1])) for g in p.get("groups", [])]' "$1"
}

save users.json "$api/users?customer=my_customer&maxResults=500"
save groups.json "$api/groups?customer=my_customer&maxResults=200"
for group in $(ids groups.json); do
  save "group-members/$group.json" "$api/groups/$group/members?maxResults=200"
done
save roles.json "$api/customer/my_customer/roles?maxResults=100"
save role-assignments.json "$api/customer/my_customer/roleassignments?maxResults=200"
# When access changed, and by whom (180 days):
reports=https://admin.googleapis.com/admin/reports/v1/activity/users/all/applications
save admin-activity.json "$reports/admin?maxResults=1000"
save groups-activity.json "$reports/groups_enterprise?maxResults=1000"
# To be told of a sign-in after the end (it holds addresses of devices):
# save login-activity.json "$reports/login?maxResults=1000"
"""

_GAM = """\
gam print users showitemcountonly          # the number for `expect_accounts`
gam redirect csv ./users.csv print users fields \\
  primaryemail,id,name,aliases,suspended,archived,creationtime,lastlogintime,isenrolledin2sv,isenforcedin2sv,\\
isadmin,isdelegatedadmin,ismailboxsetup,externalids
gam redirect csv ./groups.csv print groups fields email,id,name,aliases,directmemberscount
gam redirect csv ./group-members.csv print group-members fields group,id,email,type,status
gam redirect csv ./adminroles.csv print adminroles privileges oneitemperrow
gam redirect csv ./admins.csv print admins condition
"""

_TEXT = """\
# {title} (Google Workspace): nothing is installed there. Somebody who may read the directory exports it; the auditor
# reads the folder.

# Least privilege: a custom admin role with the Admin API privileges Users > Read, Groups > Read and Organizational
# units > Read. Where Google does not let it list admin roles and who holds them, let a super admin export
# `adminroles.csv` and `admins.csv`, or leave both out: delegated admins are then told as holding a role not known.
# Scopes that a token needs, and no other:
#   https://www.googleapis.com/auth/admin.directory.user.readonly
#   https://www.googleapis.com/auth/admin.directory.group.readonly
#   https://www.googleapis.com/auth/admin.directory.group.member.readonly
#   https://www.googleapis.com/auth/admin.directory.rolemanagement.readonly
#   https://www.googleapis.com/auth/admin.reports.audit.readonly (the role needs the privilege Reports as well)

# Either with GAM, in an empty folder; it turns all pages itself:
{gam}
# Or without it, by the Directory API:
{loop}
# Then copy the folder here, as `{folder}`.
"""


def loop() -> str:
    """Return the commands for the Directory API alone."""
    return _LOOP


def text_for(title: str, folder: Path) -> str:
    """Return rights and commands for one organization."""
    return _TEXT.format(title=" ".join(title.split()), folder=folder, loop=_LOOP, gam=_GAM)
