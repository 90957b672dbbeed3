"""The steps; the number is the revision."""
