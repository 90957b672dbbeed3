"""Moments of known charge: when the battery was full or empty, and what flowed between."""
