"""How to get an access token of DrChrono that can do little else than list who may do what."""

from connectors.facts import System


def access_text(system: System, url: str, token_env: str, *, sign_ins: bool) -> str:
    """Return how to get an access token that can do little else."""
    scope = "user:read%20billing:read" if sign_ins else "user:read"
    return f"""\
For {system.title} (DrChrono):

  1. A staff account of its own for the auditor (Account > Staff Members), with every permission off. If it then
     does not show all users, turn on `View Practice Group`. `Create and Update Patients`, `Access Clinical Notes`,
     `Share Patients` and `Manage Permissions` stay off.
  2. Account > API > New Application: name `access-audit`, a redirect address of yours. Note client id and secret.
  3. Signed in as the auditor's account, open this address, and exchange the code that comes back for a token:
       {url}/o/authorize/?response_type=code&client_id=…&redirect_uri=…&scope={scope}
       POST {url}/o/token/ with grant_type=authorization_code
     Name the scope: without it DrChrono gives all of them. `billing:read` is for last sign-ins (the audit log)
     only, and shows billing data too: with `sign_ins_days: 0` it is not needed.
  4. Put the access token into the environment variable {token_env} of the auditor's process. It is valid
     for 48 hours: let your secret store renew it (grant_type=refresh_token). The auditor keeps no token.
"""
