"""Clauses about money, and the people and papers a notice names: rewards, contacts, attachments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from programme.notice.marks import cohorts, fold, large_number, plain_numerals
from programme.notice.outline import Outline
from programme.notice.page import Finding, Page
from programme.programme import Attachment, Contact, Reward
from programme.sessions import Source

_MONEY = r"(?:补贴|补助|奖励|奖金|费用|津贴|资助|奖学金|稿费|劳务费?|报销|助研金|酬金)"
_AMOUNT = re.compile(
    r"(?P<per>每(?:份|人|篇|次|月|项|组|天|场|件|队|名|学期|年|课时|小时)(?:每(?:月|次|天|人|场))?)?\s*(?:可?(?:奖励|补贴|补助|发放|给予|资助|奖金|获得?|费用))?(?:为|共|是|:)?\s*(?P<cur1>[¥￥$])?\s*(?P<n>\d[\d,]*(?:\.\d+)?\s*[百千万]?|[一二两三四五六七八九十百千万]{1,6}(?=\s*元))\s*(?P<cur>元|块钱?|人民币|美元|RMB)?\s*(?P<per2>(?:/|每)\s*(?:月|人|份|篇|次|天|项|组|场|学期|年|课时|小时))?",
    re.IGNORECASE,
)
_NOT_MONEY = re.compile(
    r"^\s*(?:页|字|分钟|日|月|号|点|人|名|个|次|场|学分|%|小时|天|周|期|篇|份|组|分|:|[-至到]\s*\d)"
)
_NAMES = (
    (r"住房|房租|租房|住宿", "housing_subsidy"),
    (r"撰写费|撰写费用|写作费", "writing_fee"),
    (r"受理|发表|录用|授权|接收", "acceptance_publication_reward"),
    (r"汇报|报告|论文", "research_report_subsidy"),
    (r"交通|路费|车费", "travel_subsidy"),
    (r"餐|伙食", "meal_subsidy"),
)
BACKGROUND = re.compile(r"资助[^。;]{0,30}(?:申请项目|项目)|拟以[^。;]{0,20}资助|申请项目")
_CHANNEL = r"微信号?|电话|手机号?|邮箱|邮件|(?i:e-?mail)|(?i:QQ)群?|企业微信|钉钉"
_LABELLED = re.compile(
    rf"(?:联\s*系\s*人|负责人|咨询|联系方式|联系老师|会务组?|会务联系人?|会议秘书|秘书处|报名联系|咨询人|联络人)\s*(?:及电话|及方式)?\s*:\s*(?P<name>[\u4e00-\u9fff]{{1,4}}?(?:老师|教授|博士|同学|主任|学长|学姐|师兄|师姐)?)(?=[\s,;。(:、]|{_CHANNEL}|\d|$)(?P<rest>[^\n]*)"
)
_DIRECT = re.compile(
    rf"请\s*(?:(?:加|通过|用|以)?({_CHANNEL}))?\s*(?:方式)?\s*(?:直接|尽快|及时)?\s*(?:联系|咨询|添加|询问)\s*([\u4e00-\u9fff]{{1,3}}?(?:老师|教授|博士|同学|主任|学长|学姐|师兄|师姐))(?P<rest>[^。;]*)"
)
_ENGLISH_CONTACT = re.compile(
    r"(?<![A-Za-z])(?i:contacts?|enquiries|organi[sz]ers?)\s*:\s*(?P<name>(?:(?:Dr|Prof|Mr|Ms|Mrs)\.? )?[A-Z][A-Za-z'-]+(?: [A-Z][A-Za-z'-]+){0,3})(?P<rest>[^\n]*)"
)
_ACCOUNTS = (
    ("邮箱", re.compile(r"(?<![\w.+-])[A-Za-z0-9_.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("微信", re.compile(r"微信号?\s*[:(]?\s*([A-Za-z][\w-]{4,30}|1\d{10})")),
    ("QQ", re.compile(r"QQ群?\s*[:号]?\s*(\d{5,12})", re.IGNORECASE)),
    ("电话", re.compile(r"(?<!\d)(1\d{10}|0\d{2,3}[- ]?\d{7,8}|\d{7,8})(?!\d)")),
    ("电话", re.compile(r"(?:分机|内线|短号|电话)\s*号?\s*:?\s*(\d{3,6})(?!\d)")),
)


def read_rewards(
    page: Page, outline: Outline, skip: frozenset[int]
) -> tuple[tuple[Reward, ...], tuple[Finding, ...]]:
    """All money clauses, numbered W00 (a general promise without a sum) and W01…."""
    found: list[Reward] = []
    findings: list[Finding] = []
    for line, text in _texts(page, skip):
        folded = plain_numerals(fold(text))
        if not re.search(_MONEY, folded) or any(text.strip() == name for name, _ in outline.sections):
            continue
        if BACKGROUND.search(folded) and not re.search(r"\d\s*元|每", folded):
            continue
        for reward in _clause_rewards(line, text, folded):
            if reward.amount is not None and not 0 < reward.amount <= 100_000:
                findings.append(
                    Finding(
                        "implausible_number",
                        (line,),
                        f"第{line}行的金额{reward.amount}不合常理，没有采用",
                        "asked",
                        text.strip(),
                    )
                )
                reward = replace(reward, amount=None)
            found.append(reward)
    found.sort(key=lambda reward: (reward.name != "general", reward.source.line or 0))
    start = 0 if found and found[0].name == "general" else 1
    return tuple(
        replace(reward, reward_id=f"W{index:02d}") for index, reward in enumerate(found, start)
    ), tuple(findings)


def _texts(page: Page, skip: frozenset[int]) -> list[tuple[int, str]]:
    texts = [(p.line, p.text) for p in page.paragraphs() if p.text.strip() and p.line not in skip]
    for table in page.tables():
        for row in table.rows:
            if row.line not in skip and re.search(_MONEY, row.text) and re.search(r"\d", row.text):
                texts.append(
                    (
                        row.line,
                        "，".join(
                            dict.fromkeys(cell.text.strip() for cell in row.cells if cell.text.strip())
                        ),
                    )
                )
    return texts


_PAID_BY_PEOPLE = re.compile(r"缴|交纳|收费|收取|自理|自费|学费|报名费|注册费|押金|工本费|材料费|会费|AA")


def _clause_rewards(line: int, text: str, folded: str) -> list[Reward]:
    found: list[Reward] = []
    for start, end in _money_spans(folded):
        part, raw = folded[start:end], text[start:end]
        if _PAID_BY_PEOPLE.search(part) and not re.search(r"报销|补贴|补助|奖|发放", part):
            continue  # what people pay is no reward
        amounts = list(_amounts(part))
        applies = _applies(part)
        if amounts:
            for index, match in enumerate(amounts):
                if _is_deducted(part, match):
                    continue  # 扣 50 元 is a penalty: the attendance rule or the audit speaks of it
                cut = amounts[index - 1].end() if index else 0
                stop = amounts[index + 1].start() if index + 1 < len(amounts) else len(part)
                own = part if len(amounts) == 1 else part[cut:stop]
                found.append(
                    _reward(
                        line,
                        raw,
                        own,
                        match,
                        _applies_of(part, cut, match) if len(amounts) > 1 else applies,
                        part,
                    )
                )
            continue
        later = re.search(
            r"([^,。;]{0,40}?)(?:的)?(?:相关)?(?:奖励|补贴|补助|费用|奖金)?\s*(另行(?:计算|通知|规定|确定)|面议)",
            part,
        )
        if later is not None and re.search(_MONEY, part):
            words = re.sub(r"(?:的)?(?:相关)?(?:奖励|补贴|补助|费用|奖金)?$", "", later[1]).strip()
            found.append(
                Reward("", _name(part), words, None, later[2], None, applies, Source(line, raw.strip()))
            )
            continue
        general = re.search(
            r"([^,。;]{1,16}?)的?(?:,)?\s*(?:进行|给予|将给予|予以|有)(?:一定|适当|相应)?(?:的)?(?:奖励|补贴|补助|奖金)",
            part,
        )
        if general is not None:
            found.append(
                Reward(
                    "",
                    "general",
                    general[1].strip().removesuffix("的"),
                    None,
                    None,
                    None,
                    applies,
                    Source(line, general[0].strip()),
                )
            )
    return found


def _money_spans(folded: str) -> list[tuple[int, int]]:
    """Sentences about money; 每份 400 standing alone behind 。 belongs to the sentence before it."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in [*re.finditer(r"[。;\n]", folded), None]:
        end = match.start() if match is not None else len(folded)
        piece = folded[start:end]
        if piece.strip():
            alone = not re.search(_MONEY, piece) and next(_amounts(piece), None) is not None
            if alone and spans and re.search(_MONEY, folded[spans[-1][0] : spans[-1][1]]):
                spans[-1] = (spans[-1][0], end)
            elif re.search(_MONEY, piece):
                spans.append((start, end))
        start = end + 1
    return spans


