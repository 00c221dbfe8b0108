"""Why a command cannot use its storage, in one Chinese line with the step that mends it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from urllib.parse import urlsplit

from storage.database import DamagedDatabase, ForeignDatabase, SchemaTooNew, StorageAway

SQLITE = "sqlite:///"
REASONS = {
    errno.ENOTDIR: "路径中间有一段是文件，不是文件夹",
    errno.EEXIST: "路径中间有一段是文件，不是文件夹",
    errno.EISDIR: "那是一个文件夹，不是文件",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "那里只能读不能写",
    errno.ENOSPC: "磁盘满了",
    errno.ENOENT: "那里建不了文件夹",
    errno.ENAMETOOLONG: "路径太长",
}


def why_no_storage(error: StorageAway | SchemaTooNew, url: str) -> str:
    """The line for *error* met at the storage *url*; it never holds a password."""
    if isinstance(error, SchemaTooNew):
        return "数据库是更新版本的程序建的，什么都没有改。请换回新版程序，或在 [storage] url 换一个数据库。"
    is_damaged = any(isinstance(each, DamagedDatabase) for each in _chain(error))
    if is_damaged and not url.startswith(SQLITE):
        return f"PostgreSQL（{_server(url)}）的这个库里有别的程序的表，什么都没有改。请在 [storage] url 换一个空的库。"
    if not url.startswith(SQLITE):
        return f"连不上 PostgreSQL（{_server(url)}），什么都没有改。请看它是否在运行，[storage] url 的地址、用户、口令对不对。"
    path = url.removeprefix(SQLITE)
    if any(isinstance(each, ForeignDatabase) for each in _chain(error)):
        return f"{path} 是别的程序的数据库，什么都没有改。请在 [storage] url 换一个文件。"
    if is_damaged:
        return f"{path} 不是完好的七月数据库，什么都没有改。请用备份换掉它，或在 [storage] url 换一个文件。"
    reason = next(
        (REASONS[e.errno] for e in _chain(error) if isinstance(e, OSError) and e.errno in REASONS), None
    )
    if reason is None:
        return (
            f"数据库 {path} 现在用不了，什么都没有改。请看磁盘空间、这个文件的权限，和 [storage] url 对不对。"
        )
    return f"{path} 用不了：{reason}。什么都没有改，请改 [storage] url，或者改那个文件夹。"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """*error* and what it came from: the writer wraps what a unit met."""
    while error is not None:
        yield error
        error = error.__cause__


def _server(url: str) -> str:
    """Host and port of *url*; never the user or the password."""
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError:
        return "地址的写法不对"
    return f"{parts.hostname or '本机'}:{port}"
