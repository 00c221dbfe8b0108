"""The fault menu of the fake platform: what its API can do wrong, and for how many calls."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. *calls* is how many calls it spoils by itself, None for ever.

    *before* says whether it strikes instead of the work; a fault that strikes after lets the
    message out and spoils only the answer, which is what an unknown outcome is made of.
    """

    title: str
    calls: int | None = None
    before: bool = True
    errcode: int | None = None
    errmsg: str = ""
    spares_token: bool = True


def _error(title: str, errcode: int, errmsg: str, calls: int | None = None, *, token: bool = False) -> Fault:
    return Fault(title, calls, errcode=errcode, errmsg=errmsg, spares_token=not token)


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "delay": Fault("每次调用慢 3 秒", before=False),
        "closed": Fault("不答复就断开（未处理）", spares_token=False),
        "closed_after": Fault("处理完才断开（结果不明）", before=False),
        "http_500": Fault("HTTP 500，网页", spares_token=False),
        "http_502": Fault("HTTP 502，网页", spares_token=False),
        "html_200": Fault("HTTP 200，却是网页", spares_token=False),
        "truncated_json": Fault("JSON 只有一半（已处理）", before=False),
        "cut_body": Fault("正文传到一半断开（已处理）", before=False),
        "string_errcode": Fault('errcode 是字符串 "0"', before=False),
        "busy_twice": _error("系统繁忙 -1，两次", -1, "system error", 2),
        "busy": _error("系统繁忙 -1", -1, "system error"),
        "token_expired_once": _error("令牌过期 42001，一次", 42001, "access_token expired", 1),
        "token_expired": _error("令牌过期 42001，一直", 42001, "access_token expired"),
        "bad_secret": _error("密钥错误 40001，一直", 40001, "invalid credential", token=True),
        "ip_not_trusted": _error("IP 不可信 60020", 60020, "not allow to access from your ip"),
        "too_often": _error("调用太频繁 45009，60 秒", 45009, "api freq out of limit"),
        "concurrency": _error("并发太高 45033", 45033, "api concurrent out of limit"),
        "some_invalid": Fault("一半收件人无效", before=False),
        "negative_expiry": Fault("令牌有效期是负数", before=False, spares_token=False),
        "huge_answer": Fault("答复有 200 MB（已处理）", before=False),
    }
)
FREQUENCY_WINDOW_S = 60


@dataclass
class _On:
    left: int | None
    since: float


class FaultSwitches:
    """Which faults are on. Thread-safe; times are unix seconds of the platform's own clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: dict[str, _On] = {}

    def switch_on(self, name: str, calls: int | None = None, *, at: float = 0.0) -> None:
        """Switch *name* on for *calls* calls, or for as many as the fault has by itself.

        Raises KeyError for a fault that is not on the menu.
        """
        fault = FAULTS[name]
        with self._lock:
            self._on[name] = _On(left=calls if calls is not None else fault.calls, since=at)

    def switch_off(self, name: str) -> None:
        with self._lock:
            self._on.pop(name, None)

    def switch_all_off(self) -> None:
        with self._lock:
            self._on.clear()

    def on(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(self._on)

    def take(self, *, is_token_call: bool, at: float) -> tuple[str, ...]:
        """The faults that this call meets, in menu order; each loses one of its calls."""
        with self._lock:
            self._expire(at)
            met = tuple(
                name
                for name in FAULTS
                if name in self._on and not (is_token_call and FAULTS[name].spares_token)
            )
            for name in met:
                self._use(name)
            return met

    def _expire(self, at: float) -> None:
        limit = self._on.get("too_often")
        if limit is not None and at - limit.since >= FREQUENCY_WINDOW_S:
            del self._on["too_often"]

    def _use(self, name: str) -> None:
        state = self._on[name]
        if state.left is None:
            return
        state.left -= 1
        if state.left <= 0:
            del self._on[name]
