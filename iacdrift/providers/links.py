"""How resources name each other: by provider id, by reference to an address, now and then by name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from attrs import field, frozen

from iacdrift.providers.attributes import declared, empty, fixed, items, plain, recorded, sets, text
from iacdrift.sources.resource import Reference, Resource, Unknown, Value

_ACCOUNT = re.compile(r"^\d{12}/(?=[a-z]+-)")

UNPLACED = ""
"""The key under which `referrers` lists resources that name one which can't be told."""


@frozen(slots=True, eq=False)
class Links:
    """The index over all resources. A key is a provider id where it is known, an address otherwise."""

    resources: tuple[Resource, ...]
    _by_place: dict[tuple[str, str | None, str], Resource] = field(factory=dict)
    _by_address: dict[str, Resource] = field(factory=dict)
    _by_type: dict[str, list[Resource]] = field(factory=dict)
    _referrers: dict[tuple[str, str], dict[str, list[Resource]]] = field(factory=dict)
    _by_key: dict[str, Resource] = field(factory=dict)

    @classmethod
    def of(cls, resources: Iterable[Resource]) -> Links:
        """Index these resources."""
        links = cls(tuple(resources))
        for resource in links.resources:
            provenance = resource.provenance
            links._by_place.setdefault((provenance.source, provenance.stack, resource.address), resource)
            links._by_address.setdefault(resource.address, resource)
            links._by_type.setdefault(resource.type, []).append(resource)
            links._by_key.setdefault(key_of(resource), resource)
        return links

    def of_type(self, *types: str) -> list[Resource]:
        """All resources of these types, data sources included."""
        return [resource for name in types for resource in self._by_type.get(name, ())]

    def at(self, reference: Reference, origin: Resource) -> Resource | None:
        """The resource that a reference in `origin` means: in its own stack first."""
        provenance = origin.provenance
        return self._by_place.get((provenance.source, provenance.stack, reference.address)) or self._by_address.get(reference.address)

    def by_key(self, key: str) -> Resource | None:
        """The resource with this key, if a source holds it."""
        return self._by_key.get(key)

    def resolve(self, value: Value, origin: Resource) -> str | Unknown | None:
        """The key that a value names: None where it names nothing, Unknown where that can't be told."""
        value = plain(value)
        if empty(value):
            return None
        if isinstance(value, Reference):
            found = self.at(value, origin)
            if found is None:
                return Unknown(f"{value.address} is in no source", (f"{value.address}.{value.attribute}",))
            return self._attribute_key(found, value.attribute)
        if isinstance(value, Unknown):
            return value
        return _ACCOUNT.sub("", str(value).strip())

    def _attribute_key(self, found: Resource, attribute: str) -> str | Unknown:
        """An id, ARN or name names the resource itself; any other attribute is looked up."""
        if attribute in ("id", "arn", "name", "self_link", "bucket"):
            return key_of(found)
        value = fixed(found, attribute)
        if isinstance(value, Reference):
            return self.resolve(value, found) or Unknown("it is empty")
        return text(value) or Unknown(f"{found.address}.{attribute} isn't known yet", (f"{found.address}.{attribute}",))

    def resolve_all(self, value: Value, origin: Resource) -> tuple[frozenset[str], str | None]:
        """Every key that a list names, and why there may be more."""
        keys, doubt = set(), None
        for item in items(value):
            key = self.resolve(item, origin)
            if isinstance(key, Unknown):
                doubt = key.why
            elif key is not None:
                keys.add(key)
        return frozenset(keys), doubt

    def possible(self, value: Value, *types: str, vpc: str | None = None) -> frozenset[str]:
        """The keys of all resources of these types that a value which isn't known may name: those that it refers to, else all of a VPC."""
        parts = [item for item in items(value) if isinstance(item, Unknown)]
        named = [reference for part in parts for reference in part.references]
        fitting = [r for r in self.of_type(*types) if not r.data]
        narrow = bool(named) and all(part.references for part in parts) and all(_of_type(reference, types) for reference in named)
        if narrow and (meant := [r for r in fitting if any(_names(reference, r.address) for reference in named)]):
            return frozenset(map(key_of, meant))
        if vpc is None:
            return frozenset(map(key_of, fitting))
        return frozenset(key_of(r) for r in fitting if self.resolve(fixed(r, "vpc_id"), r) == vpc or not sets(r, "vpc_id"))

    def from_all(self, value: Value) -> bool:
        """Whether a list that isn't known is made from whole resources only, all instances of each (`aws_subnet.public[*].id`)."""
        parts = [item for item in items(value) if isinstance(item, Unknown)]
        return bool(parts) and all(part.references and all(self._is_whole(text) for text in part.references) for part in parts)

    def _is_whole(self, reference: str) -> bool:
        kind, _, name = reference.rpartition(".")
        kind = kind.rpartition(".")[2]
        return "[" not in name and kind in self._by_type

    def owner_of(self, value: Value, origin: Resource, *types: str) -> str | None:
        """The key of the resource of these types that a reference leads to, or that a gateway's `vpc_id` names."""
        if isinstance(value, Reference):
            found = self.at(value, origin)
            return key_of(found) if found and found.type in types else None
        holder = self._by_key.get(str(value))
        vpc = self.resolve(fixed(holder, "vpc_id"), holder) if holder else None
        return vpc if isinstance(vpc, str) else None

    def name(self, key: str) -> str:
        """How texts call what a key stands for: its address, or the key itself."""
        found = self._by_key.get(key)
        return found.address if found else key

    def group_named(self, key: str, origin: Resource) -> str:
        """The key of a group that is called by id, or (in EC2-classic style) by its name in the same VPC."""
        if key in self._by_key or key.startswith("sg-") or "@" in key:
            return key
        own = text(fixed(origin, "vpc_id"))
        named = [r for r in self._by_type.get("aws_security_group", ()) if text(fixed(r, "name")) == key]
        fitting = [r for r in named if own is None or text(fixed(r, "vpc_id")) == own]
        return key_of(fitting[0]) if len(fitting) == 1 else key

    def referrers(self, kind: str, attribute: str) -> Mapping[str, list[Resource]]:
        """Resources of a type by the keys that one of their attributes names; under UNPLACED where that can't be told."""
        known = self._referrers.get((kind, attribute))
        if known is None:
            known = defaultdict(list)
            for resource in self._by_type.get(kind, ()):
                value = declared(resource, attribute)
                if empty(value) or (isinstance(value, Unknown) and not empty(recorded(resource, attribute))):
                    value = recorded(resource, attribute)
                for key in () if resource.data else self._keys(value, resource):
                    known[key].append(resource)
            self._referrers[kind, attribute] = known = dict(known)
        return known

    def _keys(self, value: Value, origin: Resource) -> Iterator[str]:
        for item in items(value):
            key = self.resolve(item, origin)
            if isinstance(key, str):
                yield key
            elif isinstance(key, Unknown) and not (isinstance(item, Reference) and self.at(item, origin) is None):
                yield UNPLACED  # what no source holds is certainly none of what the sources hold


def _of_type(reference: str, types: tuple[str, ...]) -> bool:
    """Whether a reference (`module.m.aws_subnet.public`, with or without an instance or attribute) is to one of these types."""
    return bool(set(types) & set(reference.split(".")))


def _names(reference: str, address: str) -> bool:
    """Whether a reference may mean the resource at this address: it, one of its instances, or one of its attributes."""
    base = address.rsplit("[", 1)[0] if address.endswith("]") else address
    return reference == base or reference.startswith((f"{base}.", f"{base}["))


def key_of(resource: Resource) -> str:
    """What other parts call it: its provider id, else its place and address."""
    found = text(resource.recorded.get("id")) or text(resource.declared.get("id"))
    if found:
        return found
    provenance = resource.provenance
    return f"{resource.address}@{provenance.stack or provenance.source}"
