"""The door for people: pages over the same deeds."""
