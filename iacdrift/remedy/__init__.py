"""The two ways back from a finding, as text: adopt it in the code, or revert it in reality. Nothing is applied."""

from iacdrift.remedy.context import RemedyContext, Style
from iacdrift.remedy.writing import way_back

__all__ = ["RemedyContext", "Style", "way_back"]
