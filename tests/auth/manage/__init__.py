"""Changes of access, and the state that each leaves."""
