"""
One audit: what is gathered, what is held back, what came out, and where it is written.

`inputs`, `collecting` and `case` make a case, `result` holds one that is judged. It knows the store and drift, not the
report; the order of the steps is `auditor.pipeline`'s.
"""
