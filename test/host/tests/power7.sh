# SPDX-License-Identifier: GPL-2.0-only
# build: make -s -C test/vmm O="$CACHE/build/vmm"
# boot: --power7 --timeout 900 -f "$HOSTDIR/t-vmm.list:/vmm/list" -f "$HOSTDIR/vmm-list.sh:/vmm/run.sh"
# boot: -f "$CACHE/build/vmm/t_smt:/vmm/t_smt" -f "$CACHE/build/vmm/t_sched:/vmm/t_sched"
# boot: -f "$CACHE/build/vmm/t_life:/vmm/t_life"
#
# A host whose cpus say that they are POWER7: any vcpu on any thread, several vcores of a VM in one run.

. /lib.sh
. /vmm/run.sh

check presented "see dmesg of the host" grep -q 'POWER7' /proc/cpuinfo
vmm_group power7
test_end power7
