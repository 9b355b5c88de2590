"""The five kinds of mistake that a person can make, each told in one line.

A message reads *where: rule, what was found; what to do*. The command line turns every one of them
into exit code 2; anything else that is raised is a bug and keeps its traceback.
"""


class SweepError(Exception):
    """Something the person can mend; never raised itself, only its five kinds."""


class StudyError(SweepError):
    """A study file or ``Study(...)`` breaks a rule; holds every fault, one a line."""


class DataError(SweepError):
    """The data cannot be loaded, split or used for this study."""


class ModelError(SweepError):
    """The model cannot be built or does not fit the data."""


class HardwareError(SweepError):
    """A device, precision or launcher that this machine does not have."""


class StoreError(SweepError):
    """A database that cannot be opened, read or written, or a name that is not in it."""
