"""What is written as TOML is read back."""

from __future__ import annotations

import tomllib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweep.study.toml_writer import toml_value

quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@quick
@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**62), 2**62),
)
def test_what_is_written_as_toml_is_read_back(text: str, number: float, whole: int) -> None:
    value = {"a": [text, number, whole, True], text: {"b": number}}
    assert tomllib.loads(f"v = {toml_value(value)}")["v"] == value