def _amounts(part: str) -> Iterator[re.Match[str]]:
    for match in _AMOUNT.finditer(part):
        if not match["n"].strip() or _is_number_of_something(part, match):
            continue
        yield match


def _is_number_of_something(part: str, match: re.Match[str]) -> bool:
    """20页, 研0 or 1) are no sums: a sum has a currency, a 每…, or stands behind a money word."""
    if match["cur"] or match["cur1"]:
        return False
    if _NOT_MONEY.match(part[match.end("n") :]) and not match["per2"]:
        return True
    before = part[: match.start("n")]
    if re.search(r"元[^。;]*的\s*$", before) and re.match(r"\s*(?:[,;。]|$)", part[match.end() :]):
        return False  # 全程参加的每人 1500 元，只参加一半的 700
    if re.search(r"(?:研|大|博|硕|第|[A-Za-z.:/-]|\d)\s*$", before):
        return True
    return (
        match["per"] is None
        and match["per2"] is None
        and not re.search(rf"{_MONEY}\s*(?:为|:|是|共|约|标准)?\s*$", before)
    )


def _reward(
    line: int, raw: str, own: str, match: re.Match[str], applies: tuple[str, ...], part: str
) -> Reward:
    amount = large_number(re.sub(r"\.\d+$", "", match["n"].replace(",", "").strip()))
    per2 = match["per2"]
    unit = match["per"]
    if per2 is not None:
        unit = (
            f"{match['cur'] or '元'}/{per2.lstrip('/每 ')}" if per2.startswith("/") else per2.replace(" ", "")
        )
    currency = "元" if match["cur"] or match["cur1"] in ("¥", "￥") else "元 (not printed)"
    condition = re.search(
        r"(?:^|[,:)])\s*([^,:。;]{2,30}?)的\s*,|([^,:。;]{2,24}?)(?:者|的),?\s*(?:奖励|补贴|给予|每|可)", own
    ) or re.search(r"(?:^|[,:)])\s*([^,:。;]{2,30}?)的\s*(?=\d)|(?:^|[,:)])\s*([^,:。;]{2,30}?)的\s*,", own)
    condition = condition or re.search(r"(?:^|[,:)])\s*([^,:。;]{2,30}?)的\s*,", part)
    raw = _from_condition(raw, condition[0] if condition else "")
    words = (condition[1] or condition[2] if condition.re.groups > 1 else condition[1]) if condition else ""
    return Reward(
        "",
        _name(own if re.search(_MONEY, own) else part),
        _LEAD.sub("", words or "").strip(),
        amount,
        unit,
        currency,
        applies,
        Source(line, raw.strip()),
    )


