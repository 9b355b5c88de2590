"""The rows that a DataLoader reads: all of its Dataset's, or those that its sampler names."""

from __future__ import annotations

from typing import Any

from torch.utils.data import (
    BatchSampler,
    DataLoader,
    IterableDataset,
    RandomSampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
)

from sweep.errors import DataError


def rows_read(loader: DataLoader[Any]) -> Any:
    """The Dataset of the rows that a DataLoader gives, each once; DataError where it gives some
    more often than others, or nobody can know which.
    """
    dataset, batches = loader.dataset, loader.batch_sampler
    if loader.batch_size is None and batches is None:
        raise DataError(
            "data.name: a DataLoader must make batches of rows, found one of batch_size None, "
            "whose items may be batches already; give the Dataset itself if they are rows"
        )
    if isinstance(dataset, IterableDataset):
        return dataset
    sampler = batches.sampler if type(batches) is BatchSampler else batches
    if type(sampler) is SequentialSampler:
        return dataset
    if type(sampler) is RandomSampler and not sampler.replacement:
        if sampler.num_samples == len(dataset):  # type: ignore[arg-type]
            return dataset
    elif type(sampler) is SubsetRandomSampler:
        return Subset(dataset, sorted(map(int, sampler.indices)))
    raise DataError(
        "data.name: a DataLoader must give every row once, in order or shuffled, or those of a "
        f"SubsetRandomSampler, found {type(sampler).__name__}; give a Subset of the rows that are "
        "meant, and in data.weight how much each counts"
    )
