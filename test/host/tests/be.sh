# SPDX-License-Identifier: GPL-2.0-only
# kernel: 6.1-be
# build: make -s -C test/vmm O="$CACHE/build/vmm-be" CROSS_COMPILE=powerpc64-linux-gnu-
# boot: --timeout 900 -f "$HOSTDIR/t-vmm.list:/vmm/list" -f "$HOSTDIR/vmm-list.sh:/vmm/run.sh"
# boot: -f "$CACHE/build/vmm-be/t_basic:/vmm/t_basic" -f "$CACHE/build/vmm-be/t_smt:/vmm/t_smt"
# boot: -f "$CACHE/build/vmm-be/t_regs:/vmm/t_regs"
#
# A big-endian host, as POWER7's are: bare guests of both byte orders, one vcpu and several.

. /lib.sh
. /vmm/run.sh

column load
check load "see the host's console" grep -q '^kvm_hv_smt ' /proc/modules
column 1-vcpu
vmm_group be1
column smt
vmm_group besmt
column unload
check unload "rmmod failed" rmmod kvm_hv_smt
test_end be
