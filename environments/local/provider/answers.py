"""How calls are answered: the type asked about, values marked again, and every failure in words."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from environments.local.provider import functions, markers
from environments.local.provider.resource_manager import InterruptError, RefusedError
from environments.local.provider.resources import Served, UnservedTypeError, served

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from environments.local.provider.markers import Marked, Path


class RefusalError(Exception):
    """What a call ends with instead of an answer."""

    def __init__(
        self, code: grpc.StatusCode, text: str, partial: provider_pb2.ErrorResourceInitFailed | None = None
    ) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.partial = partial


@contextlib.contextmanager
def answering(context: grpc.ServicerContext) -> Iterator[None]:
    """End a call with what went wrong, in words, instead of a stack trace."""
    try:
        yield
    except RefusalError as refusal:
        if refusal.partial is not None:
            status = status_pb2.Status(code=refusal.code.value[0], message=refusal.text)
            status.details.add().Pack(refusal.partial)
            context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(refusal.code, refusal.text)
    except (UnservedTypeError, functions.UnservedFunctionError) as error:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, str(error))
    except InterruptError as error:
        context.abort(grpc.StatusCode.CANCELLED, str(error))
    except RefusedError as error:
        context.abort(grpc.StatusCode.UNKNOWN, str(error))
    except ValueError as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))


def kind_of(request: Any) -> Served:  # noqa: ANN401  # any request about a resource
    """The type that a request is about, from its URN: `urn:pulumi:<stack>::<project>::<parents$type>::<name>`."""
    return served(request.urn.split("::")[2].rsplit("$", 1)[-1])


def written(kind: Served, values: Mapping[str, Any], given: Marked) -> Any:  # noqa: ANN401
    """Marked again: what was secret in the inputs, and what is secret in every program."""
    always = {path for each in kind.secrets for path in _paths(values, each)}
    return markers.write(values, {*given.secrets, *always})


def _paths(values: Mapping[str, Any], dotted: str) -> Iterator[Path]:
    at: Any = values
    names = tuple(dotted.split("."))
    for name in names:
        if not isinstance(at, dict) or at.get(name) is None:
            return
        at = at[name]
    yield names
