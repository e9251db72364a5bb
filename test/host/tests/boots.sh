# SPDX-License-Identifier: GPL-2.0-only
# boot: -l guest --timeout 1200
#
# Linux guests of other shapes on one core of four threads: fewer vcpus, one vcpu a vcore, XICS in QEMU
# instead of the kernel, SLOF as firmware, two VMs that take turns.

. /lib.sh

linux_guest smp1 1 90
linux_guest smp2 2,threads=2 90
linux_guest single 4,threads=1 120
GUEST_MACHINE_IN_KERNEL=$GUEST_MACHINE
GUEST_MACHINE=$(echo "$GUEST_MACHINE_IN_KERNEL" | sed 's/kernel-irqchip=on/kernel-irqchip=off/')
linux_guest irqchip-off 4,threads=4 120
GUEST_MACHINE=$(echo "$GUEST_MACHINE_IN_KERNEL" | sed 's/x-vof=on/x-vof=off/')
linux_guest slof 4,threads=4 180
GUEST_MACHINE=$GUEST_MACHINE_IN_KERNEL

CLOCK_SLACK_S=2
guest_start one 4,threads=4 "quiet smtload=$LOAD_S"
guest_start two 4,threads=4 "quiet smtload=$LOAD_S"
linux_guest_check one 4,threads=4 180
linux_guest_check two 4,threads=4 180
test_end boots
