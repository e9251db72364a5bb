#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Draw runs of a core: one row for each thread, time to the right, as SVG.

usage: plot.py OUT.svg < debugfs kvm-hv-smt/runs

The input is what the module's file "runs" has (parameter timing=1): for each run a line "run CPU SEQ first_trap X stamps S..." and a
line "thread T IN OUT IN OUT..." for each thread, host time base. Status 1 when no run is in it.
"""
import sys

TB_US = 512
ROW, GAP, LEFT, WIDTH = 26, 8, 90, 1400
COLOURS = {"host": "#d9d9d9", "real mode": "#f4a259", "in the guest": "#5b9e5b", "napping in the run": "#8cb4e0"}
TAKEN, REPORTED, ENTERED, LEFT_GUEST, GONE, BACK = 0, 1, 3, 4, 7, 8		# include/gate.h SMT_STAMP_*
MOMENT = 2 * TB_US		# less than this is the way in or out, not a nap
TRAPS = {0x980: "slice", 0xc00: "hcall", 0x500: "host interrupt", 0xe00: "page fault", 0xe20: "page fault", 0: "all idle"}


def read(lines):
    """runs in order: {seq, trap, stamps, threads: [[times]]}"""
    runs = []
    for line in lines:
        w = line.split()
        if len(w) > 5 and w[0] == "run":
            runs.append({"seq": int(w[2]), "trap": int(w[4], 16), "stamps": [int(x) for x in w[6:]], "threads": []})
        elif len(w) >= 2 and w[0] == "thread" and runs:
            runs[-1]["threads"].append([int(x) for x in w[2:]])
    return runs


def thread_parts(run, t):
    """(from, to, what) of thread t, in order; the rest is the host's"""
    s, log = run["stamps"], run["threads"][t]
    begin, end = (s[TAKEN], s[BACK]) if t == 0 else (s[REPORTED], s[GONE])
    if not log:
        if t:		# reported, and napped without a vcpu until it was called home
            yield begin, end, "napping in the run"
        else:
            yield begin, end, "real mode"
        return
    inside = log[0] if log[0] - s[ENTERED] < MOMENT else max(begin, s[ENTERED])
    yield begin, inside, "real mode"
    yield inside, log[0], "napping in the run"		# it entered with a vcpu that had ceded, or joined
    for i in range(0, len(log) - 1, 2):
        yield log[i], log[i + 1], "in the guest"
        if i + 2 < len(log):		# out and in again, without leaving the run: it had ceded
            yield log[i + 1], log[i + 2], "napping in the run"
    last = log[len(log) // 2 * 2 - 1]
    leaves = max(last, min(s[LEFT_GUEST], end)) if s[LEFT_GUEST] - last > MOMENT else last
    yield last, leaves, "napping in the run"
    yield leaves, end, "real mode"


def draw(runs):
    n = max(len(r["threads"]) for r in runs)
    t0, t1 = runs[0]["stamps"][TAKEN], runs[-1]["stamps"][BACK]
    margin = max((t1 - t0) // 50, 1)
    t0, t1 = t0 - margin, t1 + margin
    x = lambda t: LEFT + (t - t0) * WIDTH / (t1 - t0)
    height = 70 + n * (ROW + GAP)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 20}" height="{height + 30}" font-family="sans-serif" font-size="13">']
    for i, (name, colour) in enumerate(COLOURS.items()):
        out.append(f'<rect x="{LEFT + i * 190}" y="8" width="16" height="16" fill="{colour}"/><text x="{LEFT + 22 + i * 190}" y="21">{name}</text>')
    for t in range(n):
        y = 50 + t * (ROW + GAP)
        out.append(f'<text x="8" y="{y + 18}">thread {t}</text><rect x="{LEFT}" y="{y}" width="{WIDTH}" height="{ROW}" fill="{COLOURS["host"]}"/>')
        for r in runs:
            if t >= len(r["threads"]):
                continue
            for a, b, what in thread_parts(r, t):
                if b > a:
                    out.append(f'<rect x="{x(a):.2f}" y="{y}" width="{max((b - a) * WIDTH / (t1 - t0), 0.3):.2f}" height="{ROW}" '
                               f'fill="{COLOURS[what]}"><title>run {r["seq"]}, thread {t}: {what}, {(b - a) / TB_US:.1f} us</title></rect>')
    for r in runs:
        a = x(r["stamps"][BACK])
        out.append(f'<line x1="{a:.2f}" x2="{a:.2f}" y1="44" y2="{height - 20}" stroke="#444" stroke-dasharray="2,3"/>'
                   f'<text x="{a - 3:.2f}" y="40" text-anchor="end" font-size="10">{TRAPS.get(r["trap"], hex(r["trap"]))}</text>')
    out.append(f'<text x="{LEFT}" y="{height}">{(t1 - t0) / TB_US:.0f} us; a dashed line: the core is the host\'s again, above it what ended the run</text></svg>')
    return "\n".join(out)


def main():
    runs = [r for r in read(sys.stdin) if r["threads"] and len(r["stamps"]) > BACK]
    if not runs:
        print("plot: no runs in the input", file=sys.stderr)
        sys.exit(1)
    with open(sys.argv[1], "w", encoding="utf-8") as f:
        f.write(draw(runs) + "\n")


if __name__ == "__main__":
    main()
