"""Reads config.toml and the environment into frozen settings; names every bad key at once.

Secrets never stand in the file: it names the environment variables (or, with _FILE appended, the
variables that name a file) which hold them. Their values are never printed, not even when wrong.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import secrets
import stat
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from settings import (
    AibotSection,
    ChannelSecrets,
    ConfigFile,
    GroupRobotSection,
    HolidaysSection,
    OfficialAccountSection,
    ReminderSection,
    Section,
    Settings,
    SigningKeys,
    WecomSection,
    reminder_problems,
)

__all__ = [
    "ConfigError",
    "ConfigFile",
    "ReminderSection",
    "Settings",
    "SigningKeys",
    "load",
    "secret_states",
    "signing_key",
]

OVERLAY_PREFIX = "QIYUE_"
MIN_SIGNING_KEY_CHARACTERS = 32
TOKEN = re.compile(r"[A-Za-z0-9_-]{3,32}")
AES_KEY = re.compile(r"[A-Za-z0-9]{43}")
ROBOT_KEY = re.compile(r"[A-Za-z0-9-]{8,128}")


class ConfigError(Exception):
    """Everything that is wrong with the settings, one Chinese line each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load(path: Path, environ: Mapping[str, str], *, require_channel_secrets: bool = True) -> Settings:
    """The settings of *path* with the overlay of *environ*.

    Raises ConfigError with every problem of the file, the overlay and the secrets at once. A command
    that must run without them (doctor) passes *require_channel_secrets* False: a missing secret is
    then no problem, a malformed one still is.
    """
    values = _parse(path)
    origins, problems = _overlay(values, environ)
    config, bad, wrong = _validate(values, origins)
    problems += [*wrong, *_contradictions(config, bad), *reminder_problems(values.get("reminder"))]
    reader = _SecretReader(environ, bad, required=require_channel_secrets)
    settings = Settings.model_construct(
        **{name: getattr(config, name) for name in ConfigFile.model_fields},
        wecom_secrets=reader.channel("wecom", config.wecom),
        official_account_secrets=reader.channel("official_account", config.official_account),
        aibot_secret=reader.aibot(config.aibot),
        group_robot_keys=reader.robots(config.group_robot),
    )
    if config.storage.url.startswith("postgres") or reader.is_set(config.server.secret_env):
        reader.signing_key("secret_env", config.server.secret_env)
    reader.signing_key("previous_secret_env", config.server.previous_secret_env)
    problems += reader.problems
    if problems:
        raise ConfigError(tuple(dict.fromkeys(problems)))
    return settings


def signing_key(settings: Settings, environ: Mapping[str, str]) -> SigningKeys:
    """The signing keys: from the environment, else (SQLite only) made once as data/secret, mode 0600.

    Raises ConfigError when one is weak, when PostgreSQL has none, or when others can read the file.
    """
    server = settings.server
    reader = _SecretReader(environ, frozenset(), required=True)
    previous = reader.signing_key("previous_secret_env", server.previous_secret_env)
    current: SecretStr | None
    if settings.sqlite_path and not reader.is_set(server.secret_env):
        current = _kept_key(settings.data_dir / "secret")
    else:
        current = reader.signing_key("secret_env", server.secret_env)
    if reader.problems or current is None:
        raise ConfigError(tuple(reader.problems))
    return SigningKeys(current, previous)


def secret_states(settings: Settings, environ: Mapping[str, str]) -> tuple[tuple[str, bool], ...]:
    """(name of the variable, is it set) for every secret the enabled parts need; never a value."""
    names = [settings.server.secret_env, settings.server.previous_secret_env]
    for channel in (settings.wecom, settings.official_account):
        if channel.enabled:
            names += [
                channel.secret_env,
                channel.token_env,
                channel.aes_key_env,
                channel.previous_aes_key_env,
            ]
    if settings.aibot.enabled:
        names.append(settings.aibot.secret_env)
    names += [robot.key_env for robot in settings.group_robot]
    reader = _SecretReader(environ, frozenset(), required=False)
    return tuple((name, reader.is_set(name)) for name in names if name)


