"""What of a directory is read: states, a CDKTF synth, a CDK assembly, a Pulumi program; never plans or other JSON that lies about."""

from __future__ import annotations

from pathlib import Path

from iacdrift.errors import SourceError

PROGRAM = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
"""The file that makes a directory a Pulumi project; the program itself is asked."""


def look(folder: Path, kind: str | None) -> tuple[tuple[str, Path], ...]:
    """The files to read with their kinds. SourceError names what was found instead."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise SourceError(f"{folder} can't be read: {error.strerror}") from None
    synth = _manifest(folder)
    if synth is not None and kind in (None, "cdktf"):
        # terraform.STACK.tfstate beside a synth belongs to its stack: the synth's reader joins it by name
        apart = (name for name in names if name.endswith(".tfstate") and not name.startswith("terraform."))
        return (("cdktf", synth), *(("tfstate", folder / name) for name in apart if kind is None))
    assembly = _assembly(folder)
    if assembly is not None and kind in (None, "cloudformation"):
        return (("cloudformation", assembly),)
    states = tuple(("tfstate", folder / name) for name in names if name.endswith(".tfstate") and (folder / name).is_file())
    program = tuple(("pulumi", folder / name) for name in names if name in PROGRAM and kind is None)
    if (states or program) and kind in (None, "tfstate"):
        return (*states, *program)
    raise SourceError(f"{folder} holds {_looked_for(kind)}; {_found(folder, names)}")


def _manifest(folder: Path) -> Path | None:
    """The manifest of `cdktf.out` in this directory, or of this directory where it is one itself."""
    inside, itself = folder / "cdktf.out" / "manifest.json", folder / "manifest.json"
    if inside.is_file():
        return inside
    return itself if itself.is_file() and (folder.name == "cdktf.out" or (folder / "stacks").is_dir()) else None


def _assembly(folder: Path) -> Path | None:
    """The manifest of AWS CDK's `cdk.out` in this directory, or of this directory where it is one itself (a file `cdk.out` says so)."""
    inside, itself = folder / "cdk.out" / "manifest.json", folder / "manifest.json"
    if inside.is_file():
        return inside
    return itself if itself.is_file() and (folder / "cdk.out").is_file() else None


def _looked_for(kind: str | None) -> str:
    if kind is None:
        return "neither a *.tfstate nor a cdktf.out or cdk.out nor a Pulumi.yaml"
    return {"cdktf": "no cdktf.out and no manifest.json", "cloudformation": "no cdk.out", "tfstate": "no *.tfstate"}.get(
        kind, f"nothing that is read as {kind}"
    )


def _found(folder: Path, names: list[str]) -> str:
    """What lies there, and what to give instead."""
    if any(name.endswith((".tf", ".tf.json")) for name in names):
        return f"it is Terraform code: give tf:{folder}, or a state or plan with --code {folder}"
    if (folder / "terraform.tfstate.d").is_dir():
        return "its workspaces' states are in terraform.tfstate.d: name one of them"
    plans = [name for name in names if name.endswith(".json") or "plan" in name]
    if plans:
        return f"if {plans[0]} is the source, name it"
    return f"it holds {', '.join(names[:5])}{' and more' if len(names) > 5 else ''}" if names else "it is empty"
