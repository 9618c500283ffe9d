"""The registry: every line leads to a translator, and the page on adding one shows real code."""

import re
from pathlib import Path

import pytest

from iacdrift.providers.registry import TRANSLATORS, translator

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "adding-a-resource.md").read_text()
EXAMPLES = re.findall(r"```python\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("kind", sorted(TRANSLATORS))
def test_every_line_leads_to_a_translator(kind):
    assert callable(translator(kind))


def test_a_type_that_no_file_knows_has_none():
    assert translator("aws_nothing_known") is None


def test_the_lines_are_sorted_so_that_a_new_one_has_its_place():
    assert list(TRANSLATORS) == sorted(TRANSLATORS)


def test_every_file_of_a_kind_with_a_translator_is_registered():
    folder = ROOT / "iacdrift" / "providers" / "aws"
    files = {f"aws.{path.stem}" for path in folder.glob("*.py") if re.search(r"^def translate\(", path.read_text(), re.MULTILINE)}
    assert files <= set(TRANSLATORS.values())


@pytest.mark.parametrize(("path", "shown"), EXAMPLES, ids=[path for path, _ in EXAMPLES])
def test_the_page_shows_the_code_as_it_is(path, shown):
    assert shown.strip() in (ROOT / path).read_text()


def test_the_page_shows_a_real_registry_line():
    assert len(EXAMPLES) == 2
    assert '"aws_vpc_ipv4_cidr_block_association": "aws.vpc_cidr",' in PAGE
    assert TRANSLATORS["aws_vpc_ipv4_cidr_block_association"] == "aws.vpc_cidr"
