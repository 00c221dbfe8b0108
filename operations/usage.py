"""The command line in Chinese: how it is used, and what was typed wrongly, in one line with the next step."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

PROGRAM = "python bot.py"  # as people type it, so that what is printed can be typed again
SHOWN_OPTION = "显示这段说明"
FASTEST = 86_400  # a day of the programme in a second
_QUOTED = re.compile(r"'(.*)'", re.DOTALL)
_EXTRA = re.compile(r"unexpected extra arguments? \((.*)\)", re.DOTALL)


class Refusal(click.ClickException):
    """A Chinese reason and exit code 1."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        click.echo(self.message, file=file, err=file is None)


class WrongSettings(Refusal):
    """What is wrong with the settings, a Chinese line each; exit code 2."""

    exit_code = 2


class WrongUsage(click.UsageError):
    """What was typed wrongly, in Chinese; exit code 2."""

    def show(self, file: Any = None) -> None:
        path = self.ctx.command_path if self.ctx is not None else PROGRAM
        click.echo(f"{self.message}。看用法：{path} --help", file=file, err=file is None)


class Port(click.types.IntParamType):
    """A port that a server can listen at."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        port = int(super().convert(value, param, ctx))
        if not 1 <= port <= 65535:
            raise WrongUsage(f"--port 要写 1 到 65535 的整数，“{port}”不行", ctx)
        return port


class Speed(click.types.FloatParamType):
    """Simulated seconds per real second, for a clock that goes on."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        speed = float(super().convert(value, param, ctx))
        if not 0 < speed <= FASTEST:
            raise WrongUsage(f"--speed 要写大于 0、不超过 {FASTEST} 的数，“{value}”不行", ctx)
        return speed


PORT = Port()
SPEED = Speed()


def in_chinese(error: click.UsageError, ctx: click.Context | None = None) -> click.UsageError:
    """*error* of the library as ours; one of ours, and the help of a bare command, as it is."""
    if isinstance(error, WrongUsage | click.exceptions.NoArgsIsHelpError):
        return error
    return WrongUsage(_said(error), error.ctx or ctx)


def _said(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        near = f"，是不是 {error.possibilities[0]}？" if error.possibilities else ""
        return f"没有“{error.option_name}”这个选项{near}".removesuffix("？")
    if isinstance(error, click.MissingParameter):
        return f"还少 {_name_of(error.param)}" if error.param is not None else "还少一样"
    if isinstance(error, click.BadOptionUsage):
        needs = "requires" in error.message
        return f"{error.option_name} 后面要写内容" if needs else f"{error.option_name} 后面不写内容"
    if isinstance(error, click.BadParameter):
        return _bad_value(error)
    if "Missing command" in error.message:
        return "还少命令"
    extra = _EXTRA.search(error.message)
    return f"多写了“{extra[1]}”" if extra else f"写法不对（{error.message.rstrip('.')}）"


def _bad_value(error: click.BadParameter) -> str:
    name = _name_of(error.param) if error.param is not None else str(error.param_hint or "")
    if error.param is None or (not error.message.isascii() and not _QUOTED.search(error.message)):
        return f"{name}：{error.message}"
    given = _QUOTED.search(error.message)
    shown = given[1] if given else ""
    kind = error.param.type
    if isinstance(kind, click.types.IntParamType):
        return f"{name} 要写整数，“{shown}”不是"
    if isinstance(kind, click.types.FloatParamType):
        return f"{name} 要写数字，“{shown}”不是"
    if isinstance(kind, click.Path):
        return _bad_path(name, shown, error.message)
    return f"{name} 的“{shown}”不对"


def _bad_path(name: str, shown: str, message: str) -> str:
    if "is a directory" in message:
        return f"{name}：“{shown}”是文件夹，请写文件"
    if "is a file" in message:
        return f"{name}：“{shown}”是文件，请写文件夹"
    if "does not exist" in message:
        return f"{name}：没有“{shown}”，请看路径对不对"
    return f"{name}：“{shown}”读不出来"


def _name_of(param: click.Parameter) -> str:
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return param.make_metavar(click.Context(click.Command("")))


class ChineseCommand(click.Command):
    """A command whose help is Chinese."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        settings.setdefault("options_metavar", "[选项]")
        super().__init__(*arguments, **settings)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with translated(ctx):
            return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_usage(self, ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_options(self, ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return with_chinese_help(super().get_help_option(ctx))


class ChineseGroup(click.Group):
    """The edge of every command: what was typed wrongly is one Chinese line, never an English one."""

    command_class = ChineseCommand

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        settings.setdefault("options_metavar", "[选项]")
        settings.setdefault("subcommand_metavar", "命令 …")
        super().__init__(*arguments, **settings)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        return super().make_context(PROGRAM if parent is None else info_name, args, parent, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with translated(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with translated(ctx):
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1, cutoff=0.6)
            asked = f"，是不是 {near[0]}" if near else ""
            raise WrongUsage(f"没有“{args[0]}”这个命令{asked}", ctx)
        return super().resolve_command(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_usage(self, ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_options(self, ctx, formatter)
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, each.get_short_help_str(80)) for name, each in commands if each is not None]
        write_list("命令", rows, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return with_chinese_help(super().get_help_option(ctx))


@contextmanager
def translated(ctx: click.Context | None = None) -> Iterator[None]:
    """A usage error of the library leaves as ours."""
    try:
        yield
    except click.UsageError as error:
        raise in_chinese(error, ctx) from None


def write_usage(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    formatter.write_usage(ctx.command_path, " ".join(command.collect_usage_pieces(ctx)), prefix="用法：")


def write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    options = [param for param in command.get_params(ctx) if isinstance(param, click.Option)]
    rows = [row for option in options if (row := option.get_help_record(ctx)) is not None]
    write_list("选项", rows, formatter)


def write_list(heading: str, rows: list[tuple[str, str]], formatter: click.HelpFormatter) -> None:
    formatter.write(f"\n{heading}：\n")
    with formatter.indentation():
        formatter.write_dl(rows)


def with_chinese_help(option: click.Option | None) -> click.Option | None:
    if option is not None:
        option.help = SHOWN_OPTION
    return option


def not_yet(name: str, meant: str, instead: str) -> click.Command:
    """A command that this version does not have: it says so, whatever stands behind it; exit code 1."""

    def refuse(**_: object) -> None:
        raise Refusal(f"这个版本还没有 {name}（{meant}）。{instead}。")

    argument = click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED, metavar="…")
    return ChineseCommand(
        name,
        callback=refuse,
        params=[argument],
        help=f"（这个版本还没有）{meant}。",
        context_settings={"ignore_unknown_options": True},
    )
