"""What an export says about itself besides its records: what was asked for, and how it ended."""

import re
from dataclasses import dataclass, field, replace

from connectors.directory.schema.coverage import ExportSearch

MAX_SEARCHES = 100
"""More searches than anybody joins in one file; the rest is not kept."""
_BASE = re.compile(r"# base <(.*)>(?: \(default\))? with scope (\w+)")


@dataclass(slots=True)
class LdifTrailer:
    """What the file says about itself besides its records."""

    entries: int = 0
    """Records read."""
    counted: int = 0
    """How many of them the file's own counts cover."""
    successes: int = 0
    """Searches that ended in result 0."""
    told: bool = False
    """A result came since the last count."""
    untold: int = 0
    """Counts without a result: `ldapsearch -L` writes one for a search that hit a limit as well."""
    open_search: bool = False
    """A search began, and its result has not come yet."""
    more_pages: bool = False
    """The last page said that more follow."""
    closed: bool = False
    """The last record is closed by an empty line."""
    scopes: list[str] = field(default_factory=list)
    """Base, filter and attributes of the searches, as they are written."""
    searches: list[ExportSearch] = field(default_factory=list)
    """The same, understood."""

    def header(self, text: str) -> None:
        """Take in a line of the header of `ldapsearch`: base, filter, attributes, in this order."""
        if text not in self.scopes and len(self.scopes) < MAX_SEARCHES:
            self.scopes.append(text)
        if match := _BASE.fullmatch(text):
            if len(self.searches) < MAX_SEARCHES:
                self.searches.append(ExportSearch(match[1], "", "", match[2] == "subtree"))
        elif self.searches:
            name, _, value = text.removeprefix("# ").partition(": ")
            last = self.searches[-1]
            if name == "filter":
                self.searches[-1] = replace(last, filter=value)
            else:
                self.searches[-1] = replace(last, attributes=value.strip())

    @property
    def proven(self) -> bool:
        """Whether every search says that it ended well, and every record is counted."""
        return self.successes > 0 and not self.untold and self.entries == self.counted
