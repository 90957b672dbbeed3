"""The capacity of now: from full swings, from parts of a charge, from reported charge."""
