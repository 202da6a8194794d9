"""
Access reviews: a frozen population, questions that people decide, and a seal in the ledger.

`opening` freezes and asks; `desk` is the one door through which reviewers read and decide; `status` and `closing` are
the officer's; `annexes` are what examiners ask in words. Nothing here knows a page, a spreadsheet or the command line.
"""
