"""Fresh texts of a stated length, drawn from `random`: no two alike, so that no cache is flattered.

Word frequencies follow Zipf's law, as in written English; about one word in eleven is made up from
syllables, which a vocabulary does not hold whole (names, terms, typing errors play that part in real text).
Chinese is made in the same way from frequent words, single characters and rare ones.

A text ends where its length is reached, be it in the middle of a word or of a document.
"""

from __future__ import annotations

import random
from base64 import b64encode
from itertools import accumulate
from json import dumps
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_COMMON = """
the of and to a in is it that was for on are as with his they at be this from have or by one had not but what
all were when we there can an your which their said if do will each about how up out them then she many some
so these would other into has more her two like him see time could no make than first been its who now people
my made over did down only way find use may water long little very after words called just where most know get
through back much before go good new write our me man too any day same right look think also around another
came come work three word must because does part even place well such here take why things help put years
different away again off went old number great tell men say small every found still between name should home
big give air line set own under read last never us left end along while might next sound below saw something
thought both few those always looked show large often together asked house world going want school important
until form food keep children feet land side without boy once animals life enough took sometimes four head
above kind began almost live page got earth need far hand high year mother light parts country father let
night following picture being study second eyes soon times story boys since white days ever paper hard near
sentence better best across during today others however sure means knew try told young miles sun ways thing
whole hear example heard several change answer room sea against top turned learn point city play toward five
using himself usually money seen car morning body upon family later turn move face door cut done group true
leave color red friends plants system government percent market company information development research
available community question interest service president important program national business
""".split()
_SYLLABLES = """
an ber cal dor el fen gar hol il jun kel lor mar nis or pel quin rad sol tan ur vel wen xan yor zil
tion ment ist ous ive ward ling stra phe thro cre blan gno psy
""".split()
_WORD_WEIGHTS = tuple(accumulate(1 / (rank + 2.7) for rank in range(len(_COMMON))))
_ENDINGS = (". ", ". ", ". ", "? ", "! ", "; ", ".\n\n")
_CHINESE = """
的 一 是 在 不 了 有 和 人 这 中 大 为 上 个 国 我 以 要 他 时 来 用 们 生 到 作 地 于 出 就 分 对 成 会 可 主 发 年 动
同 工 也 能 下 过 子 说 产 种 面 而 方 后 多 定 行 学 法 所 民 得 经 十 三 之 进 着 等 部 度 家 电 力 里 如 水 化 高 自
我们 他们 没有 什么 可以 自己 一个 这个 因为 所以 但是 如果 已经 现在 时候 知道 问题 中国 工作 发展 公司 社会 经济 进行
使用 系统 数据 信息 技术 研究 方法 服务 用户 管理 市场 企业 产品 通过 需要 根据 以及 其中 关于 由于 为了 提供 支持 包括
部分 情况 国家 人民 政府 世界 历史 文化 教育 学生 老师 孩子 生活 时间 今天 明天 昨天 去年 北京 上海 朋友 东西 地方 开始
语言模型 人工智能 计算机 互联网 科学家 第一次 年轻人 越来越 一方面 与此同时 也就是说 一般来说
""".split()
_CHINESE_WEIGHTS = tuple(accumulate(1 / (rank + 5) for rank in range(len(_CHINESE))))
_CLAUSE_ENDS: tuple[str, ...] = (
    *"\uff0c" * 3,
    "\u3001",
    *"\u3002" * 2,
    "\u3002\n",
    "\uff1b",
    "\uff1a",
    "\uff1f",
    "\uff01",
)
_TYPOGRAPHIC = ("“{}”", "‘{}’", "{}’s", "{}’re", "{} —", "{}…", "é{}", "{}ï", "{} →", "✅ {}", "⚠️ {}")
_HANDS = "👍👎👏🙏👋💪👌🙌"
_PEOPLE = "👩👨🧑"
_ROLES = "💻🔬🎓🚀🍳🏫🌾🎤"
_TONES = "🏻🏼🏽🏾🏿"


def _made_up() -> str:
    return "".join(random.choices(_SYLLABLES, k=random.randint(2, 4)))


def prose(chars: int) -> str:
    """English-like running text of exactly ``chars`` characters."""
    pieces: list[str] = []
    length = 0
    while length < chars:
        words = random.choices(_COMMON, cum_weights=_WORD_WEIGHTS, k=random.randint(6, 24))
        for at in range(len(words)):
            chance = random.random()
            if chance < 0.09:
                words[at] = _made_up() if chance < 0.06 else _made_up().capitalize()
            elif chance < 0.11:
                words[at] = str(random.randint(1, 2030))
            elif chance < 0.16:
                words[at] += ","
        words[0] = words[0].capitalize()
        sentence = " ".join(words) + random.choice(_ENDINGS)
        pieces.append(sentence)
        length += len(sentence)
    return "".join(pieces)[:chars]


