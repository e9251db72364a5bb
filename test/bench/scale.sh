#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scale.sh - "make bench-scale": what a run costs as threads, VMs and memory grow, by the deterministic host.
# usage: test/bench/scale.sh		(five minutes)
#
# Instructions, the median, of a hcall that the host answers in virtual mode, and of a first touch: the time base counts them, of all
# threads of the core together.  Cores have their turns in this emulator, and no operation at the median has a change of turn in it.
# Status 1 when a figure is missing, or when the cost grows with VMs that idle or with memory.

. "$(dirname "$0")/../host/env.sh"
. "$TOP/test/bench/bench-lib.sh"

ALLOWED=10	# per cent more for 16 idle VMs, or for 16 times the memory

bench_build
say "threads"
measure scale-threads kvm-hv-smt 1x1x8 "-n 1,2,4,8 scale_threads" >"$work/figures"
say "VMs"
measure scale-vms kvm-hv-smt 1x2x4 scale_vms >>"$work/figures"
say "memory"
measure scale-memory kvm-hv-smt 1x1x4 scale_memory >>"$work/figures"
awk -F'|' -v allowed="$ALLOWED" '
	{ n = int($3 * 1.953 + 0.5); printf "%-64s %8d\n", $2 ($1 ? " (" $1 " vcpus)" : ""), n; rows++ }
	# the first row of a kind is what the others are compared with
	{ kind = $2; gsub(/[0-9]+/, "N", kind) }
	kind ~ /idle$|MiB/ && $1 == "" {
		if (!(kind in first))
			first[kind] = n
		else if (n > first[kind] * (100 + allowed) / 100) {
			printf "  grows: %d at first\n", first[kind]
			bad = 1
		}
	}
	END { exit bad || rows < 19 }' "$work/figures"
