#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh - run the test suites and sum up.
# usage: test/check.sh [--all|--debug|--trash] [SUITE...]	(default: the suites of the first table)
#        test/check.sh --packaging	the suites that concern packages, slow ones too
#
#  --debug	host suites run on the debug kernel, with the module's assertions on
#  --trash	the suites that load the module, each with its parameter test_trash=1
#
# A suite is a command that prints the lines of test/host/report.sh. It has
# failed when a check fails, when it does not print "TEST-END name", when its
# status is not 0 although no check failed, or when it checks nothing. Output
# goes to $CACHE/log/check-SUITE.log, the report's lines also to the terminal.
#
# SOAK_MINUTES and SOAK_SEED are for the suite soak.
#
# A suite of REPEATABLE whose clocks alone failed is run once more (clock_only).
#
# Last line: "N passed, N failed" and ", N skipped" if any. Status 0 only if
# something passed and nothing failed.

. "$(dirname "$0")/host/env.sh"

export SOAK_MINUTES=${SOAK_MINUTES:-5} SOAK_SEED=${SOAK_SEED:-1}

# suite	limit in seconds	command, from the top of the tree
SUITES='
unit	120	test/unit/run.sh
static	1500	test/static/run.sh
model	900	test/model/run.sh
console	120	test/host/run-console.py
rig	300	test/host/run.sh rig
smt	400	test/host/run.sh smt
boots	1500	test/host/run.sh boots
trash	700	test/host/run.sh trash
refuse	600	test/host/run-many.sh refuse nap taken guest power9
faults	700	test/host/run.sh faults
vmm_basic	300	test/host/run.sh vmm_basic
vmm_smt	900	test/host/run.sh vmm_smt
vmm_mem	600	test/host/run.sh vmm_mem
vmm_abuse	900	test/host/run.sh vmm_abuse
vmm_life	600	test/host/run.sh vmm_life
eight	700	test/host/run.sh eight
k612	900	test/host/run.sh k612
power7	900	test/host/run.sh power7
slow	700	test/host/run.sh slow
be	900	test/host/run.sh be
soak	(60*SOAK_MINUTES+900)	test/host/run.sh soak
'

# What --all and a name add: with them it is over an hour
MORE='
cores	1200	test/host/run.sh cores
life	1800	test/host/run.sh life
park	600	test/host/run.sh park
vmm_regs	400	test/host/run.sh vmm_regs
vmm_sched	400	test/host/run.sh vmm_sched
vmm_two	1200	test/host/run.sh vmm_two
vmm_eight	900	test/host/run.sh vmm_eight
dkms	600	test/packaging/dkms.sh
modprobe	600	test/host/run.sh modprobe
beguest	1200	test/host/run.sh beguest
'

# Only when they are named: a quarter of an hour and more, each
SLOW='
shim	9000	test/host/shim.sh
series	900	test/packaging/series.sh
rpm	600	test/packaging/rpm.sh
native	7200	test/packaging/native.sh
intree	3000	test/packaging/intree.sh
'

# Suites with clocks of an emulated machine in them, which a busy build machine can disturb.
REPEATABLE=" rig smt k612 be boots trash cores eight faults life park vmm_basic vmm_smt vmm_regs vmm_mem vmm_abuse vmm_life
	vmm_sched vmm_two vmm_eight power7 slow modprobe shim "

. "$TOP/test/clock.sh"

PASSED=0 FAILED=0 SKIPPED=0

count() { grep -c "^$1 " "$2" || true; }

# run_suite NAME LIMIT COMMAND [again]
run_suite() {
	local log=$CACHE/log/check-$1.log status=0 start=$SECONDS p f s
	echo "== $1"
	set +e
	# shellcheck disable=SC2086
	(cd "$TOP" && exec timeout -k 10 $(($2 * RIG_SLOW)) $3) </dev/null 2>&1 | tr -d '\r' | tee "$log" |
		grep --line-buffered -E '^(PASS|FAIL|SKIP|NOTE|HOST-LOG) '
	status=${PIPESTATUS[0]}
	set -e
	p=$(count PASS "$log") f=$(count FAIL "$log") s=$(count SKIP "$log")
	suite_fail() { echo "FAIL $1" | tee -a "$log"; f=$((f + 1)); }
	if ! grep -q "^TEST-END $1\$" "$log"; then
		suite_fail "$1-end: the suite did not come to its end (status $status), see $log"
	elif [ "$status" != 0 ] && [ "$f" = 0 ]; then
		suite_fail "$1-status: the suite ended with status $status, see $log"
	elif [ "$p" = 0 ] && [ "$f" = 0 ]; then
		suite_fail "$1-empty: nothing was checked"
	fi
	if [ "$f" != 0 ] && [ -z "${4:-}" ] && [[ $REPEATABLE == *[[:space:]]"$1"[[:space:]]* ]] && clock_only "$log"; then
		# shown, kept and counted as skipped, never as passed
		cp "$log" "$log.first"
		grep '^FAIL ' "$log" | sed 's/^FAIL /NOTE failed at first: /'
		echo "-- $1: $f failed, once more; the first log is $log.first"
		SKIPPED=$((SKIPPED + f))
		run_suite "$1" "$2" "$3" again
		return
	fi
	PASSED=$((PASSED + p)) FAILED=$((FAILED + f)) SKIPPED=$((SKIPPED + s))
	echo "-- $1: $p passed, $f failed, $s skipped, $((SECONDS - start)) s"
}

table_names() { awk -F'\t' 'NF { print $1 }' <<<"$1"; }
names=$(table_names "$SUITES$MORE$SLOW")
run=$SUITES
case ${1:-} in
--all)
	run=$SUITES$MORE
	shift;;
--packaging)
	set -- dkms modprobe shim series rpm native intree;;
--debug)
	export RIG_DEBUG=1
	export RIG_SLOW=4
	shift;;
--trash)
	export RIG_TRASH=1
	shift
	# shellcheck disable=SC2046
	[ $# -gt 0 ] || set -- $(table_names "$SUITES$MORE" | grep -vxE "unit|static|model|console|rig|refuse|faults|dkms|modprobe");;
esac
[ $# = 0 ] || run=$SUITES$MORE$SLOW
for n in "$@"; do
	grep -qx -- "$n" <<<"$names" || die "no suite $n; have: $(tr '\n' ' ' <<<"$names")"
done
"$HOSTDIR/setup.sh"
if [ -n "${RIG_DEBUG:-}" ]; then "$HOSTDIR/kernel-debug.sh"; fi

while IFS=$'\t' read -r name limit cmd; do
	[ -n "$name" ] || continue
	if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
	run_suite "$name" "$limit" "$cmd"
done <<<"$run"

sum="$PASSED passed, $FAILED failed"
[ "$SKIPPED" = 0 ] || sum+=", $SKIPPED skipped"
status=0
[ "$FAILED" = 0 ] && [ "$PASSED" -gt 0 ] || status=1
echo "$sum"
exit $status
