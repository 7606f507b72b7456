"""From resources to what is drawn: panels by subject, boxes with their rows, and the lines between them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from infra.picture.facts import azure_name, badges, facts, row, title
from infra.picture.kinds import Kind, Shape, Subject, kind_of
from infra.picture.values import Box, Line, Picture, Resource, Row
from infra.roles import TITLES, Role

_GROUP = "resources:ResourceGroup"
_IDENTITY = "managedidentity:UserAssignedIdentity"
_NOT_DRAWN = {"resourceGroupName", "identity", "primaryUserAssignedIdentity", "privateDnsZoneConfigs", "resourceUri"}
_ROLES = {role.value: TITLES[role].removeprefix("Azure AI Enterprise ") for role in Role}
_ROLE = "authorization:RoleDefinition"
_LETTERS = {"ci": "CI", "ml": "ML"}


@dataclass
class _Draft:
    subject: Subject
    title: str
    name: str = ""
    badges: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    parts: dict[str, list[str]] = field(default_factory=dict)
    stands_for: list[str] = field(default_factory=list)


def picture(resources: Iterable[Resource]) -> Picture:
    """Sort resources into boxes and lines; each of them is in exactly one box."""
    return _Grouping(sorted(resources, key=lambda each: (each.token, each.name))).picture()


class _Grouping:
    def __init__(self, resources: Sequence[Resource]) -> None:
        self._by_urn = {each.urn: each for each in resources}
        self._drafts: dict[str, _Draft] = {}
        self._box_of: dict[str, str] = {}  # urn -> key of its box
        self._lines: set[Line] = set()
        definitions = [each for each in resources if each.token == _ROLE]
        self._own_roles = {
            str(each.inputs["roleDefinitionId"]): each.name.removesuffix("-role") for each in definitions
        }
        by_shape = {shape: [r for r in resources if kind_of(r.token).shape is shape] for shape in Shape}
        for each in by_shape[Shape.BOX]:
            self._own(each, kind_of(each.token))
        for each in by_shape[Shape.ROW]:
            self._listed(each, kind_of(each.token))
        for _ in range(2):  # a part may belong to a part
            for each in by_shape[Shape.PART]:
                self._counted(each, kind_of(each.token))
        for each in by_shape[Shape.PART]:
            if each.urn not in self._box_of:
                self._listed(each, kind_of(each.token))
        self._granted(by_shape[Shape.GRANT])
        for each in resources:
            self._connected(each)

    def picture(self) -> Picture:
        boxes = {key: _finished(key, draft) for key, draft in self._drafts.items()}
        panels = tuple(
            (subject, tuple(box for key, box in boxes.items() if self._drafts[key].subject is subject))
            for subject in Subject
        )
        lines = tuple(sorted(self._lines, key=lambda line: (line.source, line.row, line.target, line.means)))
        return Picture(
            panels=tuple((subject, found) for subject, found in panels if found),
            lines=_merged(lines, boxes),
            identities=tuple(key for key in boxes if self._drafts[key].subject is Subject.WHO and key != _ROLE),
        )

    def _own(self, each: Resource, kind: Kind) -> None:
        self._drafts[each.name] = _Draft(
            subject=kind.subject,
            title=_title(each.name) if each.token == _IDENTITY else title(each.token, each.inputs, kind.words),
            name=azure_name(each.token, each.inputs, each.name),
            badges=tuple(badges(each.inputs, protect=each.protect)),
            rows=[Row(key="", text=text) for text in facts(each.token, each.inputs)],
            stands_for=[each.urn],
        )
        self._box_of[each.urn] = each.name
        as_whom = self._identity(each)
        if as_whom and each.token != _IDENTITY:
            self._drafts[each.name].rows.append(Row(key="", text=f"works as {as_whom}", runs_as=as_whom))

    def _listed(self, each: Resource, kind: Kind) -> None:
        draft = self._drafts.setdefault(each.token, _Draft(subject=kind.subject, title=kind.words))
        draft.stands_for.append(each.urn)
        count = sum(kind_of(self._by_urn[urn].token) is kind for urn in draft.stands_for)
        draft.title = f"{kind.many} × {count}" if count > 1 else kind.words  # noqa: RUF001
        text = row(each.token, each.name, each.inputs)
        draft.rows.append(Row(key=each.urn, text=text, runs_as=self._identity(each)))
        self._box_of[each.urn] = each.token

    def _counted(self, each: Resource, kind: Kind) -> None:
        if each.urn in self._box_of:
            return
        owners = [self._box_of[urn] for urn in each.wired.get(kind.owner, ()) if urn in self._box_of]
        beside = [self._box_of[r.urn] for r in self._by_urn.values() if r.parent == each.parent and self._boxed(r)]
        if owners or beside:
            draft = self._drafts[(owners or beside)[0]]
            draft.parts.setdefault(each.token, []).append(each.urn)
            draft.stands_for.append(each.urn)
            self._box_of[each.urn] = (owners or beside)[0]

    def _boxed(self, each: Resource) -> bool:
        return each.urn in self._box_of and kind_of(each.token).shape is Shape.BOX

    def _identity(self, each: Resource) -> str:
        found = [self._by_urn[urn] for urn in each.wired.get("identity", ()) if urn in self._by_urn]
        return next((one.name for one in found if one.token == _IDENTITY), "")

    def _granted(self, grants: Sequence[Resource]) -> None:
        roles: dict[tuple[str, str], list[str]] = {}
        for each in grants:
            who, on = self._grantee(each), self._scope(each)
            roles.setdefault((who, on), []).append(self._role(each))
            self._drafts[who].stands_for.append(each.urn)
            self._box_of[each.urn] = who
        for (who, on), found in sorted(roles.items(), key=self._in_order):
            key = f"{who} on {on}"
            where = "" if on in self._drafts else f" on {on}"
            self._drafts[who].rows.append(Row(key=key, text=", ".join(sorted(found)) + where))
            if not where:
                self._lines.add(Line(source=who, row=key, target=on, means="grant"))

    def _in_order(self, granted: tuple[tuple[str, str], list[str]]) -> tuple[str, int, str]:
        """As what it is on stands on the picture, so that fewer lines cross."""
        (who, on), _ = granted
        order = list(Subject)
        return who, order.index(self._drafts[on].subject) if on in self._drafts else len(order), on

    def _grantee(self, grant: Resource) -> str:
        found = [self._box_of[urn] for urn in grant.wired.get("principalId", ()) if urn in self._box_of]
        if found:
            return found[0]
        who = grant.name.rpartition(f"-{_role_part(grant.name)}-on-")[0] or grant.name
        key = f"people {who}"
        self._drafts.setdefault(key, _Draft(subject=Subject.WHO, title=_title(who), name="group in Entra"))
        return key

    def _scope(self, grant: Resource) -> str:
        found = [self._by_urn[urn] for urn in grant.wired.get("scope", ()) if urn in self._by_urn]
        # A container of the storage account is named by the workspace that uses it.
        found.sort(key=lambda one: (one.token.endswith(":Workspace"), one.name))
        keys = [self._box_of[one.urn] for one in found if one.urn in self._box_of]
        scope = str(grant.inputs.get("scope", ""))
        outside = [f"{scope.rsplit('/', maxsplit=1)[-1]} (brought along)"] if "/providers/" in scope else []
        groups = [key for key, draft in self._drafts.items() if draft.title == kind_of(_GROUP).words]
        return (keys or outside or groups or [scope])[0]

    def _role(self, grant: Resource) -> str:
        guid = str(grant.inputs.get("roleDefinitionId", "")).rsplit("/", maxsplit=1)[-1]
        return self._own_roles.get(guid) or _ROLES.get(guid, f"role {guid[:8]}")

    def _connected(self, each: Resource) -> None:
        kind = kind_of(each.token)
        if kind.shape is Shape.GRANT:
            return
        source = self._box_of[each.urn]
        for key, urns in each.wired.items():
            if key in _NOT_DRAWN or (kind.shape is Shape.PART and key == kind.owner):
                continue
            means = "private" if key == "privateLinkServiceConnections" else "uses"
            for target in {self._box_of[urn] for urn in urns if urn in self._box_of} - {source}:
                if not self._beside(source, target):
                    mine = each.urn if kind.shape is Shape.ROW else ""
                    self._lines.add(Line(source=source, row=mine, target=target, means=means))

    def _beside(self, source: str, target: str) -> bool:
        """What stands in one panel needs no line; whom something works as, and where it is, is said otherwise."""
        one, other = self._drafts[source].subject, self._drafts[target].subject
        return one is other or other in (Subject.GROUP, Subject.WHO)


def _title(name: str) -> str:
    words = " ".join(_LETTERS.get(word, word) for word in name.split("-"))
    return words[:1].upper() + words[1:]


def _role_part(name: str) -> str:
    """The role in the name of a grant, which is called ``WHO-ROLE-on-WHAT``."""
    known = {"-".join(role.name.lower().split("_")) for role in Role} | {"experimenter", "cluster-user"}
    return max((role for role in known if f"-{role}-on-" in name), key=len, default=name)


def _finished(key: str, draft: _Draft) -> Box:
    counted = [_count(token, urns) for token, urns in sorted(draft.parts.items())]
    rows = [*draft.rows, *(Row(key="", text=text) for text in counted)]
    return Box(
        key=key,
        title=draft.title,
        name=draft.name,
        badges=draft.badges,
        rows=tuple(rows),
        stands_for=tuple(sorted(draft.stands_for)),
    )


def _count(token: str, urns: Sequence[str]) -> str:
    kind = kind_of(token)
    return f"{len(urns)} {kind.words if len(urns) == 1 else kind.many}"


def _merged(lines: Sequence[Line], boxes: Mapping[str, Box]) -> tuple[Line, ...]:
    """Where all rows of a box lead to the same box, one line from the box says so."""
    return tuple(dict.fromkeys(_as_one(line, lines, boxes[line.source]) for line in lines))


def _as_one(line: Line, lines: Sequence[Line], box: Box) -> Line:
    rows = {row.key for row in box.rows if row.key}
    alike = {each.row for each in _same(line, lines)}
    return Line(source=line.source, row="", target=line.target, means=line.means) if alike == rows else line


def _same(line: Line, lines: Sequence[Line]) -> Iterator[Line]:
    for each in lines:
        if (each.source, each.target, each.means) == (line.source, line.target, line.means):
            yield each
