"""What may be told of it, to whom, and how can that be proved? Told, signed and carried here."""
