"""What config.toml may say: every section, key, default and shape; frozen. Only config.py imports it."""

# ruff: noqa: S105 - the defaults are names of environment variables, not secrets

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

REMINDERS = Path(__file__).parent / "messages" / "reminder"
EARLIEST = timedelta(days=30)
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def _wrong(text: str) -> PydanticCustomError:
    return PydanticCustomError("qiyue", "{text}", {"text": text})


def _clock_time(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        return time.fromisoformat(value)
    if isinstance(value, time):
        return value
    raise _wrong('应为带引号的钟点，例如 "09:07"')


def _day(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _only_day(value)
    except ValueError:
        raise _wrong('应为日期，例如 "2027-10-01"') from None


def _only_day(value: object) -> date:
    """TOML may give a day without quotes; a day with an hour is none."""
    if type(value) is date:
        return value
    raise ValueError(value)


def _offset(value: str) -> str:
    if re.fullmatch(r"(0|-[1-9]\d?)d ([01]?\d|2[0-3]):[0-5]\d|-[1-9]\d{0,3}[mh]", value):
        if _longest_ahead(value) > EARLIEST:
            raise _wrong(f"太早了，最多提前 {EARLIEST.days} 天")
        return value
    raise _wrong('应为 "-1d 20:07"（前一天的钟点）或 "-27m"、"-2h"（提前多久）')


def _longest_ahead(offset: str) -> timedelta:
    number = int(offset.split("d")[0].rstrip("mh").removeprefix("-"))
    unit = {"m": "minutes", "h": "hours"}.get(offset[-1], "days")
    return timedelta(**{unit: number})


def _template(value: str) -> str:
    """The name of a reminder's words; other templates need values that a reminder does not have."""
    if not re.fullmatch(r"[a-z_]+/[a-z0-9_]+", value):
        raise _wrong('应为模板名，例如 "reminder/evening_before"')
    known = sorted(f"reminder/{path.stem}" for path in REMINDERS.glob("[!_]*.j2"))
    if value not in known:
        raise _wrong(f"没有这个模板，可以用 {'、'.join(known)}")
    return value


def _reminder_name(value: str) -> str:
    if value.strip() != value or not value or value == "untimed":  # untimed: the announcement's own key
        raise _wrong("应为一个短名字，前后没有空格，也不能叫 untimed")
    return value


def _from_start(value: str) -> str:
    if re.fullmatch(r"[+-]?\d{1,4}[mh]", value):
        return value
    raise _wrong('应为离开始多久，例如 "0m"、"-5m"、"+10m"')


def _duration(value: object) -> object:
    if isinstance(value, str) and (parts := re.fullmatch(r"([1-9]\d{0,4})([mhd])", value)):
        unit = {"m": "minutes", "h": "hours", "d": "days"}[parts[2]]
        return timedelta(**{unit: int(parts[1])})
    raise _wrong('应为时长，例如 "30m"、"6h"、"1d"')


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise _wrong('没有这个时区，例如 "Asia/Shanghai"')
    return value


def _network(value: str) -> str:
    try:
        ip_network(value, strict=False)
    except ValueError:
        raise _wrong('应为 IP 或网段，例如 "127.0.0.1" 或 "10.0.0.0/8"') from None
    return value


def _address(*schemes: str, may_be_empty: bool = False) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not value and may_be_empty:
            return value
        try:
            parts = urlsplit(value)
            is_good = parts.scheme in schemes and bool(parts.hostname) and not parts.query
        except ValueError:
            is_good = False
        if not is_good:
            raise _wrong("应为网址，以 " + " 或 ".join(f"{scheme}://" for scheme in schemes) + " 开头")
        return value.rstrip("/")

    return check


def _storage_url(value: str) -> str:
    if re.fullmatch(r"sqlite:///[^?#]+", value) or re.match(r"postgres(ql)?://.+", value):
        return value
    raise _wrong('应为 "sqlite:///文件" 或 "postgresql://…"')


def _variable(value: str) -> str:
    # Upper case only, so that a secret pasted here by mistake is not taken for a name and printed.
    if value and not re.fullmatch(r"[A-Z][A-Z0-9_]{0,63}", value):
        raise _wrong(
            '应为环境变量的名字（大写字母、数字、下划线），例如 "QIYUE_WECOM_SECRET"；密钥本身不要写在这里'
        )
    return value


def _weekday(value: object) -> object:
    if value not in WEEKDAYS:
        raise _wrong("应为 " + "、".join(WEEKDAYS) + " 之一")
    return WEEKDAYS.index(str(value))


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


ClockTime = Annotated[time, BeforeValidator(_clock_time)]
Day = Annotated[date, BeforeValidator(_day)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Variable = Annotated[str, AfterValidator(_variable)]
Url = Annotated[str, AfterValidator(_address("https", "http"))]
Words = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_listed)]
Minutes = Annotated[int, Field(ge=0, le=1440)]
SessionKind = Literal["group_meeting", "lecture", "talks", "report_day", "other"]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class ProgrammeSection(Section):
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    untimed_at: ClockTime = time(9, 7)
    gap_after: Duration = timedelta(minutes=1)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class ServerSection(Section):
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    public_url: Annotated[str, AfterValidator(_address("https", "http", may_be_empty=True))] = ""
    threads: Annotated[int, Field(ge=1, le=512)] = 64
    trusted_proxies: Annotated[
        tuple[Annotated[str, AfterValidator(_network)], ...], BeforeValidator(_listed)
    ] = ()
    secret_env: Variable = "QIYUE_SECRET"
    previous_secret_env: Variable = ""


class StorageSection(Section):
    url: Annotated[str, AfterValidator(_storage_url)] = "sqlite:///data/qiyue.db"
    uploads: Annotated[str, Field(min_length=1)] = "data/uploads"


class WecomSection(Section):
    enabled: bool = False
    corp_id: str = ""
    agent_id: Annotated[int, Field(ge=1)] | None = None
    secret_env: Variable = "QIYUE_WECOM_SECRET"
    token_env: Variable = "QIYUE_WECOM_TOKEN"
    aes_key_env: Variable = "QIYUE_WECOM_AES_KEY"
    previous_aes_key_env: Variable = ""
    api_base: Url = "https://qyapi.weixin.qq.com"
    cards: bool = False
    text_only: Words = ()


class OfficialAccountSection(Section):
    enabled: bool = False
    app_id: str = ""
    secret_env: Variable = "QIYUE_OFFICIAL_ACCOUNT_SECRET"
    token_env: Variable = "QIYUE_OFFICIAL_ACCOUNT_TOKEN"
    aes_key_env: Variable = "QIYUE_OFFICIAL_ACCOUNT_AES_KEY"
    previous_aes_key_env: Variable = ""
    mode: Literal["safe", "plain"] = "safe"
    api_base: Url = "https://api.weixin.qq.com"
    templates: dict[str, str] = Field(default_factory=dict)


class GroupRobotSection(Section):
    name: Annotated[str, Field(min_length=1)]
    key_env: Variable
    groups: Words = ()
    api_base: Url = "https://qyapi.weixin.qq.com"


class AibotSection(Section):
    enabled: bool = False
    bot_id: str = ""
    secret_env: Variable = "QIYUE_AIBOT_SECRET"
    url: Annotated[str, AfterValidator(_address("wss", "ws"))] = "wss://openws.work.weixin.qq.com"


class CheckinSection(Section):
    proof: Literal["none", "code", "grid", "qr"] = "none"
    opens_min_before: Minutes = 15
    late_after_min: Minutes = 5
    closes_min_after: Minutes = 30
    rotate_s: Annotated[int, Field(ge=5, le=300)] = 20
    opens_by_itself: bool = False
    recheck_min: Annotated[int, Field(ge=0, le=60)] = 0
    signals: bool = False


class AttendanceSection(Section):
    guarantee_cohorts: Words = ("研0", "研1")
    leave_cohorts: Words = ("研0", "研1")
    leave_min_before: Minutes = 0
    explain_within_days: Annotated[int, Field(ge=0, le=60)] = 3
    summary_after: Duration = timedelta(minutes=5)


class SubmissionSection(Section):
    min_pages: Annotated[int, Field(ge=1, le=1000)] = 20
    max_mb: Annotated[int, Field(ge=1, le=500)] = 50
    types: Annotated[tuple[Literal["pdf", "docx", "pptx", "xlsx", "zip"], ...], BeforeValidator(_listed)] = (
        "pdf",
        "docx",
        "pptx",
    )


class TalksSection(Section):
    slot_min: Annotated[int, Field(ge=1, le=240)] = 10


class RatingsSection(Section):
    scale: Words = ("优", "良", "中", "差")
    threshold: str = "良"


class QuietSection(Section):
    start: ClockTime = time(22, 30)
    end: ClockTime = time(7, 30)
    avoid_minutes: Annotated[tuple[Annotated[int, Field(ge=0, le=59)], ...], BeforeValidator(_listed)] = (
        0,
        30,
    )


class ReminderSection(Section):
    """*weekdays* counts Monday as 0; empty *weekdays* or *kinds* mean every one."""

    name: Annotated[str, Field(max_length=40), AfterValidator(_reminder_name)]
    offset: Annotated[str, AfterValidator(_offset)]
    template: Annotated[str, AfterValidator(_template)]
    kinds: Annotated[tuple[SessionKind, ...], BeforeValidator(_listed)] = ()
    weekdays: Annotated[tuple[Annotated[int, BeforeValidator(_weekday)], ...], BeforeValidator(_listed)] = ()
    audience: Literal["obliged", "everyone", "speakers", "leads", "mentors", "admins"] = "obliged"
    useless_after: Annotated[str, AfterValidator(_from_start)] = "0m"

    @property
    def useless_after_s(self) -> int:
        """Seconds from the start of the session; negative before it."""
        return int(self.useless_after[:-1]) * (3600 if self.useless_after.endswith("h") else 60)

    @property
    def ahead_s(self) -> int | None:
        """Seconds before the start of the session; None for a clock time on some day."""
        if self.offset[-1] not in "mh":
            return None
        return -int(self.offset[:-1]) * (3600 if self.offset.endswith("h") else 60)


def reminder_problems(written: object) -> list[str]:
    """Reminders that share a name (their sendings would count as one), or end before they begin."""
    entries = (
        [entry if isinstance(entry, dict) else {} for entry in written] if isinstance(written, list) else []
    )
    first: dict[str, int] = {}
    found: list[str] = []
    for number, entry in enumerate(entries, start=1):
        name = entry.get("name")
        if isinstance(name, str) and first.setdefault(name, number) != number:
            found.append(f"[[reminder]] 第 {number} 项 name：和第 {first[name]} 项同名")
        with suppress(ValidationError):
            rule = ReminderSection.model_validate(entry)
            if rule.ahead_s is not None and rule.useless_after_s <= -rule.ahead_s:
                found.append(f"[[reminder]] 第 {number} 项 useless_after：比 offset 还早，永远不会发出")
    return found


class HolidaysSection(Section):
    """One holiday: its first and last day, and the weekend days worked in its stead (调休)."""

    name: Annotated[str, Field(min_length=1)]
    first: Day
    last: Day | None = None
    makeup: Annotated[tuple[Day, ...], BeforeValidator(_listed)] = ()

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if not self.first <= self.until <= self.first + timedelta(days=60):
            raise _wrong("last 要在 first 之后，最多 60 天")
        return self

    @property
    def until(self) -> date:
        return self.last or self.first


class AdminsSection(Section):
    userids: Words = ()


class LimitsSection(Section):
    per_person_a_minute: Annotated[int, Field(ge=1, le=10_000)] = 20
    per_ip_a_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 600


class LogSection(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "text"] = "json"


class BackupSection(Section):
    every: Duration = timedelta(days=1)
    keep: Annotated[int, Field(ge=1, le=1000)] = 14
    dir: Annotated[str, Field(min_length=1)] = "data/backups"


class ConfigFile(Section):
    """What config.toml may say."""

    programme: ProgrammeSection = ProgrammeSection()
    server: ServerSection = ServerSection()
    storage: StorageSection = StorageSection()
    wecom: WecomSection = WecomSection()
    official_account: OfficialAccountSection = OfficialAccountSection()
    group_robot: Annotated[tuple[GroupRobotSection, ...], BeforeValidator(_listed)] = ()
    aibot: AibotSection = AibotSection()
    checkin: CheckinSection = CheckinSection()
    attendance: AttendanceSection = AttendanceSection()
    submission: SubmissionSection = SubmissionSection()
    talks: TalksSection = TalksSection()
    ratings: RatingsSection = RatingsSection()
    quiet: QuietSection = QuietSection()
    reminder: Annotated[tuple[ReminderSection, ...], BeforeValidator(_listed)] = ()
    holidays: Annotated[tuple[HolidaysSection, ...], BeforeValidator(_listed)] = ()
    admins: AdminsSection = AdminsSection()
    limits: LimitsSection = LimitsSection()
    log: LogSection = LogSection()
    backup: BackupSection = BackupSection()


@dataclass(frozen=True)
class ChannelSecrets:
    secret: SecretStr
    token: SecretStr
    aes_key: SecretStr
    previous_aes_key: SecretStr | None = None


@dataclass(frozen=True)
class SigningKeys:
    """What links, codes and feeds are signed with; the previous one is accepted for a grace time."""

    current: SecretStr
    previous: SecretStr | None = None


class Settings(ConfigFile):
    """The file, the environment's overlay, and the secrets of every enabled channel."""

    wecom_secrets: ChannelSecrets | None = None
    official_account_secrets: ChannelSecrets | None = None
    aibot_secret: SecretStr | None = None
    group_robot_keys: Mapping[str, SecretStr] = Field(default_factory=dict)

    @property
    def sqlite_path(self) -> Path | None:
        """The SQLite file, or None when the storage is PostgreSQL."""
        url = self.storage.url
        return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:") else None

    @property
    def data_dir(self) -> Path:
        """Where the database, the signing key and the lock file of this deployment live."""
        return self.sqlite_path.parent if self.sqlite_path else Path(self.storage.uploads).parent
