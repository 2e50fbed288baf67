"""Who may do what: identities, and what they are granted."""
