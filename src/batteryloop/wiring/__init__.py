"""Where do files, stores, the clock and chance meet the core? Here, and nowhere else."""
