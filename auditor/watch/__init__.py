"""
`auditor watch`: audits when a file or the clock calls for it, and tells whom it should.

It runs the pipeline and keeps a worklist of its own, which is no evidence.
"""
