"""Cloud providers: one file a provider or export format."""
