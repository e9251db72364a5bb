# SPDX-License-Identifier: GPL-2.0-only
# build: make -s -C test/vmm O="$CACHE/build/vmm"
# boot: -a fast=0 --timeout 900 -f "$HOSTDIR/t-vmm.list:/vmm/list" -f "$HOSTDIR/vmm-list.sh:/vmm/run.sh"
# boot: -f "$CACHE/build/vmm/t_basic:/vmm/t_basic" -f "$CACHE/build/vmm/t_smt:/vmm/t_smt"
# boot: -f "$CACHE/build/vmm/t_papr:/vmm/t_papr" -f "$CACHE/build/vmm/t_mem:/vmm/t_mem"
# boot: -f "$CACHE/build/vmm/t_time:/vmm/t_time"
#
# Nothing is answered in real mode: guests see the same results.

. /lib.sh
. /vmm/run.sh

check fast "fast is $(cat /sys/module/kvm_hv_smt/parameters/fast)" [ "$(cat /sys/module/kvm_hv_smt/parameters/fast)" = 0 ]
vmm_group slow
test_end slow
