"""Arrays and tensors become numpy arrays with the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sweep.runtime.arrays import to_numpy


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64, torch.bool])
def test_a_tensor_keeps_its_type_and_numbers(dtype: torch.dtype) -> None:
    tensor = torch.tensor([[0, 1], [1, 0]]).to(dtype)
    array = to_numpy(tensor)
    assert torch.equal(torch.from_numpy(array), tensor)


def test_bfloat16_becomes_float32() -> None:
    array = to_numpy(torch.tensor([1.5], dtype=torch.bfloat16, requires_grad=True))
    assert (array.dtype, array.tolist()) == (np.float32, [1.5])


def test_lists_and_arrays_are_taken_too() -> None:
    assert to_numpy([[1, 2]]).shape == (1, 2)
    given = np.zeros(3)
    assert to_numpy(given) is given
    with pytest.raises(ValueError, match="inhomogeneous"):
        to_numpy([[1], [1, 2]])
