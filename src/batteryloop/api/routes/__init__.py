"""The routes, one file a room; each only reads the request, calls a deed, and answers."""
