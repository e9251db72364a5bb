# SPDX-License-Identifier: GPL-2.0-only
#
# clock.sh - which failures of a suite a busy build machine may be to blame for. Source it.

# The checks that a slow machine can fail: times that are compared, and waits that have an end.  124 is the status
# of timeout and of a wait in lib.sh, 2 and 75 are console.py's for a host that was too slow.
CLOCK='^FAIL [^ ]*(-clock|-userspace|[.]time|[.]timeout|[.]others): |^FAIL [^ ]*-load: $|^FAIL [^ ]*-power-off: status 124'
CLOCK+='|^FAIL [^ ]*-end: .*\(status (2|75|124|137)\)|^FAIL [^ ]*-host: .*\(status (2|75) of '

# clock_only LOG: did only such checks fail?  Never when the host was in trouble: what shows once in five runs is
# a fault, too.
clock_only() {
	! grep -qE '^HOST-LOG |^HOST-WALL .* status 1\b' "$1" && ! grep '^FAIL ' "$1" | grep -qvE "$CLOCK"
}
