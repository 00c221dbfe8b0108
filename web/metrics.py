"""/metrics: figures as Prometheus reads them (text format 0.0.4), without names or texts of anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from flask import Blueprint, Response

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Metric:
    """*values* maps labels to a number; without any value the metric is not shown."""

    name: str
    kind: Literal["counter", "gauge"]
    meaning: str
    values: Mapping[Labels, float]


def one(name: str, kind: Literal["counter", "gauge"], meaning: str, value: float | None) -> Metric:
    """A metric without labels; None: not known now."""
    return Metric(name, kind, meaning, {} if value is None else {(): value})


def metrics_page(collect: Callable[[], Sequence[Metric]]) -> Blueprint:
    pages = Blueprint("metrics", __name__)

    @pages.get("/metrics")
    def metrics() -> Response:
        return Response(text_of(collect()), content_type=CONTENT_TYPE)

    return pages


def text_of(metrics: Iterable[Metric]) -> str:
    """The exposition text; labels of a metric in order, so that two scrapes compare line by line."""
    lines: list[str] = []
    for metric in metrics:
        if not metric.values:
            continue
        lines.append(f"# HELP {metric.name} {metric.meaning}")
        lines.append(f"# TYPE {metric.name} {metric.kind}")
        lines += [
            f"{metric.name}{_labels(labels)} {_number(value)}"
            for labels, value in sorted(metric.values.items())
        ]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(round(value, 3))
