"""Others' cycle summaries on the same file, each in the interpreter that has them installed."""
