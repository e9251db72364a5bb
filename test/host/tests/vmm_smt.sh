# SPDX-License-Identifier: GPL-2.0-only
# build: make -s -C test/vmm O="$CACHE/build/vmm"
# boot: --timeout 1500 -f "$HOSTDIR/t-vmm.list:/vmm/list" -f "$HOSTDIR/vmm-list.sh:/vmm/run.sh"
# boot: -f "$CACHE/build/vmm/t_smt:/vmm/t_smt"
#
# Several vcpus of a vcore run at once, join, wake each other (test/vmm/t_smt.c).

. /lib.sh
. /vmm/run.sh

vmm_group smt
test_end vmm_smt
