"""A window of a charge held against whole charges of the same kind, from new to worn."""
