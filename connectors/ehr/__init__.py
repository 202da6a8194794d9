"""Electronic health records: one file a product or export format."""
