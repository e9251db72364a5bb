#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""No instruction or register that POWER7 lacks is on the image's path there.

usage: power7.py OBJDUMP IMAGE.O OFFSETS.H ASMDIR

Follows every branch of the image (section .smt_image), from the vectors, the routines that C calls, and the labels whose
address is taken, as a POWER7 would: a test of the flag SMT_F_207 finds 0, and so does one of MSR[TS]. What is met on the way
must be known to POWER7's decoder, and no SPR may be of ISA 2.07 only. The check is checked: with those tests taken both
ways it has to find a lot.
"""
import re
import subprocess
import sys

# Power ISA 2.07 Book II/III-S, not in 2.06; those of POWER8 alone are in its user manual
SPRS_207 = {
    61: "IAMR", 128: "TFHAR", 129: "TFIAR", 130: "TEXASR", 131: "TEXASRU", 153: "FSCR", 159: "PSPB", 176: "DPDES", 180: "DAWR",
    186: "RPR", 187: "CIABR", 188: "DAWRX", 190: "HFSCR", 446: "TIR", 768: "SIER", 769: "MMCR2", 784: "SIER", 785: "MMCR2",
    800: "BESCRS", 801: "BESCRSU", 802: "BESCRR", 803: "BESCRRU", 804: "EBBHR", 805: "EBBRR", 806: "BESCR", 815: "TAR",
    848: "IC", 849: "VTB", 888: "TACR", 889: "TCSCR", 890: "CSIGR", 892: "SPMC1", 893: "SPMC2", 894: "MMCRS", 895: "WORT",
    898: "PPR32",
}
WORD = re.compile(r"^\s+([0-9a-f]+):\t(?:[0-9a-f]{2} ){4}\s*\t?(\S.*)$")
LABEL = re.compile(r"^([0-9a-f]+) <(\w+)>:")


def disassemble(objdump, obj, cpu):
    out = subprocess.run([objdump, "-d", "-z", "-j", ".smt_image", "-M", cpu, obj], check=True, capture_output=True, text=True).stdout
    insns, labels = {}, {}
    for line in out.splitlines():
        if m := LABEL.match(line):
            labels[m[2]] = int(m[1], 16)
        elif m := WORD.match(line):
            insns[int(m[1], 16)] = m[2].split("#")[0].strip()
    return insns, labels


def words(objdump, obj):
    """address: the instruction's word, whatever the byte order"""
    out = subprocess.run([objdump, "-s", "-j", ".smt_image", obj], check=True, capture_output=True, text=True).stdout
    little = "powerpcle" in subprocess.run([objdump, "-f", obj], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in out.splitlines():
        if m := re.match(r"^ ([0-9a-f]+) ((?:[0-9a-f]+ ){1,4})", line):
            data = bytes.fromhex(m[2].replace(" ", ""))
            for i in range(0, len(data) - 3, 4):
                found[int(m[1], 16) + i] = int.from_bytes(data[i:i + 4], "little" if little else "big")
    return found


def roots(labels, asmdir):
    """vectors, entries from C, labels whose address is taken"""
    text = ""
    for name in ("vectors", "takeover", "partition", "context", "entry", "exit", "hcall", "nap", "image"):
        with open(f"{asmdir}/{name}.S", encoding="utf-8") as f:
            text += f.read()
    names = set(re.findall(r"IMG\((\w+)\)", text)) | set(re.findall(r"IMG_EA\s+\w+,\s*(\w+)", text))
    names |= {n for n in labels if n.startswith("smt_rm_") or n.startswith("smt_image_ra_")}
    missing = {n for n in names if n not in labels} - {"label"}
    if missing:
        sys.exit(f"power7.py: no such label: {missing}")
    return {n: labels[n] for n in names if n in labels and n != "exit_table"}


def flag_test(insns, at, flags):
    """Is the branch at this address decided by SMT_F_207 or by MSR[TS], which are 0?"""
    before = [insns.get(at - 4 * i, "") for i in (1, 2, 3)]
    m = re.match(r"andi\.\s+r\d+,r(\d+),1$", before[0])
    if m and any(re.match(rf"ld\s+r{m[1]},{flags}\(r29\)$", b) for b in before[1:]):
        return True
    m = re.match(r"rldicl\.\s+r\d+,r(\d+),31,62$", before[0])
    return bool(m and re.match(rf"mfmsr\s+r{m[1]}$", before[1]))


def walk(insns, start, flags, power7):
    """All addresses that are reached"""
    seen, todo, decided = set(), list(start), 0
    while todo:
        at = todo.pop()
        if at in seen or at not in insns:
            continue
        seen.add(at)
        text = insns[at]
        op = text.split()[0].rstrip("+-")
        m = re.search(r"\b([0-9a-f]+) <", text)
        target = int(m[1], 16) if m else None
        if op in ("b", "ba"):
            todo.append(target)
        elif op in ("bctr", "blr", "rfid", "hrfid", "nap"):
            pass
        elif target is not None and op.startswith("b") and op not in ("bl", "bcl"):
            zero = power7 and "cr" not in text.split("<")[0] and flag_test(insns, at, flags)
            decided += zero
            if not (zero and op == "bne"):
                todo.append(target)
            if not (zero and op == "beq"):
                todo.append(at + 4)
        else:
            todo.append(at + 4)
            if target is not None:
                todo.append(target)
    return seen, decided


def lacks(seen, p7, p8, word):
    """what of it POWER7 does not have"""
    found = []
    for at in sorted(seen):
        w = word.get(at, 0)
        if not w:
            continue
        if w >> 26 == 31 and (w >> 1 & 0x3ff) in (339, 467):
            spr = (w >> 16 & 31) | (w >> 6 & 0x3e0)
            if spr in SPRS_207:
                found.append((at, f"{p8[at]} ({SPRS_207[spr]})"))
        elif p7[at].startswith(".long") and not p8[at].startswith(".long"):
            found.append((at, p8[at]))
    return found


def nearest(labels, at):
    name, base = max(((n, a) for n, a in labels.items() if a <= at), key=lambda x: x[1])
    return f"{name}+{at - base:#x}"


def main():
    objdump, obj, offsets, asmdir = sys.argv[1:]
    with open(offsets, encoding="utf-8") as f:
        flags = re.search(r"#define CORE_FLAGS (\d+)", f.read())[1]
    p8, labels = disassemble(objdump, obj, "power8")
    p7, _ = disassemble(objdump, obj, "power7")
    word = words(objdump, obj)
    start = list(roots(labels, asmdir).values()) + [v for v in range(0x100, 0x1900, 0x20) if word.get(v)]
    seen, decided = walk(p8, start, flags, True)
    every, _ = walk(p8, start, flags, False)
    found, control = lacks(seen, p7, p8, word), lacks(every, p7, p8, word)
    for at, text in found:
        print(f"{nearest(labels, at)}: {text}")
    print(f"{len(seen)} instructions on POWER7's path, {len(every)} on all, {decided} tests decided, {len(control)} of ISA 2.07 on the others")
    return not (not found and len(control) >= 50 and decided >= 8 and len(seen) > 1000)


if __name__ == "__main__":
    sys.exit(main())
