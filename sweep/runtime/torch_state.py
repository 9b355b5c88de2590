"""Torch's settings while a study computes: each is a context that puts back what it found."""

from __future__ import annotations

import pickle
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

import numpy as np
import torch

from sweep.runtime.host_state import kept_settings


@contextmanager
def flushed_to_zero() -> Iterator[None]:
    """Inside, numbers below the smallest normal float count as zero, as on every GPU.

    The moments of a unit that no longer learns fade into them, and a processor computes with them
    many times slower. Threads that torch starts inside inherit it for good; this one does not.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


class _Shared:
    """A setting of the process that several threads may hold: the last one out puts it back."""

    def __init__(self, hold: Callable[[], Callable[[], None]]) -> None:
        """``hold`` sets it and returns what puts it back."""
        self._hold, self._lock, self._holders = hold, threading.Lock(), 0
        self._put_back: Callable[[], None] = _nothing

    @contextmanager
    def held(self) -> Iterator[None]:
        with self._lock:
            if not self._holders:
                self._put_back = self._hold()
            self._holders += 1
        try:
            yield
        finally:
            with self._lock:
                self._holders -= 1
                if not self._holders:
                    self._put_back()


def _nothing() -> None: ...


def _hold_fused_attention_off() -> Callable[[], None]:
    """The switches of torch's fused attention; the second is the CPU's too."""
    mha, cuda = torch.backends.mha, cast(Any, torch.backends.cuda)
    switches = (
        (mha.get_fastpath_enabled(), mha.set_fastpath_enabled),
        (cuda.flash_sdp_enabled(), cuda.enable_flash_sdp),
        (cuda.mem_efficient_sdp_enabled(), cuda.enable_mem_efficient_sdp),
        (cuda.cudnn_sdp_enabled(), cuda.enable_cudnn_sdp),
    )
    for _, switch in switches:
        switch(False)

    def put_back() -> None:
        for before, switch in switches:
            switch(before)

    return put_back


def _hold_quiet_vmap() -> Callable[[], None]:
    functorch = cast(Any, torch._C)._functorch  # says not what it is set to: it warns by default
    functorch._set_vmap_fallback_warning_enabled(False)
    return lambda: functorch._set_vmap_fallback_warning_enabled(True)


def _hold_tracing() -> Callable[[], None]:
    compiler = cast(Any, torch.compiler)  # no public name sets what is_compiling() says
    before = compiler._is_compiling_flag
    compiler._is_compiling_flag = True

    def put_back() -> None:
        compiler._is_compiling_flag = before

    return put_back


_PLAIN_ATTENTION, _TRACED = _Shared(_hold_fused_attention_off), _Shared(_hold_tracing)
_QUIET_VMAP = _Shared(_hold_quiet_vmap)


@contextmanager
def plain_attention() -> Iterator[None]:
    """Inside, attention is a product, a softmax and a product: vmap cannot batch the fused ones.

    Of other operations that it has no rule for it computes one run after the other, without a
    warning here: whether stacking pays is measured. Several threads may be inside.
    """
    with _PLAIN_ATTENTION.held(), _QUIET_VMAP.held():
        yield


def seen_as_traced() -> AbstractContextManager[None]:
    """Inside, ``torch.compiler.is_compiling()`` says yes: code that branches on values where it is
    not traced, as masks of ``transformers`` do, then takes the way that suits any values.

    Several threads may be inside.
    """
    return _TRACED.held()


@contextmanager
def plain_defaults() -> Iterator[None]:
    """Inside, torch makes tensors of float32 on the CPU and keeps gradients, as where nobody has
    chosen otherwise; what is changed inside is undone.
    """
    with kept_settings():
        torch.set_default_dtype(torch.float32)
        if torch.get_default_device() != torch.device("cpu"):
            torch.set_default_device(None)
        with torch.enable_grad():
            yield


def seed_torch(seed: int) -> None:
    """Seeds torch's generators, as ``torch.manual_seed`` does.

    Where there is no accelerator only the processor's is seeded: torch would keep a note of every
    seed, with the stack of its caller, for devices that never come. That takes longer than making a
    small network.
    """
    if torch.accelerator.is_available():
        torch.manual_seed(seed)
    else:
        torch.default_generator.manual_seed(seed)


@contextmanager
def limited_threads(n: int) -> Iterator[None]:
    """Inside, an operation has ``n`` threads: numbers must not depend on the machine's cores."""
    most = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(most)


def generator_states(device: torch.device) -> bytes:
    """The states of Python's, numpy's and torch's own generators, to be compared."""
    torchs = [torch.get_rng_state().numpy().tobytes()]
    if device.type == "cuda":
        torchs.append(torch.cuda.get_rng_state(device).numpy().tobytes())
    numpys = np.random.get_state()  # noqa: NPY002 - the state itself
    return pickle.dumps((random.getstate(), numpys, torchs))
