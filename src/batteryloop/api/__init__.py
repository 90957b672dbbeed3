"""The door for programmes: every deed over REST, one error shape, access in one place."""
