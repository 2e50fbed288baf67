"""What clients may do with which secret, and what they are refused."""
