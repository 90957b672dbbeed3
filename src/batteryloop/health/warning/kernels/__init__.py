"""The loops of the early warning: one pass over rows and cells, and what follows a window."""
