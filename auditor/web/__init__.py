"""
The shell in which pages of ours stand: it knows who is signed in, and nothing of what the pages are about.

A module of pages declares its routes (`auditor.web.pages`) and gets a `Visit` for each request; `auditor.web.app` puts
them behind the guards, which no page can forget: size of bodies, `Host`, headers, session, role, origin and token of
forms, rates, the log of what is asked to change. `auditor.web.listen` serves it. docs/review-threats.md says what each
guard is for, and which test shows it.
"""
