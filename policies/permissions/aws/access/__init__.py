"""Who can do what: by action, by resource, anywhere, as another role, from outside."""
