# SPDX-License-Identifier: GPL-2.0-only
# boot: -m kvm-hv -l guest --timeout 120
#
# The rig itself: the in-tree kvm-hv runs a one-vcpu guest. When this fails, the
# other host suites say nothing about the module.

. /lib.sh

check in-tree-module "kvm_hv is not loaded" grep -q '^kvm_hv ' /proc/modules
check secondaries-offline "cpus online: $(cat /sys/devices/system/cpu/online)" \
	[ "$(cat /sys/devices/system/cpu/online)" = 0 ]
t=$(uptime_s)
guest_start g 1 "quiet smtload=2"
if guest_wait_end g 60; then pass in-tree-power-off; else fail in-tree-power-off "status $?"; fi
note "in-tree guest, boot to power-off: $(elapsed "$t") s"
check in-tree-online "see the guest's console" guest_has g '^online=0 '
check in-tree-load "see the guest's console" guest_has g '^load ok workers=1 '
guest_show g
guest_kill g
test_end rig
