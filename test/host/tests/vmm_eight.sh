# SPDX-License-Identifier: GPL-2.0-only
# build: make -s -C test/vmm O="$CACHE/build/vmm"
# boot: -t 1x1x8 --timeout 1500 -f "$HOSTDIR/t-vmm.list:/vmm/list" -f "$HOSTDIR/vmm-list.sh:/vmm/run.sh"
# boot: -f "$CACHE/build/vmm/t_smt:/vmm/t_smt" -f "$CACHE/build/vmm/t_regs:/vmm/t_regs"
#
# A core of eight threads: vcores of 3 and 5 to 8 vcpus meet, registers stay apart.

. /lib.sh
. /vmm/run.sh

vmm_group eight
test_end vmm_eight
