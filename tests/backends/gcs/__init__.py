"""The driver for Google Cloud Storage, on two stand-ins for it."""
