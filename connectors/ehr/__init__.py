"""Electronic health records: one package or file a product. They do not know each other."""
