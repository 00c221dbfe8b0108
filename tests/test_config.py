"""What config.toml and the environment may say, and what a wrong one is told."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from datetime import date, time, timedelta
from pathlib import Path

import pytest

import config
from config import ConfigError, ConfigFile, Settings

SHIPPED = Path(__file__).parents[1] / "config.toml"
AES_KEY = "Qm7Zx1Lk9Vb3Tn5Rp8Wd2Yc6Hf4Jg0Sa1Ue3Io5Pq7M"
STRONG = "k3J9-xQ7_mV2pL8sT4wZ6yB1nC5dF0gH"
WECOM = '[wecom]\nenabled = true\ncorp_id = "ww0a1b2c3d4e5f6789"\nagent_id = 1000002\n'
WECOM_ENVIRON = {
    "QIYUE_WECOM_SECRET": "corp-secret-value",
    "QIYUE_WECOM_TOKEN": "labtoken",
    "QIYUE_WECOM_AES_KEY": AES_KEY,
}


def read(tmp_path: Path, text: str, environ: Mapping[str, str] | None = None) -> Settings:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    return config.load(path, environ or {})


def problems_of(tmp_path: Path, text: str, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text, environ)
    return caught.value.problems


def test_the_shipped_file_says_exactly_the_defaults_plus_three_reminders(tmp_path: Path) -> None:
    shipped = config.load(SHIPPED, {})

    assert shipped.model_copy(update={"reminder": ()}) == read(tmp_path, "")
    assert [reminder.name for reminder in shipped.reminder] == ["前一晚", "开始前", "主讲"]


def test_the_shipped_file_names_every_section(tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8")

    missing = [name for name in ConfigFile.model_fields if f"[{name}]" not in text]

    assert missing == []


def test_a_holiday_has_days_and_the_weekends_worked_instead(tmp_path: Path) -> None:
    text = '[[holidays]]\nname = "国庆节"\nfirst = "2027-10-01"\nlast = 2027-10-07\nmakeup = ["2027-10-09"]\n'

    [holiday] = read(tmp_path, text).holidays

    assert (holiday.first, holiday.until, holiday.makeup) == (
        date(2027, 10, 1),
        date(2027, 10, 7),
        (date(2027, 10, 9),),
    )


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('first = "10-01"', '[[holidays]] 第 1 项 first：应为日期，例如 "2027-10-01"'),
        ("first = 2027-10-01T08:00:00", '[[holidays]] 第 1 项 first：应为日期，例如 "2027-10-01"'),
        (
            'first = "2027-10-07"\nlast = "2027-10-01"',
            "[[holidays]] 第 1 项：last 要在 first 之后，最多 60 天",
        ),
        (
            'first = "2027-10-01"\nlast = "2207-10-07"',
            "[[holidays]] 第 1 项：last 要在 first 之后，最多 60 天",
        ),
        ('first = "2027-10-01"\nmakup = []', "[[holidays]] 第 1 项 makup：没有这一项，是不是 makeup？"),
        (
            'first = "2027-10-01"\nmakeup = ["周六"]',
            '[[holidays]] 第 1 项 makeup 第 1 项：应为日期，例如 "2027-10-01"',
        ),
    ],
)
def test_a_holiday_that_makes_no_sense_is_named(tmp_path: Path, lines: str, problem: str) -> None:
    assert problems_of(tmp_path, f'[[holidays]]\nname = "国庆节"\n{lines}\n') == (problem,)


def test_times_and_durations_are_values_not_text(tmp_path: Path) -> None:
    shipped = config.load(SHIPPED, {})

    assert shipped.programme.untimed_at == time(9, 7)
    assert shipped.backup.every == timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "seconds"), [("0m", 0), ("-5m", -300), ("+10m", 600), ("90m", 5400), ("-2h", -7200)]
)
def test_a_reminder_says_how_long_it_is_of_use_and_on_which_weekdays(
    tmp_path: Path, text: str, seconds: int
) -> None:
    entry = f'name = "前"\noffset = "0d 08:07"\ntemplate = "reminder/soon"\nuseless_after = "{text}"\n'
    reminder = read(tmp_path, f'[[reminder]]\n{entry}weekdays = ["周一", "周日"]\n').reminder[0]

    assert (reminder.useless_after_s, reminder.weekdays) == (seconds, (0, 6))


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = read(tmp_path, "")

    with pytest.raises(ValueError, match="frozen"):
        settings.server.port = 1


@pytest.mark.parametrize(
    ("variable", "value", "section", "key", "expected"),
    [
        ("QIYUE_SERVER__PORT", "9000", "server", "port", 9000),
        ("QIYUE_SERVER__HOST", "::", "server", "host", "::"),
        (
            "QIYUE_SERVER__TRUSTED_PROXIES",
            "10.0.0.1, 10.1.0.0/16",
            "server",
            "trusted_proxies",
            ("10.0.0.1", "10.1.0.0/16"),
        ),
        ("QIYUE_PROGRAMME__UNTIMED_AT", "08:13", "programme", "untimed_at", time(8, 13)),
        ("QIYUE_WECOM__CORP_ID", "1234", "wecom", "corp_id", "1234"),
        ("QIYUE_WECOM__AGENT_ID", "1000002", "wecom", "agent_id", 1000002),
        ("QIYUE_ADMINS__USERIDS", "zhang,li", "admins", "userids", ("zhang", "li")),
        ("QIYUE_ADMINS__USERIDS", '["zhang", "li"]', "admins", "userids", ("zhang", "li")),
        ("QIYUE_QUIET__AVOID_MINUTES", "0,15,30,45", "quiet", "avoid_minutes", (0, 15, 30, 45)),
        ("QIYUE_BACKUP__EVERY", "6h", "backup", "every", timedelta(hours=6)),
        ("QIYUE_CHECKIN__PROOF", "grid", "checkin", "proof", "grid"),
    ],
)
def test_the_environment_lies_over_the_file(
    tmp_path: Path, variable: str, value: str, section: str, key: str, expected: object
) -> None:
    settings = read(tmp_path, '[server]\nport = 8001\nhost = "::1"\n', {variable: value})

    assert getattr(getattr(settings, section), key) == expected


def test_other_variables_are_left_alone(tmp_path: Path) -> None:
    settings = read(tmp_path, "", {"QIYUE_HOME": "/x", "PATH": "/bin", "QIYUE_WECOM_SECRET": "unused"})

    assert settings == read(tmp_path, "")


def test_secrets_come_from_the_variables_that_the_file_names(tmp_path: Path) -> None:
    text = WECOM + 'token_env = "MY_TOKEN"\n'
    environ = {**WECOM_ENVIRON, "MY_TOKEN": "mine123"}

    settings = read(tmp_path, text, environ)

    assert settings.wecom_secrets is not None
    assert settings.wecom_secrets.token.get_secret_value() == "mine123"
    assert settings.wecom_secrets.aes_key.get_secret_value() == AES_KEY


def test_a_secret_may_lie_in_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from-a-file\n", "utf-8")
    file.chmod(0o600)
    environ = {k: v for k, v in WECOM_ENVIRON.items() if k != "QIYUE_WECOM_SECRET"}

    settings = read(tmp_path, WECOM, {**environ, "QIYUE_WECOM_SECRET_FILE": str(file)})

    assert settings.wecom_secrets is not None
    assert settings.wecom_secrets.secret.get_secret_value() == "from-a-file"


def test_a_channel_that_is_off_needs_no_secret(tmp_path: Path) -> None:
    settings = read(tmp_path, WECOM.replace("true", "false"))

    assert settings.wecom_secrets is None


def test_doctor_reads_on_without_secrets_and_sees_which_are_set(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(WECOM, "utf-8")
    environ = {"QIYUE_WECOM_TOKEN": "labtoken"}

    settings = config.load(path, environ, require_channel_secrets=False)

    assert config.secret_states(settings, environ) == (
        ("QIYUE_SECRET", False),
        ("QIYUE_WECOM_SECRET", False),
        ("QIYUE_WECOM_TOKEN", True),
        ("QIYUE_WECOM_AES_KEY", False),
    )


def test_no_secret_is_ever_printed(tmp_path: Path) -> None:
    settings = read(tmp_path, WECOM, WECOM_ENVIRON)

    shown = repr(settings) + str(settings)

    assert [value for value in WECOM_ENVIRON.values() if value in shown] == []


PASTED = "0123abcd-SECRET-not-a-name"

# One mutation of the file or the environment each, and the one line it must give.
MUTATIONS: list[tuple[str, dict[str, str], str]] = [
    ("[servr]\nport = 1", {}, "[servr]：没有这一节，是不是 server？"),
    ("[zzzzzz]\n", {}, "[zzzzzz]：没有这一节"),
    ("[server]\nprot = 1", {}, "[server] prot：没有这一项，是不是 port？"),
    ("[server]\nqqqqqq = 1", {}, "[server] qqqqqq：没有这一项"),
    ('[server]\nport = "8000"', {}, "[server] port：应为整数，不加引号"),
    ("[server]\nport = 8000.5", {}, "[server] port：应为整数，不加引号"),
    ("[server]\nport = true", {}, "[server] port：应为整数，不加引号"),
    ("[server]\nport = 0", {}, "[server] port：不能小于 1"),
    ("[server]\nport = 65536", {}, "[server] port：不能大于 65535"),
    ("[server]\nhost = 1", {}, "[server] host：应为文字，加引号"),
    ('[server]\nhost = ""', {}, "[server] host：不能是空的"),
    ("[server]\nthreads = 0", {}, "[server] threads：不能小于 1"),
    (
        '[server]\npublic_url = "bot.example"',
        {},
        "[server] public_url：应为网址，以 https:// 或 http:// 开头",
    ),
    ('[server]\ntrusted_proxies = "10.0.0.1"', {}, '[server] trusted_proxies：应为列表，例如 ["甲", "乙"]'),
    (
        '[server]\ntrusted_proxies = ["10.0.0.1", "nginx"]',
        {},
        '[server] trusted_proxies 第 2 项：应为 IP 或网段，例如 "127.0.0.1" 或 "10.0.0.0/8"',
    ),
    ("server = 3", {}, "[server]：应为一节，不是一个值"),
    (
        f'[server]\nsecret_env = "{PASTED}"',
        {},
        "[server] secret_env：应为环境变量的名字（大写字母、数字、下划线），"
        '例如 "QIYUE_WECOM_SECRET"；密钥本身不要写在这里',
    ),
    ("", {"QIYUE_SECRET": "short"}, "[server] secret_env：环境变量 QIYUE_SECRET 太弱，至少要 32 个随机字符"),
    ("", {"QIYUE_SECRET": "a" * 40}, "[server] secret_env：环境变量 QIYUE_SECRET 太弱，至少要 32 个随机字符"),
    ('[server]\nprevious_secret_env = "OLD"', {}, "[server] previous_secret_env：环境变量 OLD 没有设置"),
    ('[programme]\ntimezone = "Asia/Peking"', {}, '[programme] timezone：没有这个时区，例如 "Asia/Shanghai"'),
    (
        '[programme]\ntimezone = "../etc/passwd"',
        {},
        '[programme] timezone：没有这个时区，例如 "Asia/Shanghai"',
    ),
    ('[programme]\nuntimed_at = "9:07"', {}, '[programme] untimed_at：应为带引号的钟点，例如 "09:07"'),
    ('[programme]\nuntimed_at = "25:00"', {}, '[programme] untimed_at：应为带引号的钟点，例如 "09:07"'),
    ("[programme]\nuntimed_at = 9", {}, '[programme] untimed_at：应为带引号的钟点，例如 "09:07"'),
    ('[storage]\nurl = "mysql://x"', {}, '[storage] url：应为 "sqlite:///文件" 或 "postgresql://…"'),
    ('[storage]\nurl = "sqlite:///"', {}, '[storage] url：应为 "sqlite:///文件" 或 "postgresql://…"'),
    ('[storage]\nurl = "postgresql://u@h/d"', {}, "[server] secret_env：环境变量 QIYUE_SECRET 没有设置"),
    ('[storage]\nuploads = ""', {}, "[storage] uploads：不能是空的"),
    (
        WECOM.replace('corp_id = "ww0a1b2c3d4e5f6789"', ""),
        WECOM_ENVIRON,
        "[wecom] corp_id：企业微信已启用，必须填写企业 ID",
    ),
    (
        WECOM.replace("agent_id = 1000002", ""),
        WECOM_ENVIRON,
        "[wecom] agent_id：企业微信已启用，必须填写应用的 AgentId",
    ),
    (WECOM.replace("1000002", '"1000002"'), WECOM_ENVIRON, "[wecom] agent_id：应为整数，不加引号"),
    ('[wecom]\nenabled = "yes"', {}, "[wecom] enabled：应为 true 或 false，不加引号"),
    (
        WECOM,
        {**WECOM_ENVIRON, "QIYUE_WECOM_SECRET": ""},
        "[wecom] secret_env：环境变量 QIYUE_WECOM_SECRET 没有设置",
    ),
    (
        WECOM,
        {**WECOM_ENVIRON, "QIYUE_WECOM_TOKEN": "t" * 33},
        "[wecom] token_env：环境变量 QIYUE_WECOM_TOKEN 的值不对，应为 3 到 32 位字母、数字",
    ),
    (
        WECOM,
        {**WECOM_ENVIRON, "QIYUE_WECOM_TOKEN": "two words"},
        "[wecom] token_env：环境变量 QIYUE_WECOM_TOKEN 的值不对，应为 3 到 32 位字母、数字",
    ),
    (
        WECOM,
        {**WECOM_ENVIRON, "QIYUE_WECOM_AES_KEY": AES_KEY[:-1]},
        "[wecom] aes_key_env：环境变量 QIYUE_WECOM_AES_KEY 的值不对，应为 43 位字母、数字",
    ),
    (
        WECOM,
        {**WECOM_ENVIRON, "QIYUE_WECOM_AES_KEY": AES_KEY + "="},
        "[wecom] aes_key_env：环境变量 QIYUE_WECOM_AES_KEY 的值不对，应为 43 位字母、数字",
    ),
    (
        WECOM + 'previous_aes_key_env = "OLD_KEY"',
        {**WECOM_ENVIRON, "OLD_KEY": "short"},
        "[wecom] previous_aes_key_env：环境变量 OLD_KEY 的值不对，应为 43 位字母、数字",
    ),
    (
        WECOM + 'previous_aes_key_env = "OLD_KEY"',
        WECOM_ENVIRON,
        "[wecom] previous_aes_key_env：环境变量 OLD_KEY 没有设置",
    ),
    (WECOM + 'token_env = ""', WECOM_ENVIRON, "[wecom] token_env：必须填写环境变量的名字"),
    (
        WECOM,
        {**WECOM_ENVIRON, "QIYUE_WECOM_SECRET_FILE": "/x"},
        "[wecom] secret_env：QIYUE_WECOM_SECRET 和 QIYUE_WECOM_SECRET_FILE 只能设置一个",
    ),
    (
        WECOM,
        {**WECOM_ENVIRON, "QIYUE_WECOM_SECRET": "", "QIYUE_WECOM_SECRET_FILE": "/nowhere/at/all"},
        "[wecom] secret_env：读不到 QIYUE_WECOM_SECRET_FILE 指的文件",
    ),
    (
        f'[wecom]\nsecret = "{PASTED}"',
        {},
        "[wecom] secret：没有这一项，密钥不写进配置文件，放进环境变量，这里用 …_env 写变量的名字",
    ),
    ('[wecom]\napi_base = "ftp://x"', {}, "[wecom] api_base：应为网址，以 https:// 或 http:// 开头"),
    ('[official_account]\nmode = "clear"', {}, "[official_account] mode：只能是 safe、plain"),
    (
        '[official_account]\nmode = "plain"\n[server]\nhost = "0.0.0.0"',
        {},
        "[official_account] mode：plain 只能用在本机（[server] host 为 127.0.0.1）",
    ),
    ('[[group_robot]]\nname = "全体群"', {}, "[[group_robot]] 第 1 项 key_env：必须填写"),
    (
        '[[group_robot]]\nname = "全体群"\nkey_env = "ROBOT_KEY"',
        {},
        "[group_robot] 全体群 key_env：环境变量 ROBOT_KEY 没有设置",
    ),
    (
        '[[group_robot]]\nname = "全体群"\nkey_env = "ROBOT_KEY"',
        {"ROBOT_KEY": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0d5e6c1a"},
        "[group_robot] 全体群 key_env：环境变量 ROBOT_KEY 的值不对，"
        "应为 Webhook 网址里 key= 后面的那一段，不是整个网址",
    ),
    ('[group_robot]\nname = "全体群"', {}, "[group_robot]：请写成 [[group_robot]]，可以有几个"),
    (
        "[aibot]\nenabled = true",
        {"QIYUE_AIBOT_SECRET": "s"},
        "[aibot] bot_id：智能机器人已启用，必须填写 BotID",
    ),
    ('[aibot]\nurl = "https://x"', {}, "[aibot] url：应为网址，以 wss:// 或 ws:// 开头"),
    ('[checkin]\nproof = "face"', {}, "[checkin] proof：只能是 none、code、grid、qr"),
    ("[checkin]\nopens_min_before = -1", {}, "[checkin] opens_min_before：不能小于 0"),
    ("[checkin]\nlate_after_min = 45", {}, "[checkin] late_after_min：不能晚于 closes_min_after（签到关闭）"),
    ("[checkin]\nrotate_s = 1", {}, "[checkin] rotate_s：不能小于 5"),
    ("[attendance]\nguarantee_cohorts = [1]", {}, "[attendance] guarantee_cohorts 第 1 项：应为文字，加引号"),
    ('[submission]\ntypes = ["exe"]', {}, "[submission] types 第 1 项：只能是 pdf、docx、pptx、xlsx、zip"),
    ('[ratings]\nthreshold = "优秀"', {}, "[ratings] threshold：必须是 scale 里的一个等级"),
    ("[quiet]\navoid_minutes = [60]", {}, "[quiet] avoid_minutes 第 1 项：不能大于 59"),
    (
        '[[reminder]]\nname = "前"\noffset = "soon"\ntemplate = "reminder/soon"',
        {},
        '[[reminder]] 第 1 项 offset：应为 "-1d 20:07"（前一天的钟点）或 "-27m"、"-2h"（提前多久）',
    ),
    (
        '[[reminder]]\nname = "前"\noffset = "-27m"\ntemplate = "../x"',
        {},
        '[[reminder]] 第 1 项 template：应为模板名，例如 "reminder/evening_before"',
    ),
    (
        '[[reminder]]\nname = "前"\noffset = "-27m"\ntemplate = "reminder/soon"\nweekdays = ["周一", "Mon"]',
        {},
        "[[reminder]] 第 1 项 weekdays 第 2 项：应为 周一、周二、周三、周四、周五、周六、周日 之一",
    ),
    (
        '[[reminder]]\nname = "前"\noffset = "-27m"\ntemplate = "reminder/soon"\nofset = "x"',
        {},
        "[[reminder]] 第 1 项 ofset：没有这一项，是不是 offset？",
    ),
    (
        '[[reminder]]\nname = "前"\noffset = "-27m"\ntemplate = "reminder/soon"\nuseless_after = "never"',
        {},
        '[[reminder]] 第 1 项 useless_after：应为离开始多久，例如 "0m"、"-5m"、"+10m"',
    ),
    (
        '[[reminder]]\nname = "前"\noffset = "-27m"\ntemplate = "reminder/soonest"',
        {},
        "[[reminder]] 第 1 项 template：没有这个模板，可以用 "
        "reminder/evening_before、reminder/personal、reminder/soon、reminder/speaker、reminder/untimed",
    ),
    (
        '[[reminder]]\nname = "前"\noffset = "-27m"\ntemplate = "checkin/done"',
        {},
        "[[reminder]] 第 1 项 template：没有这个模板，可以用 "
        "reminder/evening_before、reminder/personal、reminder/soon、reminder/speaker、reminder/untimed",
    ),
    (
        '[[reminder]]\nname = "前"\noffset = "-0m"\ntemplate = "reminder/soon"',
        {},
        '[[reminder]] 第 1 项 offset：应为 "-1d 20:07"（前一天的钟点）或 "-27m"、"-2h"（提前多久）',
    ),
    (
        '[[reminder]]\nname = "前"\noffset = "-9000h"\ntemplate = "reminder/soon"',
        {},
        "[[reminder]] 第 1 项 offset：太早了，最多提前 30 天",
    ),
    (
        '[[reminder]]\nname = "前"\noffset = "-99d 20:07"\ntemplate = "reminder/soon"',
        {},
        "[[reminder]] 第 1 项 offset：太早了，最多提前 30 天",
    ),
    (
        '[[reminder]]\nname = " "\noffset = "-27m"\ntemplate = "reminder/soon"',
        {},
        "[[reminder]] 第 1 项 name：应为一个短名字，前后没有空格，也不能叫 untimed",
    ),
    (
        '[[reminder]]\nname = "前"\noffset = "-27m"\ntemplate = "reminder/soon"\nuseless_after = "-1h"',
        {},
        "[[reminder]] 第 1 项 useless_after：比 offset 还早，永远不会发出",
    ),
    ('[log]\nlevel = "loud"', {}, "[log] level：只能是 debug、info、warning、error"),
    ('[backup]\nevery = "daily"', {}, '[backup] every：应为时长，例如 "30m"、"6h"、"1d"'),
    ("", {"QIYUE_SERVER__PORT": "abc"}, "[server] port（环境变量 QIYUE_SERVER__PORT）：应为整数，不加引号"),
    (
        "",
        {"QIYUE_SERVER__PROT": "1"},
        "环境变量 QIYUE_SERVER__PROT：[server] 没有 prot 这一项，是不是 port？",
    ),
    ("", {"QIYUE_SERVR__PORT": "1"}, "环境变量 QIYUE_SERVR__PORT：没有 [servr] 这一节，是不是 server？"),
    ("", {"QIYUE_REMINDER__NAME": "1"}, "环境变量 QIYUE_REMINDER__NAME：[[reminder]] 只能写在文件里"),
    (
        "[server]\nport = = 1",
        {},
        "config.toml 第 2 行第 8 列：TOML 写法有误（文字要加引号，一行一个 键 = 值）",
    ),
    (
        f"[wecom]\nsecret_env = {PASTED}",
        {},
        "config.toml 第 2 行第 15 列：TOML 写法有误（文字要加引号，一行一个 键 = 值）",
    ),
    ("[server]\nport = 1\nport = 2", {}, "config.toml 第 3 行：这一键或这一节写了两次"),
    ("[server]\n[server]\n", {}, "config.toml 第 2 行第 8 列：这一键或这一节写了两次"),
    ('[server]\nhost = "abc', {}, "config.toml 第 2 行：TOML 写法有误（文字要加引号，一行一个 键 = 值）"),
]


@pytest.mark.parametrize(("text", "environ", "line"), MUTATIONS)
def test_each_mistake_gives_one_clear_line(
    tmp_path: Path, text: str, environ: dict[str, str], line: str
) -> None:
    problems = problems_of(tmp_path, text, environ)

    assert problems == (line,)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = WECOM.replace("1000002", '"x"') + '[server]\nport = "x"\nprot = 1\n[log]\nlevel = "loud"\n'

    problems = problems_of(tmp_path, text, {"QIYUE_CHECKIN__PROOF": "face"})

    assert problems == (
        "[server] port：应为整数，不加引号",
        "[server] prot：没有这一项，是不是 port？",
        "[wecom] agent_id：应为整数，不加引号",
        "[checkin] proof（环境变量 QIYUE_CHECKIN__PROOF）：只能是 none、code、grid、qr",
        "[log] level：只能是 debug、info、warning、error",
        "[wecom] secret_env：环境变量 QIYUE_WECOM_SECRET 没有设置",
        "[wecom] token_env：环境变量 QIYUE_WECOM_TOKEN 没有设置",
        "[wecom] aes_key_env：环境变量 QIYUE_WECOM_AES_KEY 没有设置",
    )


def test_a_secret_pasted_into_the_file_or_too_weak_is_never_echoed(tmp_path: Path) -> None:
    weak = "weak-value-9931"
    text = WECOM + f'token = "{PASTED}"\naes_key_env = "{PASTED}"\n'

    problems = problems_of(
        tmp_path, text, {**WECOM_ENVIRON, "QIYUE_SECRET": weak, "QIYUE_WECOM_TOKEN": weak * 3}
    )

    assert [line for line in problems if PASTED in line or weak in line] == []


def test_a_secret_file_that_everyone_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("x", "utf-8")
    file.chmod(0o644)
    environ = {**WECOM_ENVIRON, "QIYUE_WECOM_SECRET": "", "QIYUE_WECOM_SECRET_FILE": str(file)}

    problems = problems_of(tmp_path, WECOM, environ)

    assert problems == ("[wecom] secret_env：QIYUE_WECOM_SECRET_FILE 指的文件谁都能读，请先 chmod 600",)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path / "config.toml", {})

    assert caught.value.problems == (f"{tmp_path / 'config.toml'}：没有这个文件。请看 --config 写得对不对",)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes("# 设置".encode("gbk"))

    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path / "config.toml", {})

    assert caught.value.problems == ("config.toml：不是 UTF-8 编码，请另存为 UTF-8",)


def in_folder(tmp_path: Path) -> Settings:
    return read(tmp_path, f'[storage]\nurl = "sqlite:///{tmp_path}/data/qiyue.db"\n')


def test_the_signing_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    settings = in_folder(tmp_path)

    first = config.signing_key(settings, {})
    second = config.signing_key(settings, {})

    assert first == second
    assert len(first.current.get_secret_value()) == 64
    assert stat.S_IMODE((tmp_path / "data" / "secret").stat().st_mode) == 0o600
    assert os.listdir(tmp_path / "data") == ["secret"]


def test_the_environments_signing_key_wins_and_the_previous_one_is_kept(tmp_path: Path) -> None:
    text = f'[server]\nprevious_secret_env = "OLD"\n[storage]\nurl = "sqlite:///{tmp_path}/data/qiyue.db"\n'
    environ = {"QIYUE_SECRET": STRONG, "OLD": STRONG[::-1]}

    keys = config.signing_key(read(tmp_path, text, environ), environ)

    assert keys.current.get_secret_value() == STRONG
    assert keys.previous is not None
    assert keys.previous.get_secret_value() == STRONG[::-1]
    assert not (tmp_path / "data").exists()


def test_a_signing_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    settings = in_folder(tmp_path)
    config.signing_key(settings, {})
    (tmp_path / "data" / "secret").chmod(0o640)

    with pytest.raises(ConfigError) as caught:
        config.signing_key(settings, {})

    assert caught.value.problems == (f"{tmp_path}/data/secret：签名密钥别人也能读，请先 chmod 600",)


def test_everything_that_is_wrong_with_the_reminders_is_said_at_once(tmp_path: Path) -> None:
    text = (
        '[[reminder]]\nname = "前"\noffset = "soon"\ntemplate = "reminder/soon"\n'
        '[[reminder]]\nname = "前"\noffset = "-27m"\ntemplate = "reminder/no"\nweekdays = ["周八"]\n'
        "[server]\nport = 0\n"
    )

    assert problems_of(tmp_path, text) == (
        "[server] port：不能小于 1",
        '[[reminder]] 第 1 项 offset：应为 "-1d 20:07"（前一天的钟点）或 "-27m"、"-2h"（提前多久）',
        "[[reminder]] 第 2 项 template：没有这个模板，可以用 "
        "reminder/evening_before、reminder/personal、reminder/soon、reminder/speaker、reminder/untimed",
        "[[reminder]] 第 2 项 weekdays 第 1 项：应为 周一、周二、周三、周四、周五、周六、周日 之一",
        "[[reminder]] 第 2 项 name：和第 1 项同名",
    )