_LEAD = re.compile(
    r"^\s*(?:[-•·*]\s*)?(?:\(?(?:\d{1,2}|[一二三四五六七八九十]{1,3})\)|(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*[、.])?\s*"
)


def _from_condition(raw: str, condition: str) -> str:
    """The quoted phrase begins with its condition, without the list mark."""
    at = fold(raw).find(condition) if condition else -1
    return _LEAD.sub("", raw[at:].lstrip("，,：:）) ") if at > 0 else raw)


def _name(part: str) -> str:
    return next((name for pattern, name in _NAMES if re.search(pattern, part)), "reward")


def _is_deducted(part: str, match: re.Match[str]) -> bool:
    return re.search(r"(?:扣|罚|减|赔)(?:除|发|减|款|去|掉)?\s*$", part[: match.start("n")]) is not None


def _applies(part: str) -> tuple[str, ...]:
    words = re.sub(r"(博士|硕士|本科)(?!生|研究|后|论文|学位|点|毕业)", r"\1生", part)
    names, _ = cohorts(words)
    return tuple(name for name in names if not re.match(r"全体|所有", name)) or ("participants",)


def _applies_of(part: str, cut: int, match: re.Match[str]) -> tuple[str, ...]:
    """Of several sums each is for the cohorts named between the sum before and itself, or in the bracket
    directly behind it; else for those of the nearest sum before, never for later ones."""
    behind = re.match(r"\s*\(([^()]*)\)", part[match.end() :])
    bracket = re.match(r"\s*\([^()]*\)", part[cut:]) if cut else None
    start = cut + bracket.end() if bracket is not None else cut
    for words in (part[start : match.end()], behind[1] if behind is not None else "", part[:cut]):
        clauses = [clause for clause in re.split(r"[,;。:(]", words) if _applies(clause) != ("participants",)]
        if clauses:
            return _applies(clauses[-1])
    return ("participants",)


