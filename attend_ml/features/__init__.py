"""Extractors: from delegations at a moment to named numbers."""
