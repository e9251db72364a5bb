#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# cost.sh - "make bench": what exits and wake-ups cost, by the deterministic host, beside the in-tree kvm-hv on the same host.
# usage: test/bench/cost.sh		(five minutes)
#
# Instructions, the median: the time base counts them, of all threads of the core together.  kvm-hv runs its guests with one
# vcpu (it cannot run several threads of a core in this emulator), ours with one and with all four threads.  "taken out": how often
# a spinning sibling left the guest, in 1000 operations.  Targets are those of the project (README).
# Status 1 when a figure is missing.

. "$(dirname "$0")/../host/env.sh"
. "$TOP/test/bench/bench-lib.sh"

# as t_bench calls it	target, instructions, "-": none
TARGETS='
hcall to userspace	6500
hcall in the kernel	3300
H_SET_DABR	500
H_READ	700
H_ENTER	1300
H_REMOVE	1500
first touch, host page present	4800
first touch, host page new	7700
MMIO read	7300
H_CEDE, decrementer due	900
wake-up lateness, 10 us, siblings spin	1500
wake-up lateness, 100 us, siblings spin	1500
wake-up lateness, 1 ms, siblings spin	1500
H_PROD and H_CEDE, a turn, two vcores	17000
H_PROD and H_CEDE, a turn	2500
IPI to a spinning vcpu	half of two vcores
IPI to a ceded vcpu	half of two vcores
'

bench_build
say "kvm-hv"
measure cost-kvm-hv kvm-hv 1x1x4 "-n 1 hcalls memory sleep ipi" "-n 2 ipi_far pingpong_far" >"$work/peer"
say "kvm-hv-smt"
measure cost-kvm-hv-smt kvm-hv-smt 1x1x4 "-n 1 hcalls memory sleep ipi" "-n 2 ipi ipi_far pingpong pingpong_far" "-n 4 hcalls memory sleep ipi" timing >"$work/ours"
awk -F'|' -v targets="$TARGETS" '
	function instr(ticks) { return int(ticks * 1.953 + 0.5) }
	BEGIN {
		n = split(targets, t, "\n")
		for (i = 1; i <= n; i++)
			if (split(t[i], f, "\t") == 2)
				target[f[1]] = f[2]
		printf "%-52s %8s %8s %6s  %-20s %s\n", "operation (vcpus)", "kvm-hv", "ours", "ratio", "target", "taken out"
	}
	FNR == NR { peer[$1 "|" $2] = instr($3); next }
	{
		p = peer[$1 "|" $2] + 0
		printf "%-52s %8s %8d %6s  %-20s %s\n", $2 " (" $1 ")", p ? p : "-", instr($3),
			p ? sprintf("%.2f", instr($3) / p) : "-", ($2 in target) ? "<= " target[$2] : "-", ($1 == 1 ? "-" : $6)
		rows++
	}
	END { exit rows < 30 }' "$work/peer" "$work/ours"
echo
echo "phases of a run for a hcall to virtual mode, ns of the time base (1 ns is an instruction):"
sed -n 's/^NOTE phase \([0-9]*\) | \(.*\) | \(.*\)/\1|\2|\3/p' "$CACHE/log/bench-cost-kvm-hv-smt.out" |
	awk -F'|' '{ v[$1, $2] = $3; if (!($2 in seen)) { seen[$2]; name[++n] = $2 } }
		END { for (i = 1; i <= n; i++) printf "  %-24s 1 vcpu %8d   4 vcpus %8d\n", name[i], v[1, name[i]], v[4, name[i]] }'
svg=$CACHE/log/bench-runs.svg
sed -n 's/^.*PLOT //p' "$CACHE/log/bench-cost-kvm-hv-smt.out" | python3 "$TOP/test/bench/plot.py" "$svg" || die "no picture of the runs"
echo "a picture of the last runs, one row a thread: $svg"
