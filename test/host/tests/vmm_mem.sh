# SPDX-License-Identifier: GPL-2.0-only
# build: make -s -C test/vmm O="$CACHE/build/vmm"
# boot: --timeout 1500 -f "$HOSTDIR/t-vmm.list:/vmm/list" -f "$HOSTDIR/vmm-list.sh:/vmm/run.sh"
# boot: -f "$CACHE/build/vmm/t_mem:/vmm/t_mem"
#
# Guest memory and the hash page table: host paging, memslots, dirty log, stream, resize (test/vmm/t_mem.c).

. /lib.sh
. /vmm/run.sh

vmm_group mem
test_end vmm_mem
