"""
Lag and lockstep: how far the controls of each VMA trail behind the headcount.

`report.lag_report` is the way in: from the store alone, in whole seconds and exact fractions.
"""
