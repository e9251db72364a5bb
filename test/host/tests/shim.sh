# SPDX-License-Identifier: GPL-2.0-only
# boot: -l guest --timeout 400
#
# How the module reaches kvm.ko's XICS flag: it says so at load, and a guest whose XICS is in the kernel works. Run
# on a kernel with the shim and on one without, see shim.sh one folder up.

. /lib.sh

case $(uname -r) in
*-shim) w=with said="XICS by the shim's accessor";;
*) w=without said="XICS without the shim's accessor";;
esac
exported() { grep -q ' kvmppc_xics_set_real_mode' /proc/kallsyms; }
ready=$(dmesg | grep 'kvm-hv-smt: ready')
check shim-$w-said "$ready" [ "${ready%"$said"}" != "$ready" ]
if [ $w = with ]; then
	check shim-with-export "kvm.ko has no kvmppc_xics_set_real_mode" exported
else
	check shim-without-export "this kernel has the shim" [ -z "$(grep ' kvmppc_xics_set_real_mode' /proc/kallsyms)" ]
fi
note "shim $w: ${ready##*kvm-hv-smt: }"
LOAD_S=3
guest_start shim-$w 4,threads=4 "quiet smtload=$LOAD_S"
guest_wait shim-$w 120 '^GUEST-TIME begin'
# the in-kernel device has a file of its own, with its counts of the real mode halves: none may be used
xics=$(cat "$(vm_debugfs shim-$w)/xics" 2>/dev/null)
check shim-$w-in-kernel "the XICS device has other presenters: $xics" [ "$(echo "$xics" | grep -c '^cpu server')" = 4 ]
check shim-$w-virtual-mode "$(echo "$xics" | grep 'Mode totals')" \
	[ "$(echo "$xics" | grep -c '^ICP Real Mode totals: check_resend=0 resend=0$')" = 1 ]
linux_guest_check shim-$w 4,threads=4 120
test_end shim-$w
