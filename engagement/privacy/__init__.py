"""What the log holds of one citizen, what must be kept, and what must go."""
