"""The order in which AWS evaluates policies, and the elements of a policy document."""