def _why_unread(error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "没有这个文件"
    if isinstance(error, IsADirectoryError):
        return "这是文件夹，不是文件"
    return "没有权限读这个文件" if isinstance(error, PermissionError) else "读不到这个文件"


def _parse(path: Path) -> dict[str, Any]:
    text = ""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text)
    except OSError as error:
        raise ConfigError((f"{path}：{_why_unread(error)}。请看 --config 写得对不对",)) from None
    except UnicodeDecodeError:
        raise ConfigError((f"{path.name}：不是 UTF-8 编码，请另存为 UTF-8",)) from None
    except tomllib.TOMLDecodeError as error:
        # The parser's words stay out: they may quote the line, and with it a pasted secret.
        at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        where = f"第 {at[1]} 行第 {at[2]} 列" if at else f"第 {len(text.splitlines())} 行"
        is_twice = "overwrite" in str(error) or "twice" in str(error)
        what = "这一键或这一节写了两次" if is_twice else "TOML 写法有误（文字要加引号，一行一个 键 = 值）"
        raise ConfigError((f"{path.name} {where}：{what}",)) from None


Origins = dict[tuple[str, str], str]
Bad = frozenset[tuple[str, str]]


def _overlay(values: dict[str, Any], environ: Mapping[str, str]) -> tuple[Origins, list[str]]:
    """Lay QIYUE_SECTION__KEY over *values*; which variable set which key, and what is wrong with them."""
    origins: Origins = {}
    problems: list[str] = []
    for variable, raw in sorted(environ.items()):
        section, found, key = variable.removeprefix(OVERLAY_PREFIX).lower().partition("__")
        if not variable.startswith(OVERLAY_PREFIX) or not found:
            continue
        model = _section_model(section)
        if model is None and section in ConfigFile.model_fields:
            problems.append(f"环境变量 {variable}：[[{section}]] 只能写在文件里")
        elif model is None:
            problems.append(
                f"环境变量 {variable}：没有 [{section}] 这一节{_nearest(section, _single_sections())}"
            )
        elif key not in model.model_fields:
            problems.append(
                f"环境变量 {variable}：[{section}] 没有 {key} 这一项{_nearest(key, model.model_fields)}"
            )
        elif isinstance(values.setdefault(section, {}), dict):
            values[section][key] = _overlay_value(model, key, raw)
            origins[section, key] = variable
    return origins, problems


def _overlay_value(model: type[Section], key: str, raw: str) -> object:
    """The variable's text as the key's type: text stays text, all else is read as a TOML value."""
    default = model.model_fields[key].default
    if isinstance(default, tuple) and not raw.lstrip().startswith("["):
        return [_toml_value(part.strip()) for part in raw.split(",") if part.strip()]
    return raw if isinstance(default, (str, time, timedelta)) else _toml_value(raw)


def _toml_value(raw: str) -> object:
    try:
        return tomllib.loads(f"value = {raw}")["value"]
    except tomllib.TOMLDecodeError:
        return raw


def _section_model(name: str) -> type[Section] | None:
    field = ConfigFile.model_fields.get(name)
    model = field.annotation if field else None
    return model if isinstance(model, type) and issubclass(model, Section) else None


def _single_sections() -> list[str]:
    return [name for name in ConfigFile.model_fields if _section_model(name)]


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, [*known], n=1, cutoff=0.5)
    return f"，是不是 {near[0]}？" if near else ""


def _validate(values: dict[str, Any], origins: Origins) -> tuple[ConfigFile, Bad, list[str]]:
    """The file as a model (bad keys at their defaults), the keys that are bad, a line for each."""
    try:
        return ConfigFile.model_validate(values), frozenset(), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    bad = {(str(detail["loc"][0]), str((*detail["loc"], "")[1])) for detail in details}
    good: dict[str, Any] = {}
    for section, content in values.items():
        if isinstance(content, dict):
            good[section] = {key: value for key, value in content.items() if (section, key) not in bad}
        elif not any(section == name for name, _ in bad):
            good[section] = content
    known = {name: content for name, content in good.items() if (name, "") not in bad}
    return ConfigFile.model_validate(known), frozenset(bad), [_line(detail, origins) for detail in details]


def _line(detail: ErrorDetails, origins: Origins) -> str:
    section, *path = detail["loc"]
    key = str(path[0]) if path else ""
    known = ConfigFile.model_fields
    if detail["type"] == "extra_forbidden" and not path:
        return f"[{section}]：没有这一节{_nearest(str(section), known)}"
    where = _where(str(section), path)
    if variable := origins.get((str(section), key)):
        where = f"{where}（环境变量 {variable}）"
    if detail["type"] == "extra_forbidden":
        return f"{where}：没有这一项{_hint(str(section), str(path[-1]))}"
    if detail["type"] == "tuple_type" and not path:
        return f"[{section}]：请写成 [[{section}]]，可以有几个"
    return f"{where}：{_reason(detail)}"


