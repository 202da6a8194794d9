"""
One figure for one word: each figure that stands in more than one place is reckoned here, and nowhere else.

| word | is | where |
|---|---|---|
| covered, under a BAA | the chain of agreements, for systems and PHI that the VMA reaches | `policies.engine.covered` |
| in place, of a control | no finding of its rules, and nothing of it that could not be judged | `controls` |
| needs action | has a critical or high finding that nobody accepted | `counts.need_action` |
| live account | somebody may be able to sign in with it | `counts.live`, by `connectors.facts.Account.live` |
| leavers' accounts that still work | a finding of `active-after-end` each | `counts.leavers` |
| not evaluated | a check that neither passed nor failed | `counts.not_evaluated` |
| owed | a control that is due for a VMA and not in place, at one instant | `owed`, from `auditor.lag.report` |
| called for and not done | what an event should have changed and did not | `auditor.drift.attribution.compare` |
| unexplained | an access change without event, approval or accepted finding | `counts.unexplained` |

No figure is better than what is known: what could not be read or judged is counted as such, and never as in place.
"""
