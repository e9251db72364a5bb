#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""barriers.py: every barrier of asm/ and of the gate's C has its reason, and the reason can be checked.

usage: test/model/barriers.py [TOP]	prints the lines of test/host/report.sh

On the barrier's line, or alone on the line before it, a comment says

	litmus: NAME...		the memory model needs it: test/model/litmus/NAME.litmus exists and has that barrier
	arch: CLASS		the architecture wants it there; see ARCH, the instructions around it are looked at

and each litmus test is named by some barrier.
"""
import glob
import os
import re
import sys

TOP = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
C_FILES = ["src/image.c", "src/run.c", "src/vcore.c", "src/selftest.c"]
ASM_BARRIER = re.compile(r"^\s*(?:\d+:)?\s*(sync|lwsync|isync|ptesync|eieio|tlbsync)\b")
C_BARRIER = re.compile(r"\b(smp_mb|smp_wmb|smp_rmb|smp_mb__before_atomic|smp_mb__after_atomic|smp_store_mb|"
                       r"smp_store_release|smp_load_acquire|mb|wmb|rmb|isync|eieio)\(")
# what a barrier of C is in the litmus tests (arch/powerpc/include/asm/barrier.h, SMP)
AS_INSN = {"smp_mb": "sync", "smp_mb__before_atomic": "sync", "smp_mb__after_atomic": "sync", "mb": "sync",
           "smp_store_mb": "sync", "smp_wmb": "lwsync", "smp_rmb": "lwsync", "smp_store_release": "lwsync",
           "smp_load_acquire": "lwsync"}
# class: barriers, instructions of which one must be so many instructions before or after, why
ARCH = {
    # Power ISA 2.07 Book III-S chapter 12, synchronization requirements for context alterations
    "mtspr": ({"isync", "ptesync"}, r"mtspr\b|mtmsrd\b", 3, 2),
    "slb": ({"isync"}, r"slbmte\b|slbia\b|bdnz\b", 2, 2),
    # Book III-S 5.10.1: the sequence around tlbie
    "tlbie": ({"ptesync", "eieio", "tlbsync"}, r"tlbie\b|tlbsync\b", 2, 2),
    # Book III-S 3.3.2: all stores performed, then nap
    "nap": ({"ptesync"}, r"nap\b", 0, 4),
    # Book II 1.7.1, 4.4.3: order of accesses to caching-inhibited, guarded storage
    "ci": ({"eieio"}, r"(?:st[bhwd]|l[bhwd]z?)cix\b", 1, 2),
    # stores are performed some day, nothing says when: before a thread stops for good
    "stop": ({"sync"}, r"HMT_LOW\b", 0, 5),
}


def instructions(lines):
    """(index, text) of the lines that hold an instruction, without comment and label"""
    for nr, line in enumerate(lines):
        text = re.sub(r"/\*.*?\*/", "", line).strip()
        text = re.sub(r"^(?:\w+:\s*)+", "", text)
        if text and not text.startswith(("#", "*", "/*", ".")):
            yield nr, text


def tags_of(lines, nr):
    found = re.findall(r"(litmus|arch): ([a-z0-9 -]+)", lines[nr])
    if not found and nr and re.match(r"\s*/\* (?:litmus|arch): [a-z0-9 -]+ \*/$", lines[nr - 1]):
        found = re.findall(r"(litmus|arch): ([a-z0-9 -]+)", lines[nr - 1])
    return [(kind, name) for kind, names in found for name in names.split()]


def arch_ok(cls, insn, lines, nr):
    if cls not in ARCH:
        return f"there is no class {cls}"
    barriers, near, before, after = ARCH[cls]
    if insn not in barriers:
        return f"{insn} is no barrier of the class {cls}"
    code = list(instructions(lines))
    at = [i for i, (n, _) in enumerate(code) if n == nr][0]
    around = code[max(0, at - before):at] + code[at + 1:at + 1 + after]
    if not any(re.match(near, text) for _, text in around):
        return f"nothing of the class {cls} stands around it"
    return ""


def litmus_ok(name, insn, litmus):
    if name not in litmus:
        return f"no litmus/{name}.litmus"
    if not re.search(rf"[ |]{insn}\s*[|;]", litmus[name]):
        return f"litmus/{name}.litmus has no {insn}"
    return ""


def check(path, litmus, used):
    """number of barriers, complaints"""
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        lines = file.read().split("\n")
    asm = path.endswith((".S", ".h"))
    count, bad = 0, []
    for nr, line in enumerate(lines):
        code = re.sub(r"/\*.*", "", line)
        m = ASM_BARRIER.search(code) if asm else C_BARRIER.search(code)
        if not m:
            continue
        count += 1
        insn = m.group(1)
        tags = tags_of(lines, nr)
        where = f"{path}:{nr + 1} {insn}"
        if not tags:
            bad.append(f"{where}: neither litmus: nor arch:")
        for kind, name in tags:
            if kind == "litmus":
                why = litmus_ok(name, AS_INSN.get(insn, insn), litmus)
                used.add(name)
            elif asm:
                why = arch_ok(name, insn, lines, nr)
            else:
                why = "" if name == "mtspr" and insn == "isync" and "mtspr(" in lines[nr - 1] else "no mtspr before it"
            if why:
                bad.append(f"{where}: {why}")
    return count, bad


def main():
    litmus = {}
    for path in glob.glob(os.path.join(TOP, "test/model/litmus/*.litmus")):
        with open(path, encoding="utf-8") as file:
            litmus[os.path.basename(path).removesuffix(".litmus")] = file.read()
    asm = sorted(os.path.relpath(p, TOP) for p in glob.glob(os.path.join(TOP, "asm/*.[Sh]")))
    total, failed, used = 0, 0, set()
    for path in asm + C_FILES:
        count, bad = check(path, litmus, used)
        total += count
        for line in bad:
            failed += 1
            print(f"FAIL model-barrier: {line}")
    for name in sorted(set(litmus) - used):
        failed += 1
        print(f"FAIL model-barrier: litmus/{name}.litmus belongs to no barrier")
    if total < 40:
        failed += 1
        print(f"FAIL model-barrier: only {total} barriers found: this script does not see them")
    if not failed:
        print(f"NOTE {total} barriers, {len(litmus)} litmus tests")
        print("PASS model-barriers")
    return 1 if failed else 0


sys.exit(main())
