"""Qiyue 七月: the command line. Everything is wired in wiring/; the work is done in the rooms."""

from __future__ import annotations

import json
import secrets
import shutil
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from operations.usage import PORT, PROGRAM, SPEED, ChineseGroup, Refusal, WrongUsage, not_yet
from storage.check import check as check_storage
from storage.database import Conflict, SchemaTooNew, SecondWriter, StorageAway
from storage.sqlite import hold_single_writer
from wiring.refusals import why_no_storage
from wiring.shell import Shell, real_time, render

# The server, the channels and the understanding are loaded by the commands that need them: reading a
# notice takes a third of the time that they take to load.
if TYPE_CHECKING:
    from programme.notice.notice import Notice
    from wiring.supervisor import Launch

ROOT = Path(__file__).parent
BY_CRON = timedelta(minutes=5)
# Commands that are announced and not there yet: name, what it will do, what to do instead.
NOT_YET = (
    ("init", "问六个问题，写好 config.toml", "请照 README 改 config.toml"),
    ("doctor", "检查配置、密钥、数据库、回调", "请用 check 检查数据库；serve 启动时会说配置哪里不对"),
    ("export", "导出考勤、选题、日历", "请用 backup 留一份完整的数据"),
    ("person", "导出或删除一个人的数据", "要让一个人退出，请从名单里去掉再运行 roster"),
)


class Guarded(ChineseGroup):
    """The edge of every command: storage that cannot be used is one Chinese line, never a trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (StorageAway, SchemaTooNew) as error:
            raise Refusal(why_no_storage(error, ctx.obj.settings().storage.url)) from None
        except SecondWriter:
            raise Refusal("这个数据目录已经有一个服务在用，请先停掉它。") from None


def moment_of(text: str | None, zone: Any) -> datetime | None:
    """--at as people type it, in the programme's zone; None when it was not given."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUsage(
            f"--at 请写成 2023-07-04T14:20 这样，“{text}”读不懂", click.get_current_context()
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=zone)


@click.group(PROGRAM, cls=Guarded, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", metavar="文件", type=click.Path(path_type=Path), default=ROOT / "config.toml", help="配置文件"
)
@click.pass_context
def cli(context: click.Context, config: Path) -> None:
    """Qiyue 七月：集中学习的助手。"""
    context.obj = Shell(config)


@cli.command()
@click.option("--host", metavar="地址", help="听哪个地址；不写就用配置里的")
@click.option("--port", metavar="端口", type=PORT, help="听哪个端口；不写就用配置里的")
@click.pass_obj
def serve(shell: Shell, host: str | None, port: int | None) -> None:
    """启动服务：消息回调、页面和定时提醒。"""
    from wiring.supervisor import Launch

    settings = shell.settings(needs_secrets=True)
    launch = Launch(shell.config.resolve(), host or settings.server.host, port or settings.server.port)
    if shell.look() is not None:
        hold_single_writer(settings.data_dir).release()
    shell.rehearse(settings)
    start(launch, settings.server.threads)


def start(launch: Launch, threads: int) -> None:
    from wiring.supervisor import AddressNotHere, PortForbidden, PortTaken, serve_until_stopped

    try:
        serve_until_stopped(launch, threads)
    except PortTaken:
        raise Refusal(f"端口 {launch.port} 已经有程序在用，请先停掉它，或者换一个端口：--port") from None
    except PortForbidden:
        raise Refusal(f"没有权限用端口 {launch.port}，请换一个 1024 以上的端口：--port") from None
    except AddressNotHere:
        raise Refusal(f"{launch.host} 不是这台机器的地址，请换成本机的地址，例：--host 127.0.0.1") from None


