# SPDX-License-Identifier: GPL-2.0-only
# build: make -s -C test/vmm O="$CACHE/build/vmm"
# boot: --timeout 600 -f "$HOSTDIR/t-vmm.list:/vmm/list" -f "$HOSTDIR/vmm-list.sh:/vmm/run.sh"
# boot: -f "$CACHE/build/vmm/t_sched:/vmm/t_sched"
#
# Fairness, waiting, where the time goes (test/vmm/t_sched.c).

. /lib.sh
. /vmm/run.sh

vmm_group sched
test_end vmm_sched
