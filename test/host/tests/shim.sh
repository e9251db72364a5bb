# SPDX-License-Identifier: GPL-2.0-only
# boot: -l guest --timeout 900
#
# How the module reaches kvm.ko's XICS flag: it says so at load, and a guest whose XICS is in the kernel works. Run
# on a kernel with the shim and on one without, see shim.sh one folder up.

. /lib.sh

w=$(uname -r | cut -d. -f1,2)
case $(uname -r) in
*-shim) w=$w-with said="XICS by the shim's accessor";;
*) w=$w-without said="XICS without the shim's accessor";;
esac
exported() { grep -q ' kvmppc_xics_set_real_mode' /proc/kallsyms; }
ready=$(dmesg | grep 'kvm-hv-smt: ready')
check shim-$w-said "$ready" [ "${ready%"$said"}" != "$ready" ]
if [ "${w%-with}" != "$w" ]; then
	check shim-$w-export "kvm.ko has no kvmppc_xics_set_real_mode" exported
else
	check shim-$w-export "this kernel has the shim" [ -z "$(grep ' kvmppc_xics_set_real_mode' /proc/kallsyms)" ]
fi
note "shim $w: ${ready##*kvm-hv-smt: }"
# a host with 4 KiB pages has 16 times the page faults
LIMIT=300 LOAD_S=3
guest_caps
guest_start shim-$w 4,threads=4 "quiet smtload=$LOAD_S"
guest_wait shim-$w $LIMIT '^GUEST-TIME begin'
# the in-kernel device has a file of its own (5.10 has it among those of the architecture), with its counts of the real mode
# halves: none may be used
xics=$(cat "$(vm_debugfs shim-$w)/xics" 2>/dev/null || cat /sys/kernel/debug/powerpc/kvm-xics-* 2>/dev/null)
check shim-$w-in-kernel "the XICS device has other presenters: $xics" [ "$(echo "$xics" | grep -c '^cpu server')" = 4 ]
check shim-$w-virtual-mode "$(echo "$xics" | grep 'Mode totals')" \
	[ "$(echo "$xics" | grep -c '^ICP Real Mode totals: check_resend=0 resend=0$')" = 1 ]
linux_guest_check shim-$w 4,threads=4 $LIMIT
test_end shim-$w
