"""How does it read in the words of others? Mappings to four public models, and what they cost."""
