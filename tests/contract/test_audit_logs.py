"""
One contract for every reader of a system's own record of changes.

The harnesses are the classes `…LogHarness` of the files `log_NAME.py` beside this one; one with `slow = True` is tried
in the longer run.
"""

from importlib import import_module
from pathlib import Path

import pytest

from connectors.testing.audit_log_suite import AuditLogContract

for _path in sorted(Path(__file__).parent.glob("log_*.py")):
    _module = import_module(f"tests.contract.{_path.stem}")
    for _name, _harness in list(vars(_module).items()):
        if _name.endswith("LogHarness") and _harness.__module__ == _module.__name__:
            _marks = [pytest.mark.slow] if getattr(_harness, "slow", False) else []
            _members = {"harness": _harness(), "__module__": __name__, "pytestmark": _marks}
            globals()[f"Test{_name.removesuffix('Harness')}"] = type(f"Test{_name}", (AuditLogContract,), _members)
