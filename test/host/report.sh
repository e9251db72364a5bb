# SPDX-License-Identifier: GPL-2.0-only
#
# report.sh - how a test reports; for sh scripts on the build machine and in
# the emulated host alike. Programs print the same lines.
#
#	PASS name
#	FAIL name: reason
#	SKIP name: reason
#	TEST-END script		the script ran to its end; without it the run fails
#
# One line per check, at the start of the line. check.sh sums them up.

pass() { echo "PASS $1"; }
fail() { echo "FAIL $1: $2"; }
skip() { echo "SKIP $1: $2"; }
note() { echo "NOTE $*"; }
test_end() { echo "TEST-END $1"; }

# check NAME REASON COMMAND...: pass when COMMAND succeeds
check() {
	check_name=$1 check_reason=$2
	shift 2
	if "$@"; then pass "$check_name"; else fail "$check_name" "$check_reason"; return 1; fi
}
