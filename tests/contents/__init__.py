"""Contents of layers: archives of all kinds, and hostile ones."""