def _where(section: str, path: Sequence[int | str]) -> str:
    """The place as the file shows it: [section] key, with counted entries where there are several."""
    numbers = [f"第 {part + 1} 项" for part in path if isinstance(part, int)]
    names = [part for part in path if isinstance(part, str)]
    if _section_model(section) is None and section in ConfigFile.model_fields:
        return " ".join([f"[[{section}]]", *numbers[:1], *names, *numbers[1:]])
    return " ".join([f"[{section}]", *names, *numbers])


def _hint(section: str, key: str) -> str:
    if key in ("secret", "token", "aes_key", "encoding_aes_key", "key", "corp_secret", "password"):
        return "，密钥不写进配置文件，放进环境变量，这里用 …_env 写变量的名字"
    several: dict[str, type[Section]] = {
        "group_robot": GroupRobotSection,
        "reminder": ReminderSection,
        "holidays": HolidaysSection,
    }
    model = _section_model(section) or several[section]
    return _nearest(key, model.model_fields)


def _reason(detail: ErrorDetails) -> str:
    kind, ctx = detail["type"], detail.get("ctx", {})
    if kind == "literal_error":
        return f"只能是 {ctx['expected'].replace(' or ', '、').replace(', ', '、').replace(chr(39), '')}"
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(next(iter(ctx.values())))
    if kind == "qiyue":
        return detail["msg"]
    return _REASONS.get(kind, "值的写法不对")


_BOUNDS = {"greater_than_equal": "不能小于 {}", "less_than_equal": "不能大于 {}"}
_REASONS = {
    "missing": "必须填写",
    "int_type": "应为整数，不加引号",
    "bool_type": "应为 true 或 false，不加引号",
    "string_type": "应为文字，加引号",
    "string_too_short": "不能是空的",
    "string_too_long": "太长了",
    "tuple_type": '应为列表，例如 ["甲", "乙"]',
    "dict_type": "应为一节",
    "model_type": "应为一节，不是一个值",
    "model_attributes_type": "应为一节，不是一个值",
}


def _contradictions(config: ConfigFile, bad: Bad) -> list[str]:
    """What each key allows but all together do not."""
    wecom, account, checkin, ratings = config.wecom, config.official_account, config.checkin, config.ratings
    names = [robot.name for robot in config.group_robot]
    found = (
        ("wecom", "corp_id", wecom.enabled and not wecom.corp_id, "企业微信已启用，必须填写企业 ID"),
        (
            "wecom",
            "agent_id",
            wecom.enabled and wecom.agent_id is None,
            "企业微信已启用，必须填写应用的 AgentId",
        ),
        (
            "official_account",
            "app_id",
            account.enabled and not account.app_id,
            "公众号已启用，必须填写 AppID",
        ),
        (
            "aibot",
            "bot_id",
            config.aibot.enabled and not config.aibot.bot_id,
            "智能机器人已启用，必须填写 BotID",
        ),
        (
            "checkin",
            "late_after_min",
            checkin.late_after_min > checkin.closes_min_after,
            "不能晚于 closes_min_after（签到关闭）",
        ),
        ("ratings", "threshold", ratings.threshold not in ratings.scale, "必须是 scale 里的一个等级"),
        (
            "official_account",
            "mode",
            account.mode == "plain" and config.server.host not in ("127.0.0.1", "::1", "localhost"),
            "plain 只能用在本机（[server] host 为 127.0.0.1）",
        ),
        ("group_robot", "name", len(set(names)) < len(names), "两个群机器人用了同一个名字"),
    )
    return [
        f"[{section}] {key}：{text}"
        for section, key, is_wrong, text in found
        if is_wrong and (section, key) not in bad
    ]


