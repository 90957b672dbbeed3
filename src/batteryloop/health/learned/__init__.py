"""What does a charge or a pulse say of a cell whose kind was learned? Nothing, at times."""
