# SPDX-License-Identifier: GPL-2.0-only
# build: make -s -C test/vmm O="$CACHE/build/vmm"
# boot: -t 1x2x4 --module brd --timeout 1500 -f "$HOSTDIR/t-vmm.list:/vmm/list" -f "$HOSTDIR/vmm-list.sh:/vmm/run.sh"
# boot: -f "$CACHE/build/vmm/t_smt:/vmm/t_smt" -f "$CACHE/build/vmm/t_mem:/vmm/t_mem"
# boot: -f "$CACHE/build/vmm/t_abuse:/vmm/t_abuse" -f "$CACHE/build/vmm/t_life:/vmm/t_life"
#
# A host with two cores: vcores of a VM at once, and the host works on a VM while its guest runs: joins,
# MMU notifiers, memslots, the dirty log, resizing, signals.

. /lib.sh
. /vmm/run.sh

make_swap 64 || skip vmm-two-swap "no swap in this host"
vmm_group two
test_end vmm_two
