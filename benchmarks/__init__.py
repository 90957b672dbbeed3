"""What the house costs: CPU, wall and memory as ratios to the decoding of the same columns."""
