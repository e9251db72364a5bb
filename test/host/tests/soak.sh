# SPDX-License-Identifier: GPL-2.0-only
# build: make -s -C test/vmm O="$CACHE/build/vmm" && echo "-r $((${SOAK_MINUTES:-5} * 100)) -S ${SOAK_SEED:-1}" >"$CACHE/build/soak.args"
# boot: -t 1x2x4 --offline none --module brd --timeout $((${SOAK_MINUTES:-5} * 60 + 900))
# boot: -f "$CACHE/build/vmm/t_soak:/vmm/t_soak" -f "$CACHE/build/soak.args:/vmm/soak.args"
#
# VMs of all widths come and go on a host of two cores whose threads are parked by the module, and all that a host does
# to them happens (test/vmm/t_soak.c): for SOAK_MINUTES, by the seed SOAK_SEED.

. /lib.sh

make_swap 64 || skip soak-swap "no swap in this host"
export HVARGS
# shellcheck disable=SC2046
/vmm/t_soak -x "$SLOW" $(cat /vmm/soak.args) </dev/null || [ $? = 1 ] || fail soak-status "t_soak did not come to its end"
check soak-vms "$(ls /sys/kernel/debug/kvm)" [ -z "$(find /sys/kernel/debug/kvm -mindepth 1 -type d)" ]
leaks_none
module_end soak
# what was parked comes back a moment later
all_online() { cmp -s /sys/devices/system/cpu/online /sys/devices/system/cpu/present; }
check soak-online "$(cat /sys/devices/system/cpu/online)" wait_for 10 all_online
test_end soak
