"""The indented JSON of large reports is the text that the standard library would write."""

from __future__ import annotations

import json
from typing import Any

from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from iacdrift.outputs.json import indented, render

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(), inner),
)


@given(VALUES)
def test_it_is_the_standard_librarys_text(value: Any) -> None:
    assert indented(value) == json.dumps(value, indent=2)


@frozen
class Told:
    document: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return self.document


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.text(), st.lists(VALUES, max_size=3) | VALUES, max_size=3))
def test_a_whole_document_is_the_standard_librarys_text_and_a_line_break(document: dict[str, Any]) -> None:
    assert render(Told(document)) == json.dumps(document, indent=2).replace("\x7f", "\\u007f") + "\n"
