"""Networks of torchvision, timm, transformers, peft and lightning, against plain PyTorch.

They need the extra ``zoo`` (see CONTRIBUTING); without it nothing here runs.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import sweep
from sweep.errors import ModelError
from sweep.launchers.context import TrainingContext
from sweep.phases.best import train_best
from tests.support.operators import torchvision_operators

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True, scope="module")
def _operators() -> object:
    return torchvision_operators()


def package(name: str) -> Any:
    return pytest.importorskip(name, exc_type=ImportError)


def context_of(make: object, x: Tensor) -> TrainingContext:
    return TrainingContext(
        sweep.Study(
            study={"name": "real"},
            data=(x, torch.arange(len(x)) % 3),
            model=make,
            training={"optimizer": "adamw", "epochs": 1, "batch_size": 9, "lr": 1e-3},
            search={"penalties": ["decay"], "trials": 1},
            path={"points": 0},
        )
    )


def images(n: int = 60) -> Tensor:
    return torch.randn(n, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def words() -> Tensor:
    """Ids (60, 8), the shorter ones padded with 0."""
    random = torch.Generator().manual_seed(0)
    lengths = torch.randint(3, 9, (60, 1), generator=random)
    ids = torch.randint(1, 50, (60, 8), generator=random)
    return ids.where(torch.arange(8) < lengths, 0)


class Bert(nn.Module):
    """A classifier of ids, as far as one tensor a row goes."""

    def __init__(self, adapted: bool = False) -> None:
        super().__init__()
        transformers = importlib.import_module("transformers")
        config = transformers.BertConfig(
            vocab_size=50,
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=16,
            num_labels=3,
        )
        self.body = transformers.BertForSequenceClassification(config)
        if adapted:
            peft = importlib.import_module("peft")
            lora = peft.LoraConfig(r=2, target_modules=["query", "value"], task_type="SEQ_CLS")
            self.body = peft.get_peft_model(self.body, lora)

    def forward(self, ids: Tensor) -> Tensor:
        return self.body(input_ids=ids, attention_mask=(ids != 0).long()).logits  # type: ignore[no-any-return]


def assert_equal(context: TrainingContext, ways: set[str]) -> None:
    assert set(context.parity) == ways
    assert all(found.worst < 1e-9 for found in context.parity.values())


@pytest.mark.parametrize(
    ("name", "arguments"), [("resnet18", {}), ("mobilenet_v3_small", {"width_mult": 0.25})]
)
def test_torchvisions_networks_train_together(name: str, arguments: dict[str, float]) -> None:
    models = package("torchvision").models
    context = context_of(lambda: getattr(models, name)(num_classes=3, **arguments), images())
    assert_equal(context, {"stacked", "alone"})


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        (
            "vit_tiny_patch16_224",
            {"img_size": 32, "patch_size": 8, "embed_dim": 16, "depth": 2, "num_heads": 2},
        ),
        ("convnext_atto", {"depths": (1, 1, 1, 1), "dims": (8, 16, 16, 16)}),
    ],
)
def test_timms_networks_train_together(name: str, arguments: dict[str, Any]) -> None:
    timm = package("timm")
    context = context_of(lambda: timm.create_model(name, num_classes=3, **arguments), images())
    assert_equal(context, {"stacked", "alone"})


@pytest.mark.parametrize("adapted", [False, True], ids=["whole", "low rank"])
def test_transformers_train_together_with_padding_and_masks(adapted: bool) -> None:
    package("transformers")
    package("peft")
    context = context_of(lambda: Bert(adapted), words())
    assert context.probe.traced, "their masks branch on values"
    assert_equal(context, {"stacked", "alone"})


def test_pefts_low_rank_layers_train_together() -> None:
    peft = package("peft")

    def make() -> Any:
        plain = nn.Sequential(nn.Flatten(), nn.Linear(3072, 16), nn.ReLU(), nn.Linear(16, 3))
        lora = peft.LoraConfig(r=2, target_modules=["1"], modules_to_save=["3"])
        return peft.get_peft_model(plain, lora)

    assert_equal(context_of(make, images()), {"stacked", "alone"})


@pytest.mark.parametrize("name", ["lightning", "pytorch_lightning"])
def test_a_lightning_module_is_refused_and_the_network_inside_it_is_not(name: str) -> None:
    """Its own loss and optimizer would be ignored."""
    base: Any = package(name).LightningModule

    class Lit(base):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.save_hyperparameters()
            self.net = nn.Sequential(nn.Flatten(), nn.Linear(3072, 4), nn.ReLU(), nn.Linear(4, 3))

        def forward(self, x: Tensor) -> Tensor:
            return self.net(x)  # type: ignore[no-any-return]

        def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
            return nn.functional.cross_entropy(self(batch[0]), batch[1], label_smoothing=0.3)

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), 0.1)

    for make in (Lit, lambda: torch.compile(Lit())):
        with pytest.raises(ModelError, match="found a LightningModule, whose training_step and"):
            context_of(make, images())
    context = context_of(lambda: Lit().net, images())
    assert all(found.worst < 1e-9 for found in context.parity.values())


def small(transformers: Any, kind: str) -> Any:
    """A classifier of that family as its config describes it."""
    sizes = {"vocab_size": 128, "num_labels": 2}
    if kind == "DistilBert":
        own = {"dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 32, "pad_token_id": 0}
    else:
        own = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
        own |= {"intermediate_size": 32}
    config = getattr(transformers, f"{kind}Config")(**sizes, **own)
    return getattr(transformers, f"{kind}ForSequenceClassification")(config)


def masked_words() -> tuple[dict[str, Tensor], Tensor]:
    ids = words()
    return {"input_ids": ids, "attention_mask": (ids != 0).long()}, (ids[:, 0] > 25).long()


@pytest.mark.parametrize("kind", ["Bert", "DistilBert", "Electra"])
def test_transformers_classifiers_train_together_on_ids_and_masks(kind: str) -> None:
    transformers = package("transformers")
    study = sweep.Study(
        study={"name": "real"},
        data=masked_words(),
        model=lambda: small(transformers, kind),
        training={"epochs": 1, "batch_size": 9},
        search={"penalties": ["decay"], "trials": 1},
        path={"points": 0},
    )
    assert_equal(TrainingContext(study), {"stacked", "alone"})


def test_a_tagger_of_hugging_face_trains_on_its_labels_at_every_word() -> None:
    transformers = package("transformers")
    x, _ = masked_words()
    tags = torch.where(x["attention_mask"] == 1, x["input_ids"] % 3, -100)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = transformers.BertConfig(vocab_size=50, intermediate_size=32, num_labels=3, **sizes)
    study = sweep.Study(
        study={"name": "tags"},
        data={"x": x, "y": tags, "task": "sequence"},
        model=lambda: transformers.BertForTokenClassification(config),
        training={"epochs": 1, "batch_size": 9},
        search={"penalties": ["decay"], "trials": 1},
        path={"points": 0},
    )
    assert_equal(TrainingContext(study), {"stacked", "alone"})


HUGGING_FACE = """
import torch
def load():
    g = torch.Generator().manual_seed(0)
    ids = torch.randint(5, 120, (200, 16), generator=g)
    length = torch.randint(4, 17, (200,), generator=g)
    mask = (torch.arange(16) < length[:, None]).long()
    y = ((ids * mask).sum(1) / length > 62).long()
    return {"input_ids": ids * mask, "attention_mask": mask}, y
