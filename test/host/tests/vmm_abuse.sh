# SPDX-License-Identifier: GPL-2.0-only
# build: make -s -C test/vmm O="$CACHE/build/vmm"
# boot: --timeout 1500 -f "$HOSTDIR/t-vmm.list:/vmm/list" -f "$HOSTDIR/vmm-list.sh:/vmm/run.sh"
# boot: -f "$CACHE/build/vmm/t_abuse:/vmm/t_abuse"
#
# Bad input from userspace and guests (test/vmm/t_abuse.c).

. /lib.sh
. /vmm/run.sh

vmm_group abuse
check vmm-abuse-online-said "no line in the log" sh -c 'dmesg | grep -q "kvm-hv-smt: cpu 1 stays offline: 1 VMs exist"'
test_end vmm_abuse
