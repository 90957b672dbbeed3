"""The command line: one group a room, one command a deed."""
