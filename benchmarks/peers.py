"""
The programs that are measured against, each in an environment of its own in .venv/peers, so that none is a dependency.

PMapper is AGPL-3.0: it is run as a process of its own, and nothing of it is part of this product.
"""

import argparse
import subprocess
import venv
from pathlib import Path

HOME = Path(__file__).resolve().parents[1] / ".venv" / "peers"
CLOUDSPLAINING, PMAPPER = "cloudsplaining==0.9.1", "principalmapper==1.1.5"


def add_option(parser: argparse.ArgumentParser) -> None:
    """Let the command line ask for the peers; without a word, those run that are installed."""
    text = "install the peers from PyPI where they are missing, and run them; without it, those that are there run"
    parser.add_argument("--peer", action=argparse.BooleanOptionalAction, default=None, help=text)


def wanted(package: str, options: argparse.Namespace) -> Path | None:
    """Return the Python of a peer's environment; `None`, with how to install it, where it is not to run."""
    home = HOME / package.partition("==")[0]
    python = home / "bin" / "python"
    done = home / "installed"
    if options.peer is False:
        return None
    if not done.exists():
        if not options.peer:
            print(f"  {package.partition('==')[0]} is not installed, so nothing is compared: `--peer` installs it")
            return None
        venv.create(home, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]
        subprocess.run(pip, check=True)
        done.touch()
    return python
