"""What nobody does on purpose, many times over: kills, and many first starts at once.

Everything happens at the level of the store, in processes forked from one that loads no torch, so
that hundreds of kills take a minute. ``make torture`` does what the tests do a little of.
"""
