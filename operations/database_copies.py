"""backup, restore, check: the copies of a deployment's database, and what is said about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage.database import DamagedDatabase, ForeignDatabase, SchemaTooNew, StorageAway
from storage.sqlite import hold_single_writer
from storage.sqlite_copy import UnfitCopy, back_up, restore
from storage.sqlite_file import refuse_what_is_not_ours


class NoCopy(Exception):
    """Nothing was done; the text is the Chinese reason with the next step."""


@dataclass(frozen=True)
class BackedUp:
    """The new *file* and its size in bytes."""

    file: Path
    size_bytes: int


def backup_to(source: Path, file: Path) -> BackedUp:
    """A checked copy of *source* as *file*, also while the bot is running. Raises NoCopy, StorageAway
    when *source* itself cannot be used."""
    refuse_what_is_not_ours(source, is_read_only=True)
    if not source.exists():
        raise NoCopy(f"还没有数据库 {source}，没有可备份的。请先导入通知，或看 [storage] url 对不对。")
    try:
        return BackedUp(file, back_up(source, file))
    except UnfitCopy as error:
        raise NoCopy("数据库本身有不对的地方，没有备份：\n" + listed(error.problems)) from None
    except DamagedDatabase:
        raise
    except StorageAway as error:
        raise NoCopy(why_not_written(file, error.__cause__)) from None


def why_not_written(file: Path, cause: BaseException | None) -> str:
    if isinstance(cause, FileExistsError):
        return f"没有备份：{file} 已经有了，不会盖掉它。请换一个文件名。"
    if isinstance(cause, FileNotFoundError | NotADirectoryError):
        return f"没有备份：没有文件夹 {file.parent}。请先建好它，或换一个位置。"
    return f"没有备份：{file} 写不进去。请看权限和磁盘空间，或换一个位置。"


def restore_from(file: Path, target: Path, now: datetime) -> Path | None:
    """Put the checked copy *file* in the place of *target*; where the old file is kept.

    Raises NoCopy, SecondWriter while a server uses *target*, StorageAway.
    """
    if file.is_dir():
        raise NoCopy(f"没有恢复：{file} 是文件夹，请写备份文件。")
    if not file.exists():
        raise NoCopy(f"没有恢复：没有 {file} 这个文件，请看路径对不对。")
    if target.exists() and file.samefile(target):
        raise NoCopy("没有恢复：这就是正在用的数据库，请写备份文件。")
    refuse_another_programs(target)
    lock = hold_single_writer(target.parent)
    try:
        return restore(file, target, now)
    except UnfitCopy as error:
        raise NoCopy(
            "没有恢复，什么都没有改。这份备份有不对的地方，请换一份：\n" + listed(error.problems)
        ) from None
    except SchemaTooNew:
        raise NoCopy("没有恢复，什么都没有改。这份备份是更新版本的程序做的，请换回新版程序再恢复。") from None
    except DamagedDatabase:
        raise NoCopy(f"没有恢复，什么都没有改。{file} 不是完好的七月备份，请换一份。") from None
    finally:
        lock.release()


def refuse_another_programs(target: Path) -> None:
    """A broken database is what a restore is for; another program's stays. Raises StorageAway."""
    try:
        refuse_what_is_not_ours(target)
    except ForeignDatabase:
        raise
    except DamagedDatabase:
        return


def listed(problems: tuple[str, ...]) -> str:
    return "\n".join(f"· {problem}" for problem in problems)
