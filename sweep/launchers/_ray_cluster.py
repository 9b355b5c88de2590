"""Ray, on this machine or on the cluster that ``RAY_ADDRESS`` names."""

from __future__ import annotations

from typing import Any, NamedTuple

from sweep.errors import HardwareError


class RayCluster(NamedTuple):
    """A Ray that is there."""

    ray: Any
    """The module."""
    is_own: bool
    """Whether it was started here, and ends with the launch."""


def imported_ray() -> Any:
    """The module; HardwareError where it is not installed."""
    try:
        import ray
    except ModuleNotFoundError as error:
        raise HardwareError(
            "--launcher: ray must be installed to be used, found none; pip install 'regsweep[ray]'"
        ) from error
    return ray


def connected_cluster() -> RayCluster:
    """The Ray that is there, or one that is started."""
    ray = imported_ray()
    is_own = not ray.is_initialized()
    if is_own:
        ray.init(include_dashboard=False, log_to_driver=False)
    return RayCluster(ray, is_own)


def workers_lost(why: str) -> HardwareError:
    """What is said of workers that Ray has given up."""
    return HardwareError(
        f"--launcher: Ray's workers must live, found one {why}, maybe for want of memory; launch "
        "again to go on, with fewer workers"
    )
