"""Penalties under ``fully_shard``, with real DTensors in a group of one process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
import torch.distributed as dist
from torch import nn

from sweep.errors import ModelError, StudyError
from sweep.regularizers.penalties import PENALTIES
from sweep.toolkit.regularizer import Regularizer
from tests.support.training import mlp, plan, split
from tests.toolkit.loops import batches, train_here

pytestmark = pytest.mark.long

BY_WEIGHT = sorted(name for name, penalty in PENALTIES.items() if penalty.by_weight)
LR = 0.02


@pytest.fixture(scope="module")
def _group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    place = tmp_path_factory.mktemp("group") / "rendezvous"
    dist.init_process_group("gloo", init_method=f"file://{place}", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def sharded(model: nn.Module) -> nn.Module:
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    fully_shard(model, mesh=init_device_mesh("cpu", (1,)))
    return model


def trained(model: nn.Module, penalty: str) -> list[torch.Tensor]:
    reg = Regularizer(model, penalty, 0.05, scale_invariant=["0"])
    optimizer = torch.optim.AdamW(reg.parameter_groups(lr=LR), foreach=False)
    steps = batches(plan("adamw"), split(), epochs=2)
    train_here(model, reg, optimizer, steps, by_gradients=True)
    found = (p.detach() for p in model.parameters())
    return [p.full_tensor() if hasattr(p, "full_tensor") else p for p in found]


@pytest.mark.usefixtures("_group")
@pytest.mark.parametrize("penalty", BY_WEIGHT)
def test_penalties_by_weight_train_sharded_as_whole(penalty: str) -> None:
    for found, expected in zip(
        trained(sharded(mlp(0)), penalty), trained(mlp(0), penalty), strict=True
    ):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


@pytest.mark.usefixtures("_group")
def test_what_needs_whole_weights_is_refused() -> None:
    for penalty in sorted(PENALTIES.keys() - set(BY_WEIGHT)):
        with pytest.raises(StudyError, match=f"{penalty}: whole weights must be there"):
            Regularizer(sharded(mlp(0)), penalty, 0.05)
    with pytest.raises(StudyError, match="call add_gradients\\(\\) once in every step"):
        Regularizer(sharded(mlp(0)), "l2", 0.05).loss()


@pytest.mark.usefixtures("_group")
@pytest.mark.filterwarnings("ignore:FSDP is switching")
def test_the_older_way_to_shard_leaves_nothing_to_regularize() -> None:
    from torch.distributed.fsdp import FullyShardedDataParallel

    model = FullyShardedDataParallel(mlp(0), device_id=torch.device("cpu"))
    with pytest.raises(ModelError, match="use fully_shard"):
        Regularizer(model, "l2", 0.05)
