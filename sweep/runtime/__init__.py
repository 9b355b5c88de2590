"""User code, random states, device, torch's settings, files."""
