# SPDX-License-Identifier: GPL-2.0-only
# boot: -m none --module kvm -f "$CACHE/build/$RIG_KERNEL/kvm-hv-smt.ko:/lib/modules/kvm-hv-smt.ko"
# boot: --machine powernv9 --timeout 180
#
# POWER9 belongs to the in-tree module.

. /lib.sh

note "$(sed -n 's/^cpu[^:]*: //p' /proc/cpuinfo | head -n 1)"
insmod /lib/modules/kvm.ko
load_refused refuse-power9 "No such device" "this processor is POWER9 or later; use kvm_hv"
test_end refuse_power9
