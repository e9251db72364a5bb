# SPDX-License-Identifier: GPL-2.0-only
# boot: -l guest --timeout 300
#
# The purpose of the module: a Linux guest that uses all four threads of a core
# while the host runs on the primary alone.

. /lib.sh

check module-loaded "see the host's console" grep -q '^kvm_hv_smt ' /proc/modules
start=$(uptime_s)
guest_start g 4,threads=4 "quiet smtload=$LOAD_S"

if guest_wait g 120 '^GUEST-TIME begin .*date=[0-9]{10}'; then
	pass guest-userspace
	note "guest userspace after $(elapsed "$start") s"
	check guest-online "$(grep -a '^online=' /tmp/g.log)" guest_has g '^online=0-3 '
	check guest-siblings "$(grep -a '^siblings=' /tmp/g.log)" guest_has g '^siblings=0-3'
	if guest_wait g $((LOAD_S + 90)) '^GUEST-TIME end .*date=[0-9]{10}'; then
		check guest-clock "$(guest_clock g)" guest_clock_ok g
	else
		fail guest-clock "no GUEST-TIME end"
	fi
	check guest-at-once "$(grep threads_in_guest /tmp/g.counters | tr '\n' ';')" at_once 4 </tmp/g.counters
	check guest-load "$(grep -a '^load' /tmp/g.log)" guest_has g '^load ok workers=4 '
else
	fail guest-userspace "not reached in 120 s"
fi
if guest_wait_end g 60; then pass guest-power-off; else fail guest-power-off "status $?"; fi
check guest-no-trouble "$(grep -aE "$GUEST_TROUBLE" /tmp/g.log | head -n 1)" guest_healthy g
guest_show g 40
guest_kill g
module_end module
test_end smt