def read_contacts(page: Page, skip: frozenset[int]) -> tuple[Contact, ...]:
    """Named people to turn to, with the account when the notice prints one."""
    found: list[Contact] = []
    before = ""
    for line, text in [
        (p.line, p.text) for p in page.paragraphs() if p.text.strip() and p.line not in skip
    ] + _rows(page):
        folded = fold(text)
        for match in _LABELLED.finditer(folded):
            if match["name"]:
                name = text[match.start("name") : match.end("name")]
                found += [
                    Contact(name, "programme contact", channel, account, line)
                    for channel, account in _all_accounts(match["rest"])
                ]
        english = _ENGLISH_CONTACT.search(folded)
        if english is not None:
            found += [
                Contact(english["name"].strip(), "programme contact", channel, account, line)
                for channel, account in _all_accounts(english["rest"])
            ]
        for match in _DIRECT.finditer(folded):
            channel, account = _account(match["rest"])
            about = (
                "engineering"
                if "工程" in text or "工程" in before
                else "research"
                if "科研" in text
                else None
            )
            role = f"programme contact for {about}" if about else "programme contact"
            found.append(Contact(match[2], role, _channel_name(match[1]) or channel, account, line))
        before = text
    return _once(found)


def _once(found: list[Contact]) -> tuple[Contact, ...]:
    """One entry for each person and account; an entry without account gives way to one that has it."""
    with_account = {contact.name for contact in found if contact.account is not None}
    unique: dict[tuple[str, str | None], Contact] = {}
    for contact in found:
        if contact.account is not None or contact.name not in with_account:
            unique.setdefault((contact.name, contact.account), contact)
    return tuple(unique.values())


def _rows(page: Page) -> list[tuple[int, str]]:
    return [
        (row.line, " ".join(dict.fromkeys(cell.text for cell in row.cells)))
        for table in page.tables()
        for row in table.rows
        if "联系人" in row.text
    ]


def _channel_name(text: str | None) -> str | None:
    if text is None:
        return None
    return {
        "邮件": "邮箱",
        "email": "邮箱",
        "e-mail": "邮箱",
        "手机": "电话",
        "手机号": "电话",
        "微信号": "微信",
    }.get(text.lower(), text)


def _all_accounts(rest: str) -> list[tuple[str | None, str | None]]:
    """Every account printed behind a name (邮箱, 电话 and 微信), else the channel alone."""
    found: list[tuple[str | None, str | None]] = []
    for channel, pattern in _ACCOUNTS:
        for match in pattern.finditer(rest):
            found.append((channel, match[match.lastindex or 0]))
        rest = pattern.sub(lambda match: " " * len(match[0]), rest)
    return found or [_account(rest)]


