"""The study file: settings, rules, messages."""
