"""The loops of triage, compiled; they hold no lock, so that threads share the work."""
