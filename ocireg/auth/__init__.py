"""Who may do what: credentials, tokens, rules."""
