"""
What examiners ask in words, answered from stored audits: one module for each annex, and one reason each.

`auditor.review.annexes.facts` is what all of them are made of; `current` and `recalled` say where it comes from: the
audit that is being made, or those that are stored. Nothing is reckoned here that is reckoned elsewhere: hours come from
the gates, changes from the drift, figures from `auditor.figures`, verdicts from the engine.
"""
