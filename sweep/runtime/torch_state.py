"""Torch's settings while a study computes: each is a context that puts back what it found."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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


class _Held:
    """How many hold torch's fused attention off; its switches are there once for all threads."""

    lock = threading.Lock()
    holders = 0
    before = (True, True, True, True)


def _fused_attention(*wanted: bool) -> tuple[bool, bool, bool, bool]:
    """The switches as they were before they were set to ``wanted``, if that is given.

    The second is the CPU's too.
    """
    switches: Any = torch.backends.cuda
    before = (
        torch.backends.mha.get_fastpath_enabled(),
        switches.flash_sdp_enabled(),
        switches.mem_efficient_sdp_enabled(),
        switches.cudnn_sdp_enabled(),
    )
    if wanted:
        torch.backends.mha.set_fastpath_enabled(wanted[0])
        switches.enable_flash_sdp(wanted[1])
        switches.enable_mem_efficient_sdp(wanted[2])
        switches.enable_cudnn_sdp(wanted[3])
    return before


@contextmanager
def plain_attention() -> Iterator[None]:
    """Inside, attention is a product, a softmax and a product: vmap cannot batch the fused ones.

    Several threads may be inside; the last one out puts the switches back.
    """
    with _Held.lock:
        if not _Held.holders:
            _Held.before = _fused_attention(False, False, False, False)
        _Held.holders += 1
    try:
        yield
    finally:
        with _Held.lock:
            _Held.holders -= 1
            if not _Held.holders:
                _fused_attention(*_Held.before)


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


@contextmanager
def limited_threads(n: int) -> Iterator[None]:
    """Inside, an operation has ``n`` threads: numbers must not depend on the machine's cores."""
    most = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(most)
