"""Fresh texts of a stated length, drawn from `random`: no two alike, so that no cache is flattered.

Word frequencies follow Zipf's law, as in written English; about one word in eleven is made up from
syllables, which a vocabulary does not hold whole (names, terms, typing errors play that part in real text).
"""

from __future__ import annotations

import random
from itertools import accumulate

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
