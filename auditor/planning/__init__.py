"""What planned changes of headcount would do to every control, and what to do first."""
