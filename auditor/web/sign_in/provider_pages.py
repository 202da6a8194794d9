"""The pages of signing in with the identity provider."""

from auditor.web.pages import Page
from auditor.web.shell import Shell


def provider_pages(_shell: Shell) -> list[Page]:
    """Return the pages of signing in with the identity provider."""
    return []
