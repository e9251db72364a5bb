# SPDX-License-Identifier: GPL-2.0-only
# build: make -s -C test/vmm O="$CACHE/build/vmm"
# boot: --timeout 1500 -f "$HOSTDIR/t-vmm.list:/vmm/list" -f "$HOSTDIR/vmm-list.sh:/vmm/run.sh"
# boot: -f "$CACHE/build/vmm/t_basic:/vmm/t_basic" -f "$CACHE/build/vmm/t_regs:/vmm/t_regs"
# boot: -f "$CACHE/build/vmm/t_papr:/vmm/t_papr" -f "$CACHE/build/vmm/t_time:/vmm/t_time"
#
# One vcpu: hcalls, registers, interrupts, translation, MMIO (test/vmm/t_basic.c), PAPR services (t_papr.c); the
# guest's clocks (t_time.c).

. /lib.sh
. /vmm/run.sh

vmm_group basic
test_end vmm_basic
