#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""litmus.py DIR FILE...: write each test, and each test without one of its barriers, to DIR.

A test's barriers are those instructions in its columns; NAME.litmus becomes NAME.litmus (as it is) and
NAME@P1-sync.litmus (without the sync of P1; -2 is appended to a second one).  A comment line

	(* optional: P1 lwsync: why *)

names a barrier that stands in the code for another pattern: no variant is made without it.
"""
import os
import re
import sys

BARRIERS = ("sync", "lwsync", "isync", "eieio")


def variants(text):
    optional = set(re.findall(r"\(\* optional: (P\d+ \w+)", text))
    lines = text.split("\n")
    seen = {}
    for nr, line in enumerate(lines):
        if not line.endswith(";") or "|" not in line:
            continue
        cells = line[:-1].split("|")
        for col, cell in enumerate(cells):
            insn = cell.strip()
            if insn not in BARRIERS or f"P{col} {insn}" in optional:
                continue
            name = f"P{col}-{insn}"
            seen[name] = seen.get(name, 0) + 1
            if seen[name] > 1:
                name += f"-{seen[name]}"
            without = cells[:col] + [" " * len(cell)] + cells[col + 1:]
            yield name, "\n".join(lines[:nr] + ["|".join(without) + ";"] + lines[nr + 1:])


def main():
    out = sys.argv[1]
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        name = os.path.basename(path).removesuffix(".litmus")
        made = [(name, text)] + [(f"{name}@{v}", t) for v, t in variants(text)]
        for n, t in made:
            with open(os.path.join(out, n + ".litmus"), "w", encoding="utf-8") as file:
                file.write(t.replace(f"PPC {name}\n", f"PPC {n}\n", 1))


main()