def build(n_outputs=2):
    from transformers import BertConfig, BertForSequenceClassification
    return BertForSequenceClassification(BertConfig(vocab_size=128, hidden_size=16,
        num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, num_labels=n_outputs))
"""


def test_a_study_of_a_hugging_face_classifier_runs_as_its_owner_has_it(tmp_path: Path) -> None:
    package("transformers")
    (tmp_path / "owners_bert.py").write_text(HUGGING_FACE, encoding="utf-8")
    (tmp_path / "bert.toml").write_text(
        "[study]\nname = 'bert'\n"
        "[data]\nname = 'owners_bert.py:load'\n[model]\nname = 'owners_bert.py:build'\n"
        "[training]\nlr = 3e-3\nepochs = 2\nbatch_size = 40\n"
        "[search]\npenalties = ['decay']\nstrength = { low = 1e-2, high = 30.0 }\n"
        "trials = 2\npruner = 'none'\n"
        "[path]\npoints = 0\n"
        "[hardware]\npopulation = 4\n",
        encoding="utf-8",
    )
    study = sweep.load_study(tmp_path / "bert.toml")
    store = sweep.open_store(f"sqlite:///{tmp_path}/bert.db")
    sweep.run_study(study, store)
    runs = sweep.runs_frame(store, "bert")
    assert (runs["state"] == "complete").all()
    weights, _, metrics = train_best(study, store)
    assert "bert.embeddings.word_embeddings.weight" in weights
    assert 0 < metrics["test_loss"] < 2
