"""Real clients over a real socket."""