@cli.command()
@click.option("--port", metavar="端口", type=PORT, default=8000, help="听哪个端口，平常是 8000")
@click.option("--at", metavar="时刻", default="2023-07-04T14:20", help="从哪一刻开始，写成 2023-07-04T14:20")
@click.option("--speed", metavar="倍数", type=SPEED, default=1.0, help="时钟走多快，平常是 1")
@click.option(
    "--data",
    metavar="文件夹",
    help="数据放哪里；不写就用完即丢",
    type=click.Path(path_type=Path, file_okay=False),
)
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
@click.option("--at", metavar="时刻", help="当作这一刻，写成 2023-07-04T14:20；不写就是现在")
@click.pass_obj
def tick(shell: Shell, at: str | None) -> None:
    """手动走一步定时任务（没有常驻进程时用 cron 调）。"""
    from operations.tick_report import ticked
    from storage.figures import figures
    from wiring.application import push_channels
    from wiring.scheduling import scheduling

    settings = shell.settings(needs_secrets=True)
    app = shell.open()
    # Called by cron, a minute or two between ticks are no stop; with --at the clock is the caller's.
    gap_after = max(settings.programme.gap_after, BY_CRON) if at is None else None
    step, _ = scheduling(app, push_channels(app), gap_after)
    now = moment_of(at, app.setup.zone) or real_time()
    before = app.database.read(lambda tx: figures(tx, now))
    done = step(now)
    step.release()
    after = app.database.read(lambda tx: figures(tx, now))
    app.close()
    if done.failed:
        raise Refusal(render("operator/tick_failed", steps=done.failed))
    click.echo(render("operator/ticked", is_leader=done.is_leader, **ticked(before, after)))


