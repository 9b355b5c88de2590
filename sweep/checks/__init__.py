"""What to look at before believing a study: a catalogue of checks, and a rule for each."""
