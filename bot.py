"""Qiyue 七月: the command line. Everything is wired in wiring/; the work is done in the rooms."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from config import ConfigError, Settings, load, signing_key
from settings import LimitsSection
from storage.check import check as check_storage
from storage.database import SchemaTooNew, SecondWriter, StorageAway
from storage.engines import open_database
from storage.migrations import migrate
from storage.sqlite import hold_single_writer
from wiring.refusals import why_no_storage

# The server, the channels and the understanding are loaded by the commands that need them: reading a
# notice takes a third of the time that they take to load.
if TYPE_CHECKING:
    from handlers.respond import Clocks
    from programme.notice.notice import Notice
    from storage.database import Database
    from wiring.application import Application
    from wiring.supervisor import Launch

ROOT = Path(__file__).parent
UNPACED = LimitsSection(per_person_a_minute=10_000)  # whoever types in the terminal floods nobody
BY_CRON = timedelta(minutes=5)
PATIENT_S = 60.0  # the command line waits longer for the database than a callback may


class Refusal(click.ClickException):
    """A Chinese reason and exit code 1."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        click.echo(self.message, file=file, err=file is None)


class Guarded(click.Group):
    """The edge of every command: storage that cannot be used is one Chinese line, never a trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (StorageAway, SchemaTooNew) as error:
            raise Refusal(why_no_storage(error, ctx.obj.settings().storage.url)) from None


@dataclass(frozen=True)
class Shell:
    """What every command needs before it can do anything."""

    config: Path

    def settings(self, *, needs_secrets: bool = False) -> Settings:
        try:
            return load(self.config, os.environ, require_channel_secrets=needs_secrets)
        except ConfigError as error:
            click.echo("\n".join(error.problems), err=True)
            sys.exit(2)

    def key(self, settings: Settings) -> bytes:
        """The signing key. Raises ConfigError, StorageAway (the folder of the data cannot be used)."""
        try:
            return signing_key(settings, os.environ).current.get_secret_value().encode()
        except OSError as error:
            raise StorageAway("the signing key") from error

    def open(self, clocks: Clocks | None = None, *, is_paced: bool = True) -> Application:
        from handlers.respond import Clocks
        from wiring.application import assemble

        settings = self.settings()
        if not is_paced:
            settings = settings.model_copy(update={"limits": UNPACED})
        try:
            return assemble(settings, self.key(settings), clocks or Clocks(real_time, real_time), PATIENT_S)
        except ConfigError as error:
            click.echo("\n".join(error.problems), err=True)
            sys.exit(2)

    def rehearse(self, settings: Settings) -> None:
        """Open what the worker process will open, so that what is wrong is said once, and here."""
        try:
            self.key(settings)
        except ConfigError as error:
            click.echo("\n".join(error.problems), err=True)
            sys.exit(2)
        self.database().close()

    def database(self) -> Database:
        """The database alone, brought up to date, for commands that answer nobody."""
        database = open_database(self.settings().storage.url, patience_s=PATIENT_S)
        try:
            migrate(database, real_time())
        except BaseException:
            database.close()
            raise
        return database


def real_time() -> datetime:
    return datetime.now(UTC)


def render(template: str, **values: object) -> str:
    from messages.envelope import Reply
    from messages.render import Renderer

    return Renderer().render(Reply(template, values))


def moment_of(text: str | None, zone: Any) -> datetime | None:
    """--at as people type it, in the programme's zone; None when it was not given."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("请写成 2023-07-04T14:20 这样", param_hint="--at") from None
    return at if at.tzinfo else at.replace(tzinfo=zone)


