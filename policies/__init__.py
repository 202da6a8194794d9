"""What should be: capabilities, role templates, agreements, rules, and the pure engine that judges facts."""
