"""What is too slow to make for each test: made once, when the first test asks for it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def shown_practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the demo, and return the example practice's configuration as a user has it afterwards; only to be read."""
    folder = tmp_path_factory.mktemp("shown")
    subprocess.run([sys.executable, EXAMPLES / "demo.py", folder / "out"], capture_output=True, check=True)
    shutil.copytree(EXAMPLES / "lakeside", folder / "examples" / "lakeside")
    return folder / "examples" / "lakeside" / "2026-11" / "auditor.yaml"
