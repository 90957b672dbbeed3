"""Resistance: from steps of the current, and from ordinary use without a test."""