class _SecretReader:
    """Takes secrets from the environment or from the file it names, and notes what is wrong."""

    def __init__(self, environ: Mapping[str, str], bad: Bad, *, required: bool) -> None:
        self.problems: list[str] = []
        self._environ, self._bad, self._required = environ, bad, required

    def is_set(self, variable: str) -> bool:
        return bool(self._environ.get(variable) or self._environ.get(f"{variable}_FILE"))

    def channel(self, section: str, channel: WecomSection | OfficialAccountSection) -> ChannelSecrets | None:
        if not channel.enabled:
            return None
        secret = self.value(section, "secret_env", channel.secret_env)
        token = self.value(section, "token_env", channel.token_env)
        aes_key = self.value(section, "aes_key_env", channel.aes_key_env)
        previous = self.optional(section, "previous_aes_key_env", channel.previous_aes_key_env)
        self._check(token, TOKEN, section, "token_env", channel.token_env, "应为 3 到 32 位字母、数字")
        shape = "应为 43 位字母、数字"
        self._check(aes_key, AES_KEY, section, "aes_key_env", channel.aes_key_env, shape)
        self._check(previous, AES_KEY, section, "previous_aes_key_env", channel.previous_aes_key_env, shape)
        if secret is None or token is None or aes_key is None:
            return None
        return ChannelSecrets(secret, token, aes_key, previous)

    def aibot(self, aibot: AibotSection) -> SecretStr | None:
        return self.value("aibot", "secret_env", aibot.secret_env) if aibot.enabled else None

    def robots(self, robots: Iterable[GroupRobotSection]) -> dict[str, SecretStr]:
        found = {}
        for robot in robots:
            where = f"{robot.name} key_env"
            found[robot.name] = key = self.value("group_robot", where, robot.key_env)
            rule = "应为 Webhook 网址里 key= 后面的那一段，不是整个网址"
            self._check(key, ROBOT_KEY, "group_robot", where, robot.key_env, rule)
        return {name: key for name, key in found.items() if key is not None}

    def signing_key(self, key: str, variable: str) -> SecretStr | None:
        found = (
            self.optional("server", key, variable)
            if key.startswith("previous")
            else self.value("server", key, variable)
        )
        if found is not None and _is_weak(found.get_secret_value()):
            self._say(
                "server", key, f"环境变量 {variable} 太弱，至少要 {MIN_SIGNING_KEY_CHARACTERS} 个随机字符"
            )
        return found

    def optional(self, section: str, key: str, variable: str) -> SecretStr | None:
        return self.value(section, key, variable) if variable else None

    def value(self, section: str, key: str, variable: str) -> SecretStr | None:
        """The secret that *variable* (or the file in *variable*_FILE) holds; None, and noted, when it has none."""
        if (section, key) in self._bad:
            return None
        if not variable:
            self._say(section, key, "必须填写环境变量的名字")
            return None
        direct, file = self._environ.get(variable, ""), self._environ.get(f"{variable}_FILE", "")
        if direct and file:
            self._say(section, key, f"{variable} 和 {variable}_FILE 只能设置一个")
            return None
        text = self._from_file(section, key, variable, Path(file)) if file else direct
        if text == "" and self._required:
            self._say(section, key, f"环境变量 {variable} 没有设置")
        return SecretStr(text) if text else None

    def _from_file(self, section: str, key: str, variable: str, path: Path) -> str | None:
        try:
            if path.stat().st_mode & stat.S_IROTH:
                self._say(section, key, f"{variable}_FILE 指的文件谁都能读，请先 chmod 600")
                return None
            return path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            self._say(section, key, f"读不到 {variable}_FILE 指的文件")
            return None

    def _check(
        self,
        secret: SecretStr | None,
        shape: re.Pattern[str],
        section: str,
        key: str,
        variable: str,
        rule: str,
    ) -> None:
        if secret is not None and not shape.fullmatch(secret.get_secret_value()):
            self._say(section, key, f"环境变量 {variable} 的值不对，{rule}")

    def _say(self, section: str, key: str, text: str) -> None:
        self.problems.append(f"[{section}] {key}：{text}")


def _is_weak(key: str) -> bool:
    return len(key) < MIN_SIGNING_KEY_CHARACTERS or len(set(key)) < 10


def _kept_key(path: Path) -> SecretStr:
    """The key in *path*, made now (mode 0600) if there is none; two processes starting at once agree."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"secret.{os.getpid()}.new")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its key holds
            os.link(draft, path)
        draft.unlink()
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError((f"{path}：签名密钥别人也能读，请先 chmod 600",))
    key = path.read_text("utf-8").strip()
    if _is_weak(key):
        raise ConfigError((f"{path}：签名密钥太短；删掉这个文件会重新生成（旧链接随之失效）",))
    return SecretStr(key)
