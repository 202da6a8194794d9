"""
What the documentation shows of the example practice, printed anew.

Usage: python examples/shown.py [--check]. It runs the demo in a folder that it throws away, then writes what each
command prints between the lines `<!-- shown: COMMAND -->` and `<!-- /shown -->` of the pages. ` | lines 1-6, last 4`
after the command shows so many lines of it, with `…` for the rest. Where chromium is installed, the picture of the
report is made anew. With `--check` nothing is written, and the exit code is 1 when a page says something else than the
program.
"""

import os
import re
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "docs/headcount.md", "docs/orders.md")
PRACTICE = Path("examples") / "lakeside"
BLOCK = re.compile(
    r"<!-- shown: (.*?)(?: \| (?:lines 1-(\d+), last (\d+)))? -->\n```\n.*?```\n<!-- /shown -->", re.DOTALL
)
CHECKS = re.compile(r", of \d+ checks$", re.MULTILINE)
"""How many checks there were is no part of the page: every rule that is added moves it."""
DEMO_ENDS = "\nThe whole path of one: "


def shown(command: str, config: Path, demo: str) -> str:
    """Return what a page shows of one command; `config` is the practice as a demo left it, `demo` what that printed."""
    from auditor.cli import run  # noqa: PLC0415 - the width of the page is set before

    if command == "demo":
        _first, _, second = demo.partition("\n\n")
        return CHECKS.sub(", of … checks", second.split(DEMO_ENDS, maxsplit=1)[0].strip("\n") + "\n")
    words = [str(config) if word == "auditor.yaml" else word for word in command.split()]
    printed = StringIO()
    with redirect_stdout(printed), redirect_stderr(StringIO()):
        run(words)
    return f"$ auditor {command}\n{printed.getvalue().rstrip()}\n"


def shortened(text: str, first: str | None, last: str | None) -> str:
    """Keep the first and the last lines of an output, after the line of the command."""
    lines = text.splitlines()
    if first is None or last is None or len(lines) <= int(first) + int(last) + 1:
        return text
    return "\n".join([*lines[: int(first) + 1], "…", *lines[-int(last) :]]) + "\n"


def picture(report: Path) -> None:
    """Make the picture of the report's first page, where there is a browser."""
    if browser := shutil.which("chromium"):
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1240,980"]
        made = [browser, *options, f"--screenshot={ROOT / 'docs' / 'report.png'}", report.as_uri()]
        subprocess.run(made, check=True, capture_output=True, timeout=120)


def review_pictures(config: Path) -> None:
    """Make the pictures of the review's pages, where there is a browser; the last thing done with the practice."""
    if browser := shutil.which("chromium"):
        sys.path.insert(0, str(ROOT))  # the server and the visitor of the tests
        from review_shown import pictures  # noqa: PLC0415 - what serves and drives a browser is for these alone

        pictures(config, browser, ROOT / "docs")


def main(check: bool) -> int:
    """Write, or with `check` compare, every page; return the exit code."""
    os.environ["COLUMNS"] = "100"
    from demo import main as demo  # noqa: PLC0415 - the width of the page is set before

    wrong = []
    with TemporaryDirectory() as folder:
        printed = StringIO()
        with redirect_stdout(printed), redirect_stderr(StringIO()):
            demo(Path(folder) / "out")
        shutil.copytree(ROOT / PRACTICE, Path(folder) / PRACTICE)
        config = Path(folder) / PRACTICE / "2026-11" / "auditor.yaml"
        for page in PAGES:
            path = ROOT / page
            old = path.read_text(encoding="utf-8")

            def anew(found: re.Match[str]) -> str:
                text = shortened(shown(found[1], config, printed.getvalue()), found[2], found[3])
                head = found[0].split("\n", maxsplit=1)[0]
                return f"{head}\n```\n{text}```\n<!-- /shown -->"

            new = BLOCK.sub(anew, old)
            if new != old:
                wrong.append(page)
                if not check:
                    path.write_text(new, encoding="utf-8")
        if not check:
            picture(Path(folder) / "out" / "lakeside-2026-11.html")
            review_pictures(config)
    for page in wrong:
        print(f"{page}: {'says something else than the program: run `make shown`' if check else 'written'}")
    return 1 if check and wrong else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
