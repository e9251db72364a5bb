# SPDX-License-Identifier: GPL-2.0-only
# boot: -m none --module kvm -f "$CACHE/build/$RIG_KERNEL/kvm-hv-smt.ko:/lib/modules/kvm-hv-smt.ko"
# boot: --append powersave=off --timeout 120
#
# A host whose offline threads spin instead of napping.

. /lib.sh

insmod /lib/modules/kvm.ko
load_refused refuse-nap "Invalid argument" "offline threads do not nap: boot the host without powersave=off"
test_end refuse_nap
