"""How a platform's API is called: time-outs on every request, one host, no redirects, bounded answers."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

CONNECT_S: Final = 2.0
READ_S: Final = 4.0
TOTAL_S: Final = 8.0
MAX_ANSWER_BYTES: Final = 1 << 20
_CHUNK_BYTES = 1 << 16


class PlatformTransport(HTTPAdapter):
    """Carries what wechatpy sends to *origin* to *api_base* instead, with limits that wechatpy lacks.

    wechatpy writes the platform's host into its token call and gives that call no time-out, so both
    are mended here, below it. READ_S bounds each read and TOTAL_S the whole answer (a server may drip).
    """

    def __init__(self, origin: str, api_base: str, seconds: Callable[[], float] = time.monotonic) -> None:
        self._origin = origin
        self._api_base = api_base.rstrip("/")
        self._seconds = seconds
        super().__init__(max_retries=0)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - the answer is always read here, within its limits
        timeout: object = None,  # noqa: ARG002 - replaced, not trusted
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        url = request.url or ""
        if not url.startswith(self._origin + "/"):
            raise requests.exceptions.InvalidURL("only the platform's own host is called")
        request.url = self._api_base + url[len(self._origin) :]
        response = super().send(
            request, stream=True, timeout=(CONNECT_S, READ_S), verify=verify, cert=cert, proxies=proxies
        )
        if 300 <= response.status_code < 400:
            # A redirect would carry the token in its query to whoever asked for it.
            response.close()
            raise requests.exceptions.TooManyRedirects("redirects are not followed")
        response.raw = io.BytesIO(self._whole(response))
        return response

    def _whole(self, response: requests.Response) -> bytes:
        """The answer as it came (never decompressed: 1 MB of gzip can hold 1 GB)."""
        raw, deadline = response.raw, self._seconds() + TOTAL_S
        read = bytearray()
        try:
            while chunk := raw.read1(_CHUNK_BYTES, decode_content=False):
                read += chunk
                if len(read) > MAX_ANSWER_BYTES or self._seconds() > deadline:
                    raise requests.exceptions.ConnectionError("the answer is too long")
            raw.release_conn()
        except HTTPError as error:
            raise requests.exceptions.ConnectionError(type(error).__name__) from None
        finally:
            if not raw.closed:
                raw.close()
        return bytes(read)


def mount(session: requests.Session, transport: PlatformTransport) -> None:
    """Send everything of *session* through *transport*, and keep the machine's settings out of it."""
    # A .netrc or a proxy from the environment would see the token in the query.
    session.trust_env = False
    session.headers["Accept-Encoding"] = "identity"
    session.mount("https://", transport)
    session.mount("http://", transport)
    # At debug level urllib3 logs each request line, query and all: corpsecret and access_token.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