def _account(rest: str) -> tuple[str | None, str | None]:
    for channel, pattern in _ACCOUNTS:
        match = pattern.search(rest)
        if match is not None:
            return channel, match[match.lastindex or 0]
    word = re.search(_CHANNEL, rest, re.IGNORECASE)
    return (_channel_name(word[0]) if word else None), None


_REFERRED = (
    (re.compile(r"按照?\s*(?:统一)?格式(?:要求)?[^,。;]{0,8}?(?P<o>报告|论文|综述|总结)"), "格式要求"),
    (re.compile(r"(?P<o>报告|论文|综述|总结)\s*(?:格式|模[板版])"), "格式要求"),
    (re.compile(r"(?P<o>ppt|幻灯片|演示文稿)\s*模[板版]", re.IGNORECASE), "模板"),
)
_ATTACHED = re.compile(
    r"(?:见|详见|参见)\s*附件\s*(?:\d{1,2}|[一二三四五六七八九十])?\s*[:：]?\s*(?:《([^《》]{2,30})》|([^,，。;；)）(（\s]{2,30}))?"
)
_LISTED = re.compile(
    r"^\s*附件\s*(?:\d{1,2}|[一二三四五六七八九十])?\s*[:：]\s*(?:\d{1,2}\s*[.、])?\s*(.{2,40}?)\s*$"
)


def read_attachments(
    page: Page, outline: Outline, topics_heading: tuple[str, int] | None, last_topic_line: int | None
) -> tuple[tuple[Attachment, ...], tuple[int, ...]]:
    """What is attached or only referred to; also the lines that missing papers are asked with."""
    paragraphs = [
        p
        for p in page.paragraphs()
        if p.text.strip()
        and (
            last_topic_line is None
            or topics_heading is None
            or not topics_heading[1] < p.line <= last_topic_line
        )
    ]
    section = next((line for text, line in outline.sections if re.match(r"[★\s]*附件", text)), None)
    found: dict[str, Attachment] = {}
    if topics_heading is not None and last_topic_line is not None:
        name = re.sub(r"^(?:[★☆■□◆\s]|附件[\d一二三四五六七八九十]*[：:])+|[：:\s]+$", "", topics_heading[0])
        start = section if section is not None and section < topics_heading[1] else topics_heading[1]
        if section is not None or any("附件" in p.text for p in paragraphs):
            found[name] = Attachment(
                name, True, (topics_heading[1] if start == section else start, last_topic_line)
            )
    missing: list[int] = []
    for paragraph in paragraphs:
        folded = fold(paragraph.text)
        for name in [*_named_assets(folded), *_attached_names(paragraph.text)]:
            known = next((key for key in found if key == name or name in key or key in name), None)
            if known is None:
                found[name] = Attachment(name, False, (paragraph.line,))
                missing.append(paragraph.line)
    lines = tuple(sorted({*missing, *([section] if section is not None and missing else [])}))
    return tuple(found.values()), lines


def _named_assets(folded: str) -> list[str]:
    names = []
    for pattern, kind in _REFERRED:
        for match in pattern.finditer(folded):
            what = match["o"]
            around = folded[max(0, match.start() - 4) : match.end()]
            if kind == "模板":
                names.append(
                    f"{what.upper() if what.isascii() else what} 模板" if what.isascii() else f"{what}模板"
                )
            else:
                names.append(
                    f"{'科研' if '科研' + what in around else '读书' if '读书' + what in around else ''}{what}格式要求"
                )
    return list(dict.fromkeys(names))


def _attached_names(text: str) -> list[str]:
    names = [match[1] or match[2] for match in _ATTACHED.finditer(text) if match[1] or match[2]]
    listed = _LISTED.match(text)
    if listed is not None:
        names.append(listed[1].strip("《》"))
    return [name.strip() for name in names]
