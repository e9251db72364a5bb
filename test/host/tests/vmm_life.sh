# SPDX-License-Identifier: GPL-2.0-only
# build: make -s -C test/vmm O="$CACHE/build/vmm"
# boot: --timeout 1500 -f "$HOSTDIR/t-vmm.list:/vmm/list" -f "$HOSTDIR/vmm-list.sh:/vmm/run.sh"
# boot: -f "$CACHE/build/vmm/t_life:/vmm/t_life"
#
# VMs come and go, are interrupted and killed (test/vmm/t_life.c).

. /lib.sh
. /vmm/run.sh

vmm_group life
test_end vmm_life
