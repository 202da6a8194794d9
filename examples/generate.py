"""
Write the example practice's exports from the story in `story/`, the same bytes every time.

    python examples/generate.py            writes examples/lakeside/2026-q3, examples/lakeside/2026-11 and staff.csv
    python examples/generate.py --check    writes nothing; exit code 1 when a committed file differs

To change the example, change `story/` and run it again. Written by hand, and not touched here: `auditor.yaml` and
`agreements.yaml` of both audits, `work.yaml`, and `lakeside/policies/`. It reads no clock and needs nothing but Python.
"""

import sys
from pathlib import Path

from story import aws, directory, directory_log, figures, openemr
from story.files import Files
from story.people import Period, roster_file, staff_file

FOLDER = Path(__file__).parent / "lakeside"


def files() -> Files:
    """Return every generated file: path below `examples/lakeside` → content."""
    found = staff_file()
    for period in Period:
        found |= roster_file(period, f"{period.folder}/roster.csv")
        found |= openemr.files(period, f"{period.folder}/ehr")
        found |= directory.files(period, f"{period.folder}/directory.ldif")
        found |= aws.files(period, f"{period.folder}/aws")
    found |= directory_log.files("2026-11")
    found |= figures.files("2026-11/figures.csv")
    return found


def main(arguments: list[str]) -> int:
    """Write the files, or compare them; return the exit code."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 64
    different = []
    for name, text in files().items():
        path = FOLDER / name
        data = text.encode()
        if not path.is_file() or path.read_bytes() != data:
            different.append(name)
            if not arguments:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
    for name in different:
        print(f"{'differs' if arguments else 'wrote'}: {name}")
    return 1 if arguments and different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