@cli.command("import")
@click.argument("file", metavar="通知", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--year", metavar="年份", type=int, help="通知没写年份时，是哪一年")
@click.option("--dry-run", is_flag=True, help="只看不改")
@click.option("--json", "as_json", is_flag=True, help="打印成 JSON")
@click.option(
    "--answers", metavar="文件", type=click.Path(path_type=Path, dir_okay=False), help="问题的回答（TOML）"
)
@click.option("--yes", is_flag=True, help="已经导入过的通知，确认要改")
@click.option("--shift", metavar="年份", type=int, help="把同一份安排按星期挪到另一年")
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
        given = notice_import.read_answers(answers) if answers else notice_import.NO_ANSWERS
    except Unreadable as error:
        raise Refusal(unreadable(file, error, "txt、docx 或 xlsx")) from None
    except BadAnswers as error:
        raise Refusal(str(error)) from None
    if as_json:
        click.echo(json.dumps(to_json(notice), ensure_ascii=False, indent=1))
    if notice.refused:
        if not as_json:
            click.echo(render("operator/refused", **refusal(notice, year)), err=True)
        sys.exit(1)
    try:
        days = known_days(shell.settings().holidays)
        programme = notice_import.programme_of(notice, given.by_number, days, given)
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
        following = notice_import.next_step(database, programme)
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
    click.echo(render("operator/imported", following=following, **report))


def unreadable(file: Path, reason: Exception, kinds: str) -> str:
    """The reader's reason, with a next step where it has none of its own."""
    advice = "" if "请" in str(reason) else f"。请换一个 {kinds} 文件再导入"
    return f"没有导入。{file.name}：{reason}{advice}"


MOST_REASONS = 30  # every weekday of a month that does not fit is named (R02)


def refusal(notice: Notice, given: int | None) -> dict[str, object]:
    """Why a notice was not imported; the example names the fitting year nearest to this one, unless
    *given* fits already: then the reason is another one."""
    this_year = real_time().year
    year = notice.year if given is None else given
    fitting = () if year in notice.candidate_years else notice.candidate_years
    nearest = min(fitting, key=lambda year: abs(year - this_year), default=None)
    asked = [item.what for item in notice.anomalies if item.done == "asked" and item.what.startswith("第")]
    reasons = (*notice.refused, *asked)
    shown = reasons[:MOST_REASONS]
    more = len(reasons) - len(shown)
    return {"reasons": shown, "more": more, "given": given, "nearest": nearest}


@cli.command()
@click.argument("file", metavar="名单", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--programme", metavar="项目", help="哪个项目：编号、题目或年份；只有一个项目时不用写")
@click.option("--dry-run", is_flag=True, help="只看不改")
@click.option("--yes", is_flag=True, help="有很多人会离开时，确认要改")
@click.pass_obj
def roster(shell: Shell, file: Path, programme: str | None, dry_run: bool, yes: bool) -> None:
    """读名单：谁参加、哪个组、哪位导师、哪个账号。"""
    from documents.container import Unreadable
    from operations import roster_import
    from operations.programme_choice import NotChosen, choose

    app = shell.open()
    try:
        chosen = choose(app.snapshot, programme)
        found = roster_import.read_roster(file, chosen.programme_id)
    except NotChosen as error:
        raise Refusal(
            render("operator/which_programme", asked=programme, programmes=error.programmes)
        ) from None
    except Unreadable as error:
        raise Refusal(unreadable(file, error, "csv 或 xlsx")) from None
    if isinstance(found, tuple):
        raise Refusal(render("operator/roster_refused", problems=found))
    try:
        if dry_run:
            taken = roster_import.rehearse(app.database, chosen.programme_id, found)
        else:
            key = app.setup.signing_key
            taken = roster_import.store(
                app.database,
                chosen.programme_id,
                found,
                real_time(),
                key,
                secrets.token_bytes,
                is_confirmed=yes,
            )
    except roster_import.TooManyLeave as error:
        raise Refusal(
            render(
                "operator/many_leave", **roster_import.effect(error.preview, chosen), people=len(found.people)
            )
        ) from None
    except Conflict:
        raise Refusal(render("operator/alike")) from None
    finally:
        app.close()
    click.echo(render("operator/roster", **roster_import.summary(taken, chosen, app.setup.admins)))


@cli.command()
@click.option("--as", "name", metavar="姓名", required=True, help="以谁的身份，名单里的姓名")
@click.option("--at", metavar="时刻", help="从哪一刻开始，写成 2023-07-04T14:20；不写就是现在")
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

    path = shell.look()
    if path is not None and not path.exists():
        raise Refusal(f"还没有数据库 {path}。请先导入通知，或看 [storage] url 对不对。")
    database = shell.database()
    files = UploadFiles(Path(shell.settings().storage.uploads))
    problems = (*check_storage(database), *check_files(database, files))
    database.close()
    if problems:
        said = "\n".join(f"· {problem}" for problem in problems)
        raise Refusal(f"数据库有 {len(problems)} 处不对，请停掉服务，用备份换掉它（restore）：\n{said}")
    click.echo("数据库完好。")


@cli.command()
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@click.pass_obj
def backup(shell: Shell, file: Path) -> None:
    """备份数据库到一个新文件；服务不用停。"""
    from operations.database_copies import NoCopy, backup_to

    try:
        done = backup_to(shell.sqlite_file(), file)
    except NoCopy as error:
        raise Refusal(str(error)) from None
    click.echo(render("operator/backed_up", done=done, key=shell.kept_key()))


@cli.command()
@click.argument("file", metavar="备份", type=click.Path(path_type=Path))
@click.pass_obj
def restore(shell: Shell, file: Path) -> None:
    """用备份换掉数据库，先检查，旧的留着；要先停掉服务。"""
    from operations.database_copies import NoCopy, restore_from

    target = shell.sqlite_file()
    try:
        kept = restore_from(file, target, real_time())
    except NoCopy as error:
        raise Refusal(str(error)) from None
    click.echo(render("operator/restored", file=file, target=target, kept=kept))


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """性能基准：和最小的 Flask + wechatpy 回声比较。"""
    from bench.run import main

    sys.exit(main(list(arguments)))


for name, meant, instead in NOT_YET:
    cli.add_command(not_yet(name, meant, instead))


if __name__ == "__main__":
    cli()
