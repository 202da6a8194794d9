"""`auditor watch`: audits when a file or the clock calls for it, and tells whom it should."""
