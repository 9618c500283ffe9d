"""Large sources are read within bounds: memory is measured in processes of their own, against json.load of the same file."""

import json
import subprocess
import sys

import pytest

from tests.sources.places import EDGE

# ru_maxrss would begin with the size of the process that started this one; VmHWM begins anew with the program
PEAK = "import sys\n{work}\nprint(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
LOAD = "import json\nwith open(sys.argv[1]) as f: data = json.load(f)"
READ = "from iacdrift.sources.read import read_sources\ninventory = read_sources([sys.argv[1]])\nassert len(inventory.resources) > 20000"
EMPTY = ""


def peak(work: str, path) -> int:
    """Kilobytes that a fresh interpreter needed at most."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK.format(work=work), str(path)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.fixture(scope="module")
def large_state(tmp_path_factory):
    state = json.loads((EDGE / "terraform.tfstate").read_text())
    template = next(entry for entry in state["resources"] if entry["type"] == "aws_instance" and entry.get("module"))
    path = tmp_path_factory.mktemp("large") / "terraform.tfstate"
    one = json.dumps(template)
    with path.open("w") as file:
        file.write('{"version": 4, "serial": 1, "lineage": "large", "resources": [')
        written, n = 0, 0
        while written < 100 << 20:
            written += file.write(("," if n else "") + one.replace('"name": "node"', f'"name": "node{n}"'))
            n += 1
        file.write("]}")
    return path


def test_a_state_of_100_megabytes_is_read_within_bounds(large_state):
    assert large_state.stat().st_size > 100 << 20
    floor = peak(EMPTY, large_state)
    parsed, read = peak(LOAD, large_state) - floor, peak(READ, large_state) - floor
    # the parser of orjson holds the text, its own tree and the values at once: 1.8 times what json.load needs
    assert read < 2.5 * parsed, f"{read >> 10} MiB to read what json.load holds in {parsed >> 10} MiB"
