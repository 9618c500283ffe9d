"""The check at synth: what the construct tree admits from the whole internet, judged without a packet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any, Literal

from iacdrift.assertion import expected_part
from iacdrift.cdktf.construct_tree import Synth, construct_at, other_stacks, reads_others
from iacdrift.cdktf.library import library_of, loaded, stack_of
from iacdrift.cdktf.verdict import Said, said_of
from iacdrift.errors import IacDriftError, UsageError
from iacdrift.surface.exposure import TCP, UDP, Justification, asked_ports, exposures

Level = Literal["error", "warning"]


class NetworkDriftCheck:
    """An aspect: `Aspects.of(stack).add(NetworkDriftCheck())`, or `NetworkDriftCheck().attach(app)` for all stacks that are there.

    Once a stack's aspects have all run, it is judged as a whole, with the stacks that it reads from: administrative and database
    ports (`tcp`, `udp`) that the code admits from the whole internet are errors or warnings (`level`) on the construct that
    admits them, what can't be known yet is one on its stack (`unjudged`). `justified` as in the Pulumi pack:
    `{"resource": PATTERN, "why": TEXT, "ports": "22"}`. Sends nothing.
    """

    # jsii takes objects of attrs classes for plain data: what Node calls back is an ordinary class

    def __new__(cls, *args: Any, **options: Any) -> NetworkDriftCheck:
        """An object that the libraries which the program uses take for an aspect."""
        own: Any = cls
        kind: type[NetworkDriftCheck] = _aspect(own, loaded())
        return object.__new__(kind)

    def __init__(
        self,
        *,
        level: Level = "error",
        unjudged: Level = "warning",
        tcp: str = str(TCP),
        udp: str = str(UDP),
        justified: Iterable[Mapping[str, str]] = (),
    ) -> None:
        for name, value in (("level", level), ("unjudged", unjudged)):
            if value not in ("error", "warning"):
                raise UsageError(f"{name}={value!r}: it is error or warning")
        self.levels: Mapping[bool, Level] = {False: level, True: unjudged}
        self._ports = asked_ports(tcp), asked_ports(udp)
        self._justified = tuple(Justification.parse(said) for said in justified)
        self._validated: dict[Any, Any] = {}
        self._final: dict[Any, Mapping[str, Any]] = {}

    def visit(self, node: Any) -> None:
        """Called for every construct: the first of a stack has the stack judged when its aspects are done."""
        stack = stack_of(node)
        if stack not in self._validated:
            self._validated[stack] = judgement = _judgement()(self, stack)
            stack.node.add_validation(judgement)

    def attach(self, scope: Any) -> NetworkDriftCheck:
        """To a stack, or to every stack that an app has by now: an aspect of the app itself is never called."""
        kind = library_of(scope).TerraformStack
        stacks = [one for one in scope.node.find_all() if isinstance(one, kind)]
        if not stacks:
            raise UsageError("there is no stack to check yet: attach it after the stacks are made")
        for stack in stacks:
            self.visit(stack)
        return self

    def judged(self, stack: Any) -> tuple[Said, ...]:
        """What there is to say of one stack, as it is now."""
        synth = self._final[stack] = stack.to_terraform()
        others = other_stacks(stack) if reads_others(synth) else ()
        stacks = {one.node.id: self._final.get(one) or one.to_terraform() for one in others} | {stack.node.id: synth}
        excuses = tuple(excuse for given in self._justified for excuse in _in_stack(given, stack.node.id))
        try:
            network = expected_part([Synth(stacks)], "internet").network
            found, unsure = exposures(network, *self._ports, excuses)
        except IacDriftError as error:
            return (Said(None, f"exposure couldn't be judged: {error}", doubt=True),)
        return said_of(stack.node.id, stacks, found, unsure)


class _Judgement:
    """The validation of one stack: runs after its aspects, before it is written."""

    def __init__(self, check: NetworkDriftCheck, stack: Any) -> None:
        self._check, self._stack = check, stack
        self._annotated: set[tuple[Any, str]] = set()

    def validate(self) -> list[str]:
        """Annotates the constructs; the errors among that, which end the synth."""
        errors = []
        for said in self._check.judged(self._stack):
            construct = construct_at(self._stack, said.resource) if said.resource else self._stack
            level = self._check.levels[said.doubt]
            self._annotate(construct, level, said.text)
            if level == "error":
                errors.append(f"{construct.node.path}: {said.text}")
        return errors

    def _annotate(self, construct: Any, level: Level, text: str) -> None:
        if (construct, text) in self._annotated:
            return
        self._annotated.add((construct, text))
        notes = library_of(self._stack).Annotations.of(construct)
        if level == "error":
            notes.add_error(text)
        else:
            notes.add_warning(text)


def _in_stack(given: Justification, stack: str) -> tuple[Justification, ...]:
    """Where several stacks use one address, it carries its stack's name."""
    return (given, Justification(f"{stack}/{given.resource}", given.why, given.ports))


@lru_cache(maxsize=8)
def _aspect(kind: Any, libraries: tuple[ModuleType, ...]) -> Any:
    made = type(kind.__name__, (kind,), {})
    return import_module("jsii").implements(*(library.IAspect for library in libraries))(made)


@lru_cache(maxsize=1)
def _judgement() -> Any:
    made = type(_Judgement.__name__, (_Judgement,), {})
    return import_module("jsii").implements(import_module("constructs").IValidation)(made)
