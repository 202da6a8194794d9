"""The one base of everything that people write and we read into typed fields: what is not known is refused."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A part of a file: an unknown key is a mistake, and what was read does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Settings(Strict):
    """
    Settings that people are asked for: each field is described by the text under it.

    An error never shows what was given, which may be a secret in the wrong place.
    """

    model_config = ConfigDict(hide_input_in_errors=True, use_attribute_docstrings=True)
