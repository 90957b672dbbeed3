"""The loops that arrays cannot say, compiled: one pass over one battery's samples.

Imported only by the functions that run them: importing numba takes half a second that a `--help`
need not wait for.
"""
