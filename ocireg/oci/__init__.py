"""The protocol's values and grammars: pure, standard library only."""
