"""The five kinds of error that the user can correct, each with a message of one line.

A message reads *where: rule, what was found; what to do*. The command line turns every one of them
into exit code 2; anything else that is raised is a bug and keeps its traceback.
"""


class SweepError(Exception):
    """An error that the user can correct; never raised itself, only its five kinds."""


class StudyError(SweepError):
    """A study file or ``Study(...)`` that breaks rules; the message has a line for every fault."""


class DataError(SweepError):
    """Data that cannot be loaded, split or used for this study."""


class ModelError(SweepError):
    """A model that cannot be built or does not fit the data."""


class HardwareError(SweepError):
    """A device, precision or launcher that this machine does not have."""


class StoreError(SweepError):
    """A database that cannot be opened, read or written, or a name that is not in it."""
