"""What every request and every answer goes through, whatever the page, in the order of `auditor.web.app`."""
