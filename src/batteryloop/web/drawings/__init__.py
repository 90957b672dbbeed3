"""How does it look? Pictures as SVG text, drawn from data, the same on every page."""
