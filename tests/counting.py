"""Counts the work of a piece of code, so that its growth can be asserted on a machine that is busy with much else."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")


def counted(work: Callable[[], T]) -> tuple[T, int]:
    """Return the result of `work` and how many lines of Python it ran, generators and comprehensions included."""
    steps = 0

    def step(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal steps
        steps += event == "line"
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        return work(), steps
    finally:
        sys.settrace(before)
