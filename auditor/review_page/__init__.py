"""
The pages of the access review, rendered on the server: `auditor.web` gives the shell, `auditor.review.desk` the review.

One person at a time, plain words before native names, the riskiest first; nothing is ever chosen beforehand, and every
decision can be taken back until it is signed. No page needs a script, and none has one.
"""
