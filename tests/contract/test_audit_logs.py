"""
One contract for every reader of a system's own record of changes.

The rigs are the classes `…LogRig` of the files `log_NAME.py` beside this one; one with `slow = True` is tried in the
longer run.
"""

from importlib import import_module
from pathlib import Path

import pytest

from connectors.testing.audit_log_suite import AuditLogContract

for _path in sorted(Path(__file__).parent.glob("log_*.py")):
    _module = import_module(f"tests.contract.{_path.stem}")
    for _name, _rig in list(vars(_module).items()):
        if _name.endswith("LogRig") and _rig.__module__ == _module.__name__:
            _marks = [pytest.mark.slow] if getattr(_rig, "slow", False) else []
            _members = {"rig": _rig(), "__module__": __name__, "pytestmark": _marks}
            globals()[f"Test{_name.removesuffix('Rig')}"] = type(f"Test{_name}", (AuditLogContract,), _members)
