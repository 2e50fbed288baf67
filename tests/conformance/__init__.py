"""The conformance suites of the specification."""
