"""The command line as an operator meets it: what it prints, its exit code, and what it leaves stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from storage.engines import open_database
from tests.terminal import ran
from tests.wiring.running import ROOT, bot, copied, environment, free_port, furnished

NOTICE = str(ROOT / "samples/notice.txt")
ROSTER = str(ROOT / "samples/roster.csv")
EXPECTED = json.loads((ROOT / "tests/fixtures/notice/notice-expected.json").read_text("utf-8"))


# The parts of the result that must agree, each in these keys.
COMPARED = {
    "sessions": ("start_at", "period", "kind", "required", "source"),
    "topics": ("order", "printed_no", "title", "body_sha256", "source"),
    "requirements": ("rule", "value", "source"),
    "rewards": ("amount", "unit", "applies_to", "source"),
}


def picked(rows: list[dict[str, object]], keys: tuple[str, ...]) -> list[tuple[object, ...]]:
    return [tuple(row.get(key) for key in keys) for row in rows]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "data"
    furnished(folder)
    return folder


def said(env: dict[str, str], name: str, at: str, *lines: str) -> str:
    return ran("chat", "--as", name, "--at", at, env=env, text="\n".join(lines) + "\n").stdout


def test_a_dry_run_prints_json_that_agrees_with_what_must_be_read(tmp_path: Path) -> None:
    """R01: the sample notice with its year."""
    done = ran("import", NOTICE, "--year", "2023", "--dry-run", "--json", env=environment(tmp_path))
    found = json.loads(done.stdout)

    assert (done.returncode, done.stderr) == (0, "")
    assert found["counts"] == EXPECTED["counts"]
    assert found["contacts"] == EXPECTED["contacts"]
    for part, keys in COMPARED.items():
        assert picked(found[part], keys) == picked(EXPECTED[part], keys), part
    assert {a["code"] for a in EXPECTED["anomalies"] if a["must"]} <= {a["code"] for a in found["anomalies"]}
    assert not (tmp_path / "qiyue.db").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [((), "2017、2023、2028、2034"), (("--year", "2024"), "2024")],
)
def test_a_missing_or_wrong_year_changes_nothing_and_says_why(
    arguments: tuple[str, ...], reason: str, tmp_path: Path
) -> None:
    """R02: only years in which 3 July is a Monday fit (A01)."""
    done = ran("import", NOTICE, *arguments, env=environment(tmp_path))

    assert done.returncode == 1
    assert done.stderr.startswith("没有导入，什么都没有改：")
    assert reason in done.stderr
    assert not (tmp_path / "qiyue.db").exists()


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ((), "请加上 --year，例：--year 2026"),
        (("--year", "2025"), "请换一个 --year，例：--year 2026"),
        (("--year", "2026"), "请照上面改好通知，再导入一次。"),
    ],
)
def test_a_year_that_fits_is_not_asked_for_again(given: tuple[str, ...], advice: str, tmp_path: Path) -> None:
    """7月20日 is a Monday in 2026; what is left then is a table without dates."""
    path = tmp_path / "课表.xlsx"
    book = Workbook()
    for row in (["", "周一", "周三"], ["上午", "数学（A101）", "英语"], ["下午", "7月20日", "汇报"]):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(path)

    done = ran("import", str(path), *given, env=environment(tmp_path))

    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, advice)


def test_a_wrong_year_names_every_weekday_that_does_not_fit(tmp_path: Path) -> None:
    done = ran("import", NOTICE, "--year", "2024", env=environment(tmp_path))

    assert done.stderr.count("\n· 第") == 20
    assert "· 第19行周一写的是7月3日，但2024-07-03是周三\n" in done.stderr


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "utf-8-sig"])
def test_a_copy_in_another_encoding_is_the_same_notice(encoding: str, tmp_path: Path) -> None:
    """Word and Notepad on Chinese Windows write these."""
    copy = tmp_path / "通知.txt"
    text = Path(NOTICE).read_text("utf-8")
    copy.write_bytes(text.encode(encoding, errors="strict"))

    done = ran("import", str(copy), "--year", "2023", "--dry-run", "--json", env=environment(tmp_path))
    found = json.loads(done.stdout)

    assert found["counts"] == EXPECTED["counts"]
    assert [topic["body_sha256"] for topic in found["topics"]] == [
        topic["body_sha256"] for topic in EXPECTED["topics"]
    ]


def test_lines_that_are_piped_in_are_answered_in_order(template: Path, tmp_path: Path) -> None:
    """README's terminal conversation; what was done is still there in the next one."""
    env = copied(template, tmp_path / "data")

    lines = "签到\n\n周四几点\n选 6\n确认\n"
    first = bot("chat", "--as", "王小明", "--at", "2023-07-04T14:26", env=env, text=lines).stdout
    second = said(env, "王小明", "2023-07-04T14:27", "签到", "我的")

    assert [line for line in first.splitlines() if line.startswith(("✅", "7/6", "序号6"))] == [
        "✅ 14:26 已签到：7/4（周二）《科研论文写作》，准时。本月 1/2。",
        "7/6（周四）下午（具体时间待定）前沿研究分享《AI+脑科学+安全》；工程项目开发分享《视频压缩+AI》",
        "序号6《数据驱动与知识驱动融合的人工智能方法》（大模型），通知原编号5。",
        "✅ 已选序号6《数据驱动与知识驱动融合的人工智能方法》（通知原编号5）。",
    ]
    assert second.startswith("你已在 14:26 签到（准时），不用重复。\n王小明（研0，视频压缩组，导师周老师）\n")


