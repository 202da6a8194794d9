"""
Answers that were saved: one folder, one file `<service>.<Operation>.json` for each operation.

A file holds an answer exactly as `aws <service> <operation>` prints it, or a list of them. Where one operation is
called several times, each answer says for what, in a key `Request` beside its own; a refusal stands as `Error`, with
its `Code`. Nothing in it is of this product: the AWS command line and `jq` write the same.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.cloud.aws.calls import Call, CallRefused, NotSaved
from connectors.cloud.aws.responses import Response, ResponsePage, ResponseSource
from connectors.errors import InputError, SourceTruncated
from connectors.inputs.file_writing import write_whole
from connectors.inputs.files import modified_at
from connectors.inputs.json import load_json_documents

REQUEST, ERROR = "Request", "Error"
# What the command line writes where it was told not to turn all pages.
CUT = ("NextToken", "nextToken", "Marker", "PaginationToken")


@dataclass
class _Group:
    """The answers to one request, page by page."""

    request: Mapping[str, Any]
    answers: list[Response] = field(default_factory=list)


class SavedResponses:
    """Reads them; each file once."""

    live = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._groups: dict[str, dict[str, list[_Group]]] = {}
        """For each call: the groups, by the parts of the request that tell its answers apart."""
        self._found: dict[tuple[str, str], list[Response | None]] = {}

    def has(self, call: Call) -> bool:
        """Whether anything was saved of that call."""
        return self.path(call).exists()

    def as_of(self) -> datetime:
        """Return when the oldest file was saved; raises `InputError` when there is none."""
        files = sorted(self._folder.glob("*.*.json")) if self._folder.is_dir() else []
        if not files:
            raise InputError(
                self._folder,
                "there are no saved answers",
                expected="files such as `iam.GetAccountAuthorizationDetails.json`",
                hint="docs/connect-aws.md says which commands save them",
            )
        return min(modified_at(path) for path in files)

    def page(self, call: Call, request: Mapping[str, Any], token: str | None) -> ResponsePage:
        """Give one of the answers that were saved for a request."""
        key = (call.name, _apart(call, request))
        if key not in self._found:
            self._found[key] = self._matching(*key, call)
        answers, place = self._found[key], int(token or 0)
        return ResponsePage(answers[place], str(place + 1) if place + 1 < len(answers) else None)

    def path(self, call: Call) -> Path:
        """Return the file in which the answers of a call are."""
        return self._folder / f"{call.name}.json"

    def _matching(self, name: str, wanted: str, call: Call) -> list[Response | None]:
        if name not in self._groups:
            groups: dict[str, list[_Group]] = {}
            for group in self._grouped(call):
                groups.setdefault(_apart(call, group.request), []).append(group)
            self._groups[name] = groups
        found: list[Response | None] = []
        for group in self._groups[name].get(wanted, ()):
            found += (self._checked(call, answer) for answer in group.answers)
            self._refuse_cut(call, group.answers[-1])
        if not found:
            raise NotSaved(call, f"`{self.path(call).name}` holds no answer for one of its requests")
        return found

    def _checked(self, call: Call, answer: Response) -> Response | None:
        if ERROR not in answer or len(answer) > 1:
            return answer
        error = answer[ERROR]
        code = str(error.get("Code", "")) if isinstance(error, dict) else ""
        if code in call.absent:
            return None
        if call.question:
            raise CallRefused(call, code[:60])
        raise InputError(self.path(call), "it holds a refusal, and nothing is evaluated without it", found=code)

    def _refuse_cut(self, call: Call, last: Response) -> None:
        if last.get("IsTruncated", False) is not False or any(last.get(name) for name in (*CUT, call.more_at) if name):
            raise SourceTruncated(
                f"there is more than the file {self.path(call).name} holds: its last page is missing",
                hint="save it again without `--max-items` and `--no-paginate`; the command then turns all pages",
            )

    def _grouped(self, call: Call) -> list[_Group]:
        path = self.path(call)
        if not path.exists():
            if call.question:
                raise NotSaved(call, f"there is no file `{path.name}`")
            raise InputError(path, "there is no such file", expected=f"the answer of `{call.action}`")
        documents = load_json_documents(path)
        answers = documents[0] if len(documents) == 1 and isinstance(documents[0], list) else documents
        groups: dict[str, _Group] = {}
        for answer in answers:
            if not isinstance(answer, dict) or not isinstance(answer.get(REQUEST, {}), dict):
                raise InputError(path, "this is not a list of answers", expected="`[{…}, …]`, as AWS gives them")
            request = answer.get(REQUEST, {})
            group = groups.setdefault(_canonical(request), _Group(request))
            group.answers.append({key: part for key, part in answer.items() if key != REQUEST})
        return list(groups.values())


class ResponseRecorder:
    """Passes answers on, and keeps them as `SavedResponses` reads them."""

    def __init__(self, answers: ResponseSource) -> None:
        self._answers = answers
        self._kept: dict[str, dict[str, list[dict[str, Any]]]] = {}

    @property
    def live(self) -> bool:
        """Whether an answer that is not finished can be waited for."""
        return self._answers.live

    def page(self, call: Call, request: Mapping[str, Any], token: str | None) -> ResponsePage:
        """Ask, and keep what was said; whoever asks again from the start replaces what was said before."""
        chains = self._kept.setdefault(call.name, {})
        chain = chains.setdefault(_canonical(request), [])
        if token is None:
            chain.clear()
        said = {REQUEST: dict(request)} if request else {}
        try:
            answered = self._answers.page(call, request, token)
        except CallRefused as refused:
            chain.append({ERROR: {"Code": refused.code}} | said)
            raise
        absent = {ERROR: {"Code": sorted(call.absent)[0] if call.absent else ""}}
        chain.append({**(absent if answered.answer is None else answered.answer), **said})
        return answered

    def keep(self, call: Call, answer: Response) -> None:
        """Keep an answer that was got elsewhere."""
        self._kept[call.name] = {"": [dict(answer)]}

    def save(self, folder: Path, names: Iterable[str]) -> None:
        """
        Write the folder; only its owner may read it. It holds names and rights of staff, no secret and no patient.

        What was saved there earlier under one of `names` is removed, and no other file. Raises `InputError` when it
        cannot be written.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for old in names:
                (folder / f"{old}.json").unlink(missing_ok=True)
            for name, chains in sorted(self._kept.items()):
                _write(folder / f"{name}.json", [answer for chain in chains.values() for answer in chain])
        except OSError as error:
            raise InputError(folder, "the answers cannot be saved there", found=error.strerror) from None


def _write(path: Path, answers: list[dict[str, Any]]) -> None:
    text = json.dumps(answers, indent=1, sort_keys=True, default=_printed)
    write_whole(path, f"{text}\n".encode())


def _printed(value: object) -> str:
    """Return a value as the AWS command line prints it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _apart(call: Call, request: Mapping[str, Any]) -> str:
    return _canonical({name: request.get(name) for name in call.by})


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=_printed)