@click.group(cls=Guarded, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", type=click.Path(path_type=Path), default=ROOT / "config.toml", help="配置文件")
@click.pass_context
def cli(context: click.Context, config: Path) -> None:
    """Qiyue 七月：集中学习的助手。"""
    context.obj = Shell(config)


@cli.command()
@click.option("--host")
@click.option("--port", type=int)
@click.pass_obj
def serve(shell: Shell, host: str | None, port: int | None) -> None:
    """启动服务：消息回调、页面和定时提醒。"""
    from wiring.supervisor import Launch

    settings = shell.settings(needs_secrets=True)
    launch = Launch(shell.config.resolve(), host or settings.server.host, port or settings.server.port)
    if settings.sqlite_path:
        try:
            hold_single_writer(settings.data_dir).release()
        except SecondWriter:
            raise Refusal("这个数据目录已经有一个服务在用，请先停掉它。") from None
    shell.rehearse(settings)
    start(launch, settings.server.threads)


def start(launch: Launch, threads: int) -> None:
    from wiring.supervisor import PortTaken, serve_until_stopped

    try:
        serve_until_stopped(launch, threads)
    except PortTaken:
        raise Refusal(f"端口 {launch.port} 已经有程序在用，请先停掉它，或者换一个端口：--port") from None


@cli.command()
@click.option("--port", type=int, default=8000)
@click.option("--at", default="2023-07-04T14:20", help="从哪一刻开始")
@click.option("--speed", type=float, default=1.0)
@click.option("--data", type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
def demo(shell: Shell, port: int, at: str, speed: float, data: Path | None) -> None:
    """演示：样例通知和名单、模拟的企业微信、可以跳的时钟，不用账号。"""
    from fakes.clock import SHANGHAI
    from wiring.supervisor import Demo, Launch

    begin = moment_of(at, SHANGHAI)
    assert begin is not None  # noqa: S101 - the option has a default
    folder = data or Path(tempfile.mkdtemp(prefix="qiyue-demo-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise Refusal(f"建不了文件夹 {folder}，请换一个：--data") from None
    click.echo(f"请在浏览器打开 http://127.0.0.1:{port}/simulator （Ctrl+C 结束）")
    try:
        start(Launch(shell.config.resolve(), "127.0.0.1", port, Demo(begin, speed, folder)), 64)
    finally:
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)


@cli.command()
@click.option("--at")
@click.pass_obj
def tick(shell: Shell, at: str | None) -> None:
    """手动走一步定时任务（没有常驻进程时用 cron 调）。"""
    from wiring.application import push_channels
    from wiring.scheduling import scheduling

    settings = shell.settings(needs_secrets=True)
    app = shell.open()
    # Called by cron, a minute or two between ticks are no stop; with --at the clock is the caller's.
    gap_after = max(settings.programme.gap_after, BY_CRON) if at is None else None
    step, _ = scheduling(app, push_channels(app), gap_after)
    done = step(moment_of(at, app.setup.zone) or real_time())
    step.release()
    app.close()
    if done.failed:
        raise Refusal(f"有步骤没有完成：{'、'.join(done.failed)}，请看日志。")


@cli.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--year", type=int)
@click.option("--dry-run", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
@click.option("--answers", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True)
@click.option("--shift", type=int, help="把同一份安排按星期挪到另一年")
@click.pass_obj
def import_(
    shell: Shell,
    file: Path,
    year: int | None,
    dry_run: bool,
    as_json: bool,
    answers: Path | None,
    yes: bool,
    shift: int | None,
) -> None:
    """读通知：列出读到的、改正的和要您定的。"""
    # Loaded here: a server's worker process reads this file, too, and needs none of the readers.
    from documents.container import Unreadable
    from operations import notice_import
    from operations.china_days import known_days
    from operations.notice_import import BadAnswers, ChangedMeanwhile
    from programme.notice.result import to_json

    try:
        notice = notice_import.read_notice(file, year)
        if shift is not None:
            notice = notice_import.shifted(notice, shift)
        given = notice_import.read_answers(answers) if answers else {}
    except (Unreadable, BadAnswers) as error:
        raise Refusal(str(error)) from None
    if as_json:
        click.echo(json.dumps(to_json(notice), ensure_ascii=False, indent=1))
    if notice.refused:
        if not as_json:
            click.echo(render("operator/refused", **refusal(notice)), err=True)
        sys.exit(1)
    try:
        days = known_days(shell.settings().holidays)
        programme = notice_import.programme_of(notice, given, days)
    except BadAnswers as error:
        raise Refusal(str(error)) from None
    report = notice_import.summary(notice, programme, is_dry_run=dry_run)
    # Opened before anything is printed: "read" followed by "not stored" would be taken for stored.
    database = None if dry_run else shell.database()
    if database is None:
        if not as_json:
            click.echo(render("operator/imported", **report))
        return
    try:
        stored = notice_import.store(database, programme, real_time(), is_confirmed=yes)
    except ChangedMeanwhile:
        raise Refusal("没有改动：有一场刚在聊天里被改过，请再运行一次。") from None
    finally:
        database.close()
    if as_json:
        return
    if not stored.is_new:
        changes = notice_import.named_changes(stored)
        click.echo(render("operator/changed_notice", changes=changes, is_applied=stored.is_applied, **report))
        return
    click.echo(render("operator/imported", **report))


MOST_REASONS = 30  # every weekday of a month that does not fit is named (R02)


def refusal(notice: Notice) -> dict[str, object]:
    """Why a notice was not imported; the example names the fitting year nearest to this one."""
    this_year = real_time().year
    nearest = min(notice.candidate_years, key=lambda year: abs(year - this_year), default=None)
    shown = notice.refused[:MOST_REASONS]
    more = len(notice.refused) - len(shown)
    return {"reasons": shown, "more": more, "years": notice.candidate_years, "nearest": nearest}


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True)
@click.pass_obj
def roster(shell: Shell, file: Path, dry_run: bool) -> None:
    """读名单：谁参加、哪个组、哪位导师、哪个账号。"""
    from documents.container import Unreadable
    from operations import roster_import

    app = shell.open()
    ids = app.snapshot.programme_ids()
    if not ids:
        raise Refusal(render("operator/no_programme"))
    try:
        found = roster_import.read_roster(file, ids[-1])
    except Unreadable as error:
        raise Refusal(str(error)) from None
    if isinstance(found, tuple):
        raise Refusal(render("operator/roster_refused", problems=found))
    taken = roster_import.Taken(found, None)
    if not dry_run:
        taken = roster_import.store(
            app.database, ids[-1], found, real_time(), app.setup.signing_key, secrets.token_bytes
        )
    app.close()
    click.echo(render("operator/roster", **roster_import.summary(taken, app.setup.admins)))


@cli.command()
@click.option("--as", "name", required=True, help="以谁的身份，名单里的姓名")
@click.option("--at")
@click.pass_obj
def chat(shell: Shell, name: str, at: str | None) -> None:
    """在终端里对话：一行一条消息，可以用管道。"""
    from channels.terminal import converse
    from handlers.respond import Clocks
    from wiring.application import everybody

    zone = shell.settings().programme.zone
    start = moment_of(at, zone)
    began = real_time()

    def now() -> datetime:
        return start + (real_time() - began) if start else real_time()

    app = shell.open(Clocks(now, real_time), is_paced=False)
    if not app.snapshot.programme_ids():
        raise Refusal(render("operator/no_programme"))
    accounts = [a for p in everybody(app) if p.name == name for a in app.snapshot.accounts_of(p.person_id)]
    channel, account = (accounts[0].channel, accounts[0].account) if accounts else ("terminal", name)
    converse(sys.stdin, channel, account, now, app.responder.respond, click.echo)
    app.close()


@cli.command()
def understand() -> None:
    """逐行读 JSON，逐行回答读懂了什么（格式见文档）。"""
    from language.judge import answer_line

    for line in sys.stdin:
        if line.strip():
            click.echo(answer_line(line))


@cli.command()
@click.pass_obj
def check(shell: Shell) -> None:
    """检查数据库和交上的文件是否完好。"""
    from storage.check_files import check_files
    from storage.upload_files import UploadFiles

    database = shell.database()
    files = UploadFiles(Path(shell.settings().storage.uploads))
    problems = (*check_storage(database), *check_files(database, files))
    database.close()
    if problems:
        said = "\n".join(f"· {problem}" for problem in problems)
        raise Refusal(f"数据库有 {len(problems)} 处不对，请停掉服务，用备份换掉它：\n{said}")
    click.echo("数据库完好。")


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """性能基准：和最小的 Flask + wechatpy 回声比较。"""
    from bench.run import main

    sys.exit(main(list(arguments)))


if __name__ == "__main__":
    cli()
