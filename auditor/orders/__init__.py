"""Work orders: one thing to do in one system for one account, by a clock; closed by proof only."""
