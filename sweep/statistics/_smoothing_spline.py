"""The natural cubic smoothing spline through a ladder of means, its penalty chosen by Mallows' C_L.

Reinsch 1967; Green & Silverman 1994, section 2.3; Mallows 1973. Legend: K strengths.
"""

from __future__ import annotations

import numpy as np

from sweep.statistics._interpolation import Array

RELATIVE_PENALTIES = np.concatenate([[0.0], np.logspace(-2, 6, 65)])
"""Candidate penalties, in units of 1 over the largest eigenvalue of the roughness matrix."""
UNDERSMOOTHING = 0.3
"""The share of the C_L penalty that is used. The draws know a curve's variance and not its bias,
so intervals cover at their level only if the bias is kept small beside it (Hall 1992)."""


def choose_hat(x: Array, mean: Array, covariance: Array) -> tuple[Array, float]:
    """The hat matrix (K, K), and its penalty: UNDERSMOOTHING times the one with the smallest C_L.

    C_L = |(I - H) m|^2 + 2 tr(H S), over ``RELATIVE_PENALTIES``.
    """
    identity = np.eye(len(x))
    if len(x) < 3:
        return identity, 0.0
    values, vectors = np.linalg.eigh(roughness(x))
    values[:2] = 0.0  # straight lines are not rough
    seen = vectors.T @ mean
    noise = np.einsum("ki,kl,li->i", vectors, covariance, vectors)
    shrink = 1 / (1 + RELATIVE_PENALTIES[:, None] * (values / values[-1]))
    risk = (1 - shrink) ** 2 @ seen**2 + 2 * shrink @ noise
    chosen = int(np.argmin(risk))
    if chosen == 0:
        return identity, 0.0
    penalty = float(UNDERSMOOTHING * RELATIVE_PENALTIES[chosen] / values[-1])
    return (vectors / (1 + penalty * values)) @ vectors.T, penalty


def roughness(x: Array) -> Array:
    """The (K, K) form of the integral of f''^2 of the natural cubic spline through values at ``x``.

    Q R^-1 Q' of Green & Silverman 1994, section 2.1.2.
    """
    gap = np.diff(x)
    inner = np.arange(len(x) - 2)
    second = np.zeros((len(x), len(x) - 2))
    second[inner, inner] = 1 / gap[:-1]
    second[inner + 1, inner] = -1 / gap[:-1] - 1 / gap[1:]
    second[inner + 2, inner] = 1 / gap[1:]
    band = np.diag((gap[:-1] + gap[1:]) / 3)
    band += np.diag(gap[1:-1] / 6, 1) + np.diag(gap[1:-1] / 6, -1)
    return np.asarray(second @ np.linalg.solve(band, second.T))
