import json
import re

import pytest

from iacdrift.errors import SourceError
from iacdrift.sources.read import read_sources
from tests.sources.places import DATA, by_address, read

ONE = {"schema": "iacdrift/expectation/1", "host": "198.51.100.7", "open": ["443/tcp"]}


def refused(said) -> str:
    with pytest.raises(SourceError) as raised:
        read_sources([said])
    return str(raised.value)


def test_one_expectation():
    inventory = read("expectations/one.json")
    (said,) = inventory.resources
    assert (said.type, said.address) == ("iacdrift_expectation", "expectation.198.51.100.7")
    assert said.declared == {"host": "198.51.100.7", "name": "198.51.100.7", "open": ["443/tcp"], "services": {"443/tcp": "https"}}
    assert inventory.sources[0].kind == "expectation"


def test_several_in_yaml():
    found = by_address(read("expectations/several.yaml"))
    assert found["expectation.web"].declared == {
        "name": "web",
        "host": "198.51.100.7",
        "open": ["443/tcp", "53/udp"],
        "allowed": ["8000-8010/tcp"],
        "admitted_from": ["203.0.113.0/24"],
        "services": {"443/tcp": "https"},
    }
    assert found["expectation.aws_instance.web"].declared["owner"] == "aws_instance.web"


def test_toml_and_a_forced_kind():
    (said,) = read("expectations/several.toml").resources
    assert said.declared["host"] == "2001:db8::7"
    assert len(read_sources([f"expectation:{DATA}/sources/expectations/several.yaml"]).resources) == 2


def test_an_output_of_that_shape_is_an_expectation():
    found = by_address(read("expectations/output.tfstate"))
    assert found["expectation.edge"].declared == {"name": "edge", "host": "edge.example.com", "open": ["443/tcp"]}
    assert "aws_instance.web" in found


def test_an_output_that_is_not_known_yet_is_a_gap(tmp_path):
    (tmp_path / "cdk.tf.json").write_text(
        json.dumps(
            {
                "//": {"metadata": {"stackName": "a"}},
                "resource": {"aws_eip": {"e": {}}},
                "output": {
                    "known": {"value": {**ONE, "host": "${aws_eip.e.public_ip}"}},
                    "computed": {"value": {**ONE, "host": "${lower(aws_eip.e.public_dns)}"}},
                },
            }
        )
    )
    inventory = read(tmp_path / "cdk.tf.json")
    assert by_address(inventory)["expectation.a.known"].declared["owner"] == "aws_eip.e"
    assert ["a.computed" in gap and "host" in gap for gap in inventory.gaps] == [True]


def test_a_misspelt_key_is_named_with_the_known_ones():
    with pytest.raises(
        SourceError, match=re.escape("expectations[2].opne: unknown key (did you mean open?); known: host, owner, name, open")
    ):
        read("expectations/misspelt.yaml")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"schema": "iacdrift/expectation/2"}, "schema: 'iacdrift/expectation/2' is not known"),
        ({"open": ["443"]}, "open: '443' is no port; write 443/tcp"),
        ({"open": ["70000/tcp"]}, "open: '70000/tcp' is no port"),
        ({"open": ["10-9/tcp"]}, "open: '10-9/tcp' is no port"),
        ({"open": {"443": 1}}, "open: a list"),
        ({"open": []}, "at least one port"),
        ({"owner": "aws_instance.web"}, "exactly one of host"),
        ({"host": "--script=evil"}, "neither an IP address nor a DNS name"),
        ({"host": "10.0.0.0/8"}, "neither an IP address nor a DNS name"),
        ({"host": "10.0.0.1 -iL x"}, "neither an IP address nor a DNS name"),
        ({"host": "10.0.0.999"}, "neither an IP address nor a DNS name"),
        ({"host": "10.0-255.0.1"}, "neither an IP address nor a DNS name"),
        ({"host": 7}, "neither an IP address nor a DNS name"),
        ({"admitted_from": ["all"]}, "admitted_from: 'all' is no CIDR"),
        ({"admitted_from": "0.0.0.0/0"}, "admitted_from: a list"),
        ({"admitted_from": [24]}, "admitted_from: 24 is no CIDR"),
        ({"services": ["https"]}, "services: an object"),
        ({"services": {"https": "443"}}, "services: 'https' is no port"),
        ({"name": ""}, "name: a text"),
        ({"expectations": []}, "unknown key beside expectations"),
    ],
)
def test_every_wrong_value_is_named(change, sentence):
    assert sentence in refused({**ONE, **change})


def test_expectations_must_be_a_list_of_objects():
    assert "expectations: a list" in refused({"schema": ONE["schema"], "expectations": {}})
    assert "expectations[0]: an object" in refused({"schema": ONE["schema"], "expectations": ["x"]})


def test_broken_yaml_and_toml_tell_the_line(tmp_path):
    (tmp_path / "a.yaml").write_text("schema: iacdrift/expectation/1\nhost: [\n")
    (tmp_path / "a.toml").write_text('schema = "iacdrift/expectation/1"\nhost = \n')
    with pytest.raises(SourceError, match=r"not valid YAML \(line 3\)"):
        read(tmp_path / "a.yaml")
    with pytest.raises(SourceError, match="not valid TOML"):
        read(tmp_path / "a.toml")


def test_yaml_runs_nothing(tmp_path):
    (tmp_path / "a.yaml").write_text("schema: iacdrift/expectation/1\nhost: !!python/object/apply:os.system ['touch x']\n")
    with pytest.raises(SourceError, match="not valid YAML"):
        read(tmp_path / "a.yaml")


def test_two_of_one_name_are_both_kept_unless_they_say_the_same():
    one, two = {"host": "192.0.2.1", "open": ["1/tcp"]}, {"host": "192.0.2.1", "open": ["2/tcp"]}
    assert len(by_address(read_sources([{"schema": ONE["schema"], "expectations": [one, two]}]))) == 2
    assert len(by_address(read_sources([{"schema": ONE["schema"], "expectations": [one, one]}]))) == 1


def test_the_example_in_the_documentation_is_read(tmp_path):
    text = (DATA.parent.parent / "docs" / "expectations.md").read_text()
    examples = re.findall(r"```(yaml|json|toml)\n(.*?)```", text, re.DOTALL)
    assert len(examples) >= 3
    for language, example in examples:
        path = tmp_path / f"example.{language}"
        path.write_text(example)
        assert read(path).resources
