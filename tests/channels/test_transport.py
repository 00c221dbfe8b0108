"""Below wechatpy: one host, and an answer that takes too long is no answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pytest
import requests

from channels.transport import TOTAL_S, PlatformTransport, mount
from fakes.server import serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ORIGIN = "https://qyapi.weixin.qq.com"


def session(api_base: str, seconds: Iterator[float] | None = None) -> requests.Session:
    made = requests.Session()
    clock = seconds or iter(float(second) for second in range(1_000_000))
    mount(made, PlatformTransport(ORIGIN, api_base, lambda: next(clock)))
    return made


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [environ["PATH_INFO"].encode(), b"?", environ["QUERY_STRING"].encode()]


def test_the_platforms_own_address_is_redirected_to_the_base() -> None:
    with serving(echo) as url, session(f"{url}/fake/") as http:
        assert http.get(f"{ORIGIN}/cgi-bin/gettoken?corpid=1").text == "/fake/cgi-bin/gettoken?corpid=1"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "https://qyapi.weixin.qq.com.example/", "https://example/"]
)
def test_no_other_host_is_called(url: str) -> None:
    with session("http://127.0.0.1:1") as http, pytest.raises(requests.exceptions.InvalidURL):
        http.get(url)


def drip(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    return (b"x" for _ in range(1000))


def test_an_answer_that_drips_is_cut_off() -> None:
    # Each look at this clock is three seconds later.
    seconds = iter(3.0 * look for look in range(1000))

    with serving(drip) as url, session(url, seconds) as http, pytest.raises(requests.ConnectionError):
        http.get(f"{ORIGIN}/")

    assert next(seconds) < 3 * TOTAL_S


def test_the_environment_of_the_machine_is_kept_out() -> None:
    assert session("http://127.0.0.1:1").trust_env is False
