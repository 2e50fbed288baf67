"""Real object stores, started by the tests as processes of their own."""
