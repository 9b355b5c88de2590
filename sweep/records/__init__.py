"""What travels between all of these: trials, runs, results."""