def test_an_unknown_name_talks_as_a_stranger(template: Path, tmp_path: Path) -> None:
    answer = said(copied(template, tmp_path / "data"), "没这人", "2023-07-04T14:26", "签到")

    assert answer.startswith("我还不认识你，这次签到没有记录。你 14:26 发来的时间我记下了。")


def test_a_moment_that_cannot_be_read_says_how_to_write_one(template: Path, tmp_path: Path) -> None:
    done = ran("chat", "--as", "王小明", "--at", "明天", env=copied(template, tmp_path / "data"))

    assert done.returncode == 2
    assert "请写成 2023-07-04T14:20 这样" in done.stderr


def test_chat_and_check_before_any_import(tmp_path: Path) -> None:
    env = environment(tmp_path)

    chat = ran("chat", "--as", "王小明", env=env)
    check = ran("check", env=env)

    assert (chat.returncode, chat.stderr[:9]) == (1, "还没有导入通知。请")
    assert (check.returncode, check.stdout) == (0, "数据库完好。\n")


def test_a_corrected_notice_shows_what_differs_and_changes_it_after_yes(
    template: Path, tmp_path: Path
) -> None:
    """D21: same title and year; ids stay, and only the answers of the chat change."""
    env = copied(template, tmp_path / "data")
    corrected = tmp_path / "通知.txt"
    text = Path(NOTICE).read_text("utf-8")
    corrected.write_text(
        text.replace("11 日 下午 14:30 《科研申请》", "11 日 下午 15:00 《科研申请》"), "utf-8"
    )

    shown = ran("import", str(corrected), "--year", "2023", env=env)
    before = said(env, "王小明", "2023-07-10T09:00", "11号几点")
    applied = ran("import", str(corrected), "--year", "2023", "--yes", env=env)
    after = said(env, "王小明", "2023-07-10T09:00", "11号几点")
    again = ran("import", str(corrected), "--year", "2023", "--yes", env=env)

    lines = shown.stdout.splitlines()
    assert lines[0] == "《七月集中学习安排》（2023 年）已经导入过，这一份有 1 处不同："
    assert "场次 7/11（周二）《科研申请》：开始 14:30→15:00" in lines[1]
    assert (lines[2].startswith("读到 12 场"), len(lines)) == (True, 4)
    assert shown.stdout.rstrip().endswith("没有改动。确认要改请再加上 --yes。")
    assert before.startswith("7/11（周二）14:30《科研申请》")
    assert applied.stdout.rstrip().endswith("已改好，同学现在问到的就是新安排。")
    assert after.startswith("7/11（周二）15:00《科研申请》")
    assert again.stdout.rstrip().endswith("内容一样，没有改动。")


def test_answers_come_from_a_file(tmp_path: Path) -> None:
    answers = tmp_path / "answers.toml"
    answers.write_text('[answers]\n3 = "15:00"\n4 = "A301"\n', "utf-8")
    env = environment(tmp_path)

    ran("import", NOTICE, "--year", "2023", "--answers", str(answers), env=env)
    ran("roster", ROSTER, env=env)

    assert said(env, "王小明", "2023-07-10T09:00", "13号在哪").startswith("7/13（周四）15:00 前沿研究分享")
    assert "A301" in said(env, "王小明", "2023-07-10T09:00", "13号在哪")


def test_every_answer_that_fits_no_question_is_told_and_stops_the_import(tmp_path: Path) -> None:
    answers = tmp_path / "answers.toml"
    answers.write_text('99 = "A301"\n3 = "25:00"\n"地点" = "A301"\n', "utf-8")

    done = ran("import", NOTICE, "--year", "2023", "--answers", str(answers), env=environment(tmp_path))

    assert (done.returncode, done.stderr) == (
        1,
        "没有导入，什么都没有改。请改好 answers.toml 的这 3 处再试：\n"
        "· “地点”：左边请写问题编号，例如 2\n"
        "· 问题 3 的回答“25:00”：没有这样的时间\n"
        "· 问题 99 的回答“A301”：没有这个编号的问题\n",
    )


