"""What a voltage at rest says about the charge, and whether the reported charge agrees."""
