"""The indented JSON of large reports is the text that the standard library would write."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from iacdrift.outputs.json import indented

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(), inner),
)


@given(VALUES)
def test_it_is_the_standard_librarys_text(value: Any) -> None:
    assert indented(value) == json.dumps(value, indent=2)