def typographic(chars: int) -> str:
    """Prose of exactly ``chars`` characters as people and models set it.

    One word in 25 has a curly quote, a dash, an accent, an arrow or an emoji.
    """
    words = prose(chars).split(" ")
    for at in random.sample(range(len(words)), k=len(words) // 25 + 1):
        words[at] = random.choice(_TYPOGRAPHIC).format(words[at])
    return " ".join(words)[:chars]


def _identifier() -> str:
    return "_".join(random.choices(_COMMON, k=random.randint(1, 3)))


def _expression() -> str:
    form = random.randrange(6)
    if form == 0:
        return f"{_identifier()}({_identifier()}, {random.randint(0, 4096)})"
    if form == 1:
        return f"self.{_identifier()}[{_identifier()!r}]"
    if form == 2:
        return f"{_identifier()} + {random.random():.4f} * {_identifier()}"
    if form == 3:
        return f'f"{_made_up()}: {{{_identifier()}!r}}"'
    if form == 4:
        return f"[{_identifier()} for {_identifier()} in {_identifier()} if {_identifier()} is not None]"
    return f"{{{_identifier()!r}: {random.randint(0, 255):#04x}, **{_identifier()}}}"


def code(chars: int) -> str:
    """Python-like source of exactly ``chars`` characters."""
    lines: list[str] = ["import os, sys\n\n"]
    length = len(lines[0])
    while length < chars:
        name = _identifier()
        block = [f"\ndef {name}({_identifier()}: int, *, {_identifier()}: str = {_made_up()!r}) -> None:\n"]
        block.append(f'    """{prose(60).strip()}"""\n')
        for _ in range(random.randint(2, 9)):
            indent = "    " * random.randint(1, 3)
            form = random.randrange(4)
            if form == 0:
                block.append(
                    f"{indent}if {_expression()} >= {_expression()}:\n{indent}    return {_expression()}\n"
                )
            elif form == 1:
                block.append(f"{indent}# {prose(40).strip()}\n")
            else:
                block.append(f"{indent}{_identifier()} = {_expression()}\n")
        text = "".join(block)
        lines.append(text)
        length += len(text)
    return "".join(lines)[:chars]


def _record() -> dict[str, object]:
    return {
        "id": random.randrange(10**9),
        "object": random.choice(_COMMON),
        "name": f"{_made_up().capitalize()} {_made_up().capitalize()}",
        "email": f"{_made_up()}@{_made_up()}.example",
        "created_at": f"20{random.randrange(100):02}-{random.randint(1, 12):02}-{random.randint(1, 28):02}T"
        f"{random.randrange(24):02}:{random.randrange(60):02}:{random.randrange(60):02}Z",
        "active": random.random() < 0.5,
        "parent": None,
        "usage": {_identifier(): random.randrange(10**5), "score": round(random.random() * 100, 3)},
        "tags": random.choices(_COMMON, k=random.randrange(5)),
        "note": prose(random.randint(20, 120)),
    }


def json(chars: int) -> str:
    """JSON documents, one after the other, of exactly ``chars`` characters; compact or indented."""

    def document() -> str:
        indent = random.choice((None, None, 2))
        return dumps([_record() for _ in range(random.randint(1, 4))], indent=indent) + "\n"

    return _repeated(document, chars)


def chinese(chars: int) -> str:
    """Chinese-like running text of exactly ``chars`` characters."""

    def sentence() -> str:
        words = random.choices(_CHINESE, cum_weights=_CHINESE_WEIGHTS, k=random.randint(1, 6))
        chance = random.random()
        if chance < 0.15:
            words[random.randrange(len(words))] = chr(random.randint(0x4E00, 0x9FA5))
        elif chance < 0.2:
            words[random.randrange(len(words))] = str(random.randint(1, 2030))
        return "".join(words) + random.choice(_CLAUSE_ENDS)

    return _repeated(sentence, chars)


def emoji(chars: int) -> str:
    """Emoji of exactly ``chars`` code points: single and joined ones, skin tones, flags, a word here and there."""

    def group() -> str:
        form = random.randrange(10)
        if form == 0:
            return random.choice(_COMMON) + " "
        if form == 1:
            return f"{random.choice(_HANDS)}{random.choice(_TONES)} "
        if form == 2:
            return f"{random.choice(_PEOPLE)}{random.choice(_TONES)}\u200d{random.choice(_ROLES)}"
        if form == 3:
            return "".join(chr(0x1F1E6 + random.randrange(26)) for _ in range(2))
        if form == 4:
            return chr(random.randint(0x2600, 0x26FF)) + "\ufe0f"
        first, last = random.choice(
            ((0x1F600, 0x1F64F), (0x1F300, 0x1F5FF), (0x1F680, 0x1F6C5), (0x1F900, 0x1F9FF))
        )
        return chr(random.randint(first, last)) * random.choice((1, 1, 1, 2, 3))

    return _repeated(group, chars)


def base64(chars: int) -> str:
    """Random bytes in base64, in one line, of exactly ``chars`` characters."""
    encoded: str = b64encode(random.randbytes(chars * 3 // 4 + 3)).decode()
    return encoded[:chars]


def _repeated(piece: Callable[[], str], chars: int) -> str:
    pieces: list[str] = []
    length = 0
    while length < chars:
        pieces.append(piece())
        length += len(pieces[-1])
    return "".join(pieces)[:chars]