@pytest.mark.parametrize("name", ["没有.txt", "照片.txt", "空.txt"])
def test_a_file_that_is_no_notice_is_refused_in_chinese(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name == "照片.txt":
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    elif name == "空.txt":
        path.write_bytes(b"")

    done = ran("import", str(path), "--year", "2023", env=environment(tmp_path))

    assert done.returncode == 1
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("year", "dates"),
    [
        ("2024", ["2024-07-01", "2024-07-02", "2024-07-04"]),
        ("2028", ["2028-07-03", "2028-07-04", "2028-07-06"]),
    ],
)
def test_the_plan_can_be_moved_to_another_year_by_weekday(
    year: str, dates: list[str], tmp_path: Path
) -> None:
    done = ran(
        "import",
        NOTICE,
        "--year",
        "2023",
        "--shift",
        year,
        "--dry-run",
        "--json",
        env=environment(tmp_path),
    )

    assert [s["date"] for s in json.loads(done.stdout)["sessions"]][:3] == dates


def test_a_roster_needs_a_programme_first(tmp_path: Path) -> None:
    done = ran("roster", ROSTER, env=environment(tmp_path))

    assert (done.returncode, done.stderr) == (
        1,
        "还没有导入通知。请先：python bot.py import 通知文件 --year 年份\n",
    )


def test_a_bad_row_stops_the_roster_and_nothing_is_half_done(template: Path, tmp_path: Path) -> None:
    env = copied(template, tmp_path / "data")
    roster = tmp_path / "名单.csv"
    roster.write_text(
        "姓名,学号,年级,角色\n新同学,2023901,研0,学生\n,2023902,研0,学生\n某人,2023903,研0,校长\n", "utf-8"
    )

    done = ran("roster", str(roster), env=env)

    assert done.returncode == 1
    assert done.stderr.startswith("名单没有导入，什么都没有改。")
    assert "第 3 行“姓名”" in done.stderr
    assert "第 4 行“角色”" in done.stderr
    assert said(env, "路人", "2023-07-10T09:00", "绑定 新同学 2023901").startswith("名单里没有“新同学”")
    assert (
        said(env, "王小明", "2023-07-10T09:00", "我是谁")
        == "你是 王小明（研0，视频压缩组，导师周老师）。不是本人请联系管理员。\n"
    )


def test_people_without_an_account_get_a_code_that_binds_them(tmp_path: Path) -> None:
    """D13: the roster's one-time code binds at once, and once."""
    env = environment(tmp_path)
    ran("import", NOTICE, "--year", "2023", env=env)
    roster = tmp_path / "名单.csv"
    roster.write_text("姓名,学号,年级,项目组,角色\n无账号,2023099,研0,视频压缩组,学生\n", "utf-8")
    code = ran("roster", str(roster), env=env).stdout.split("无账号 ")[1].strip()

    bound = said(env, "路人", "2023-07-10T09:00", f"绑定 {code}", "我是谁")
    other = said(env, "别人", "2023-07-10T09:00", f"绑定 {code}")

    assert bound.splitlines()[0] == "✅ 已绑定：无账号（研0，视频压缩组）。回复 本周 看这周的安排。"
    assert bound.splitlines()[1] == "你是 无账号（研0，视频压缩组）。不是本人请联系管理员。"
    assert other.startswith("这个绑定码不对，或者已经用过。")


