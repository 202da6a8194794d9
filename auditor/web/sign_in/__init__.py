"""How people come in: by the identity provider of the practice, or by a link that works once."""
