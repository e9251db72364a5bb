# SPDX-License-Identifier: GPL-2.0-only
# boot: -l guest --timeout 240
#
# The host's side of "make demo". demo.sh shows the lines DEMO, FAIL and the
# sum; it does the same checks as the suite smt, but shorter and told aloud.

. /lib.sh

demo() { echo "DEMO $*"; }
give_up() {
	fail "$1" "$2"
	guest_show g 15
	guest_kill g
	test_end demo
	exit 1
}

version=$(cat /sys/module/kvm_hv_smt/version 2>/dev/null)
src=$(cat /sys/module/kvm_hv_smt/srcversion 2>/dev/null)
demo "host    Linux $(uname -r), $(sed -n 's/^cpu[^:]*: //p' /proc/cpuinfo | head -n 1)"
demo "        threads $(cat /sys/devices/system/cpu/present), online in the host: $(cat /sys/devices/system/cpu/online)"
grep -q '^kvm_hv_smt ' /proc/modules || give_up demo-module "kvm_hv_smt is not loaded"
pass demo-module
demo "module  kvm-hv-smt ${version:-without a version} (srcversion ${src:-unknown})"

start=$(uptime_s)
demo "guest   booting Linux with -smp 4,threads=4 under $(qemu-system-ppc64 --version | head -n 1)"
guest_start g 4,threads=4 "quiet smtload=3 do=sleep,3"
guest_wait g 120 '^GUEST-TIME begin .*date=[0-9]{10}' || give_up demo-guest "no userspace in 120 s"
pass demo-guest
demo "        userspace after $(elapsed "$start") s (guest clock $(sed -n 's/^GUEST-UP \([0-9.]*\).*/\1/p' /tmp/g.log) s)"
online=$(sed -n 's/^\(online=[^ ]*\).*/\1/p' /tmp/g.log)
demo "        $online"
[ "$online" = online=0-3 ] || give_up demo-online "$online, not online=0-3"
pass demo-online
demo "load    compile-like load on every thread of the guest, 3 s"
guest_wait g 60 '^load (ok|error|failed)' || give_up demo-load "it does not end"
demo "        $(grep '^load' /tmp/g.log | tr -d '\r')"
guest_has g '^load ok workers=4 ' || give_up demo-load "it found errors"
pass demo-load
# how long how many threads were in the guest together, and why they left
c=$(counters g)
[ -n "$c" ] || give_up demo-counters "no counters"
demo "counts  $(vm_debugfs g):"
echo "$c" | sed 's/^/DEMO         /'
echo "$c" | at_once 4 || give_up demo-counters "the four threads were never in the guest at the same time"
pass demo-counters
guest_wait_end g 60 || give_up demo-power-off "status $?"
pass demo-power-off
demo "guest   powered off after $(elapsed "$start") s"
guest_healthy g || give_up demo-trouble "$(grep -E "$GUEST_TROUBLE" /tmp/g.log | head -n 1)"
test_end demo
