"""AWS: IAM policy documents, and the order in which AWS evaluates them."""
