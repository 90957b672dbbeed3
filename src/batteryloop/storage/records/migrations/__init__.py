"""How the record's tables came to be: numbered steps, each later one on top of the one before."""
