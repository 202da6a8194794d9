"""
What planned changes of headcount would do to every control, and what to do first.

Pure, but for reading the plan; it judges with the same engine as an audit, and stores nothing.
"""
