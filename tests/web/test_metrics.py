"""/metrics as Prometheus reads it."""

from __future__ import annotations

from web.application import create_app
from web.metrics import CONTENT_TYPE, Metric, metrics_page, one, text_of


def test_a_metric_has_its_help_its_type_and_a_line_for_each_label_in_order() -> None:
    metric = Metric(
        "qiyue_callbacks_total",
        "counter",
        "Callbacks.",
        {
            (("channel", "wecom"), ("outcome", "silent")): 2,
            (("channel", "wecom"), ("outcome", "answered")): 7,
        },
    )

    assert text_of([metric]) == (
        "# HELP qiyue_callbacks_total Callbacks.\n"
        "# TYPE qiyue_callbacks_total counter\n"
        'qiyue_callbacks_total{channel="wecom",outcome="answered"} 7\n'
        'qiyue_callbacks_total{channel="wecom",outcome="silent"} 2\n'
    )


def test_a_figure_that_is_not_known_is_left_out() -> None:
    assert text_of([one("a", "gauge", "A.", None), one("b", "gauge", "B.", True)]) == (
        "# HELP b B.\n# TYPE b gauge\nb 1\n"
    )


def test_fractions_keep_milliseconds_and_labels_are_escaped() -> None:
    metric = Metric("a", "gauge", "A.", {(("x", 'q"\\\n'),): 1.23456})

    assert text_of([metric]).splitlines()[-1] == 'a{x="q\\"\\\\\\n"} 1.235'


def test_the_page_is_text_of_the_known_format_and_is_not_kept() -> None:
    app = create_app([metrics_page(lambda: [one("b", "gauge", "B.", 1)])])

    answer = app.test_client().get("/metrics")

    assert answer.headers["Content-Type"] == CONTENT_TYPE
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_data(as_text=True).endswith("b 1\n")
