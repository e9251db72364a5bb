# SPDX-License-Identifier: GPL-2.0-only
#
# bench-lib.sh - what the benchmarks share: the build, and figures of t_bench in the deterministic host.  Sourced, after env.sh.

# bench_build: the module and the programs of test/vmm, and a folder $work
bench_build() {
	"$HOSTDIR/setup.sh" >/dev/null
	"$HOSTDIR/mkmod.sh" >"$CACHE/log/mkmod-bench.log" 2>&1 || die "the module does not build, see $CACHE/log/mkmod-bench.log"
	make -s -C "$TOP/test/vmm" O="$CACHE/build/vmm"
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
}

# measure NAME MODULE TOPOLOGY ARGUMENTS...: the figures of t_bench, run with each of these, to stdout,
# "vcpus|operation|p50|least|p90|taken out", in time base ticks.  The console is $CACHE/log/bench-NAME.out.
measure() {
	local log=$CACHE/log/bench-$1.out
	printf '%s\n' "${@:4}" >"$work/args"
	"$HOSTDIR/boot.sh" --icount -m "$2" -t "$3" --show PLOT --timeout 900 -f "$work/args:/bench.args" \
		-f "$CACHE/build/vmm/t_bench:/vmm/t_bench" "$TOP/test/bench/cost-host.sh" >"$log" 2>&1 || say "$2: see $log"
	grep -aE '^(FAIL|HOST-LOG)' "$log" >&2 || true
	sed -n 's/^NOTE t_bench\.[a-z_]*\.\?n\?\([0-9]*\) cost /\1 | /p' "$log" | sed 's/ *| */|/g'
}
