"""How OpenMRS is reached, and what it is asked for."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from connectors.http.client import WebSettings
from connectors.http.credentials import Variable

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=250)]


class Settings(WebSettings):
    """How to reach OpenMRS."""

    url: Annotated[str, Field(max_length=2000)]
    """The address of the application, such as `https://ehr.example.org/openmrs`."""
    username: Text
    """The auditor's own user in OpenMRS."""
    password_env: Variable
    """The name of the environment variable that holds its password; the password itself is refused."""
    canary: Text | None = None
    """The login of a user that must be seen; left out: the auditor's own."""
    page_size: Annotated[int, Field(ge=1, le=1000)] = 100
    """Entries in one answer; 100 is OpenMRS's own limit unless its administrator changed it."""
    email: bool = True
    """Ask for e-mail addresses, which OpenMRS has from version 2.2 on; `false` for an older one."""
    names: bool = False
    """Ask for the names of the users' persons; needs the privilege `Get People`, which reaches patients too."""
    unlock_after_minutes: Annotated[int, Field(ge=0, le=100_000)] = 5
    """OpenMRS's global property `security.unlockAccountWaitingTime`: how long failed attempts lock a user."""
    empty_last_login: Literal["unknown", "never"] = "unknown"
    """What a user without last sign-in means; `never` only if OpenMRS has kept it since the user was made."""