def test_every_mistake_of_the_settings_is_told_at_once(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[checkin]\nproof = "face"\nrotate = 20\n[serve]\nport = 1\n', "utf-8")

    done = ran("--config", str(config), "check", env=environment(tmp_path))

    assert done.returncode == 2
    problems = done.stderr.splitlines()
    assert len(problems) == 3
    for key in ("proof", "rotate", "serve"):
        assert any(key in problem for problem in problems), key
    assert not (tmp_path / "qiyue.db").exists()


def test_understand_answers_line_by_line_in_order(tmp_path: Path) -> None:
    lines = [
        {"now": "2023-07-10T09:00:00+08:00", "text": "选6", "role": "student", "task": "intent"},
        {"now": "2023-07-10T09:00:00+08:00", "text": "下周四", "role": "student", "task": "date"},
        {"now": "2023-07-10T09:00:00+08:00", "text": "我还没签到", "role": "student", "task": "intent"},
    ]

    done = ran("understand", env=environment(tmp_path), text="\n".join(map(json.dumps, lines)) + "\n{\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]

    assert answers[0] == {"intent": "choose_topic", "slots": {"topic_no": "6"}}
    assert answers[1] == {"start": "2023-07-20", "end": "2023-07-20", "part": None}
    assert answers[2]["intent"] == "no_action"
    assert list(answers[3]) == ["error"]


COMMANDS = (
    ("check",),
    ("roster", ROSTER),
    ("import", NOTICE, "--year", "2023"),
    ("chat", "--as", "甲"),
    ("serve",),
    ("tick",),
    ("backup", "copy.db"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=[command[0] for command in COMMANDS])
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("a file for a folder", "路径中间有一段是文件，不是文件夹"),
        ("junk", "不是完好的七月数据库"),
        ("newer", "更新版本的程序建的"),
        ("another program's", "是别的程序的数据库，什么都没有改"),
        ("a folder", "那是一个文件夹，不是文件"),
    ],
)
def test_storage_that_cannot_be_used_is_one_chinese_line(
    command: tuple[str, ...], spoil: str, reason: str, template: Path, tmp_path: Path
) -> None:
    env = copied(template, tmp_path / "data")
    SPOILED[spoil](tmp_path / "data", env)
    before = contents(tmp_path / "data")

    done = ran(*command, env=env)

    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert contents(tmp_path / "data") == before


def contents(folder: Path) -> dict[str, bytes]:
    """Every file, byte for byte; the lock of a server is no content."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "serve.lock")
    return {path.name: path.read_bytes() for path in files}


def put_a_file_for_a_folder(folder: Path, env: dict[str, str]) -> None:
    env["QIYUE_STORAGE__URL"] = f"sqlite:///{folder / 'secret' / 'qiyue.db'}"


def put_junk(folder: Path, _env: dict[str, str]) -> None:
    for left in folder.glob("qiyue.db-*"):
        left.unlink()
    (folder / "qiyue.db").write_bytes(b"this is no database at all. " * 400)


def put_a_newer_database(folder: Path, env: dict[str, str]) -> None:
    database = open_database(env["QIYUE_STORAGE__URL"])
    database.write(
        lambda tx: tx.execute("insert into migration (name, applied_at) values ('9999 later', '2030-01-01')")
    )
    database.close()


def put_a_database_of_another_program(folder: Path, env: dict[str, str]) -> None:
    env["QIYUE_STORAGE__URL"] = f"sqlite:///{folder / 'other.db'}"
    database = open_database(env["QIYUE_STORAGE__URL"])
    database.write(lambda tx: tx.execute("create table person (height integer)"))
    database.close()


def put_a_folder(folder: Path, env: dict[str, str]) -> None:
    (folder / "folder").mkdir()
    env["QIYUE_STORAGE__URL"] = f"sqlite:///{folder / 'folder'}"


SPOILED = {
    "a folder": put_a_folder,
    "another program's": put_a_database_of_another_program,
    "a file for a folder": put_a_file_for_a_folder,
    "junk": put_junk,
    "newer": put_a_newer_database,
}


@pytest.mark.parametrize("command", [("check",), ("serve",)], ids=["check", "serve"])
def test_a_server_that_is_not_there_is_one_chinese_line_in_bounded_time(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    url = f"postgresql://qiyue:pass-word@127.0.0.1:{free_port()}/qiyue"
    env = environment(tmp_path, QIYUE_STORAGE__URL=url, QIYUE_SECRET="k3J9-xQ7_mV2pL8sT4wZ6yB1nC5dF0gH")

    done = bot(*command, env=env, timeout_s=60.0)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("连不上 PostgreSQL（127.0.0.1:")
    assert (done.stderr.count("\n"), "pass-word" in done.stderr) == (1, False)


def test_a_scheme_that_nobody_knows_is_named_with_the_settings(tmp_path: Path) -> None:
    done = ran("check", env=environment(tmp_path, QIYUE_STORAGE__URL="mysql://somewhere/qiyue"))

    assert done.returncode == 2
    assert done.stderr.startswith("[storage] url（环境变量 QIYUE_STORAGE__URL）：应为")


def test_a_roster_without_anybody_to_decide_is_taken_with_a_word_about_it(
    template: Path, tmp_path: Path
) -> None:
    roster = tmp_path / "名单.csv"
    roster.write_text("姓名,年级,UserID\n王小明,研0,stu001\n", "utf-8")
    env = copied(template, tmp_path / "data")

    silent = ran("roster", str(roster), "--dry-run", env={**env, "QIYUE_ADMINS__USERIDS": "STU001"})
    done = ran("roster", str(roster), "--yes", env=env)

    assert done.returncode == 0
    assert "注意：没有管理员，通知里要定的事没有人能定。请把一个人的角色写成 管理员" in done.stdout
    assert "没有管理员" not in silent.stdout
