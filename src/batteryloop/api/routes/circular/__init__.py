"""The circular decision over HTTP: what is computed is given back, and nothing is kept."""
