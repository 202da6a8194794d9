"""Properties here search as `tests/search_profiles.py` says, and no clock ends an example on a busy machine."""

import tests.search_profiles  # noqa: F401 - chooses the profile
