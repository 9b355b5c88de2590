"""The recipes of ``studies/own_loop``, each with the real package, against a plain loop."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sweep.toolkit.regularizer import Regularizer
from tests.support.operators import torchvision_operators

FOLDER = Path(__file__).parent.parent.parent / "studies" / "own_loop"
PENALTIES = {"l2": 0.02, "l1": 0.005, "decay_cautious": 0.1, "orthogonal": 0.01}
LR, CLIP = 0.05, 0.5


@pytest.fixture(autouse=True, scope="module")
def _operators() -> object:
    return torchvision_operators()


def recipe(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"recipe_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(n: int = 48) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(n, 5, generator=generator)
    return x, (x[:, 0] > 0).long()


def network() -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 2))


def in_a_plain_loop(batches: Iterable[Any], accumulate: int = 1, clip: float = 0.0) -> nn.Module:
    """The network after these batches, with the penalties in the loss."""
    model = network()
    reg = Regularizer(model, PENALTIES)
    optimizer = torch.optim.AdamW(reg.parameter_groups(lr=LR))
    for i, (x, y) in enumerate(batches):
        ((F.cross_entropy(model(x), y) + reg.loss()) / accumulate).backward()
        if (i + 1) % accumulate == 0:
            if clip:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            reg.step(optimizer)
            optimizer.zero_grad()
    return model


def check_same(found: nn.Module, expected: nn.Module) -> None:
    started = network()
    for one, other, start in zip(
        found.parameters(), expected.parameters(), started.parameters(), strict=True
    ):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
        assert not torch.allclose(one, start, atol=1e-2)


def test_the_plain_loop_learns_and_makes_zeros() -> None:
    model, losses = recipe("plain_loop").train(n_epochs=3)
    assert losses[-1] < losses[0]
    assert bool((model[0].weight == 0).any())


@pytest.mark.filterwarnings("ignore")
def test_the_lightning_callback_trains_as_a_plain_loop(tmp_path: Path) -> None:
    lightning = pytest.importorskip("lightning", exc_type=ImportError)

    class Net(lightning.LightningModule):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.net = network()

        def training_step(self, batch: Any, index: int) -> Tensor:
            x, y = batch
            return F.cross_entropy(self.net(x), y)

        def configure_optimizers(self) -> torch.optim.Optimizer:
            self.regularizer = Regularizer(self, PENALTIES)
            return torch.optim.AdamW(self.regularizer.parameter_groups(lr=LR))

    def trainer(epochs: int) -> Any:
        return lightning.Trainer(
            max_epochs=epochs,
            accumulate_grad_batches=2,
            gradient_clip_val=CLIP,
            callbacks=[recipe("lightning_callback").Regularize()],
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            default_root_dir=tmp_path,
        )

    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*rows()), batch_size=8)
    expected = in_a_plain_loop([*data, *data, *data], accumulate=2, clip=CLIP)
    whole = Net()
    trainer(3).fit(whole, data)
    check_same(whole.net, expected)
    first, second = Net(), Net()
    part = trainer(1)
    part.fit(first, data)
    part.save_checkpoint(tmp_path / "part.ckpt")
    trainer(3).fit(second, data, ckpt_path=tmp_path / "part.ckpt")
    check_same(second.net, expected)


@pytest.mark.filterwarnings("ignore")
def test_the_trainers_callback_trains_as_a_plain_loop(tmp_path: Path) -> None:
    pytest.importorskip("accelerate", exc_type=ImportError)
    transformers = pytest.importorskip("transformers", exc_type=ImportError)
    seen = []

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = network()

        def forward(self, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
            seen.append((x.clone(), labels.clone()))
            logits = self.net(x)
            return {"loss": F.cross_entropy(logits, labels), "logits": logits}

    model = Net()
    reg = Regularizer(model, PENALTIES)
    optimizer = torch.optim.AdamW(reg.parameter_groups(lr=LR))
    x, y = rows()
    data = [{"x": x[i], "labels": y[i]} for i in range(len(x))]
    args = transformers.TrainingArguments(
        output_dir=str(tmp_path),
        per_device_train_batch_size=8,
        gradient_accumulation_steps=2,
        num_train_epochs=2,
        max_grad_norm=CLIP,
        lr_scheduler_type="constant",
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
    )
    transformers.Trainer(
        model,
        args,
        train_dataset=data,
        optimizers=(optimizer, None),
        callbacks=[recipe("trainer_callback").Regularize(reg)],
    ).train()
    check_same(model.net, in_a_plain_loop(seen, accumulate=2, clip=CLIP))


@pytest.mark.filterwarnings("ignore")
def test_the_skorch_callback_trains_as_a_plain_loop() -> None:
    skorch = pytest.importorskip("skorch", exc_type=ImportError)
    x, y = rows()
    net = skorch.NeuralNetClassifier(
        network(),
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.AdamW,
        optimizer__weight_decay=0.0,
        lr=LR,
        max_epochs=2,
        batch_size=8,
        train_split=None,
        verbose=0,
        callbacks=[
            recipe("skorch_callback").Regularize(lambda module: Regularizer(module, PENALTIES))
        ],
    ).fit(x.numpy(), y.numpy())
    batches = [*zip(x.split(8), y.split(8), strict=True)]
    check_same(net.module_, in_a_plain_loop([*batches, *batches]))
