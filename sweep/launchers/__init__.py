"""What a worker is made of, how many runs train together, and where."""
