#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# sched.sh - "make bench-sched": the scheduler's figures, by the deterministic host (one instruction per clock tick).
# usage: test/bench/sched.sh		(after setup.sh; a quarter of an hour)
#
# Prints a table; status 1 when a figure misses its target. The time base counts
# instructions, 1.953 a tick, of all threads together: times are those of a
# machine that runs one thread at a time, shares are not touched by that.

. "$(dirname "$0")/../host/env.sh"
. "$TOP/test/bench/bench-lib.sh"

bench_build
out=$CACHE/log/bench-sched.out
say "the host runs; log $out"
status=0
"$HOSTDIR/boot.sh" --icount --timeout 1800 -l guest -f "$CACHE/build/vmm/t_sched:/vmm/t_sched" \
	-f "$CACHE/build/vmm/t_smt:/vmm/t_smt" "$TOP/test/bench/sched-host.sh" >"$out" 2>&1 || status=$?
p7=$CACHE/log/bench-sched-power7.out
"$HOSTDIR/boot.sh" --icount --power7 --timeout 900 -f "$CACHE/build/vmm/t_sched:/vmm/t_sched" \
	"$TOP/test/bench/sched-power7.sh" >"$p7" 2>&1 || status=$?
grep -a '^NOTE bench' "$p7" >>"$out" || true
sed -n 's/^NOTE bench //p' "$out" | column -t -s '|' 2>/dev/null || sed -n 's/^NOTE bench //p' "$out"
grep -E '^(FAIL|HOST-LOG)' "$out" "$p7" && status=1
grep -q '^TEST-END bench_sched_power7$' "$p7" || die "the POWER7 host did not come to its end, see $p7"
grep -q '^TEST-END bench_sched$' "$out" || die "the host did not come to its end, see $out"
exit $status
