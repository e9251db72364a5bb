# SPDX-License-Identifier: GPL-2.0-only
# build: make -s -C test/vmm O="$CACHE/build/vmm"
# boot: --timeout 1500 -f "$HOSTDIR/t-vmm.list:/vmm/list" -f "$HOSTDIR/vmm-list.sh:/vmm/run.sh"
# boot: -f "$CACHE/build/vmm/t_regs:/vmm/t_regs"
#
# Registers of guests and of the VMM's task stay apart (test/vmm/t_regs.c).

. /lib.sh
. /vmm/run.sh

vmm_group regs
test_end vmm_regs
