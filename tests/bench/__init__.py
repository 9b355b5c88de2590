"""Measures the engine against its peers, on the same work in the same run: ``make bench``.

Every side of a comparison is a process of its own that waits for its turns (``sides``), so that
turns alternate, memory is each side's own and noise of the machine meets all alike. Ratios are what
counts; seconds from different days or machines are not to be compared.
"""
