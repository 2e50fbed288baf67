"""Tokens of outside issuers (OpenID Connect): which are allowed, their keys, and whether a token is genuine."""
