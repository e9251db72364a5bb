# SPDX-License-Identifier: GPL-2.0-only
# boot: -l guest -a test_fault=1 --timeout 600
# boot: --allow "a thread did not report for a run" --allow "kvm-hv-smt: cpu [0-9]+: state"
#
# Now and then a thread does not report for a run: the run is called off, counted and logged, the core rests,
# and neither the guest nor the host comes to harm.

. /lib.sh

failures() { sed -n 's/^core .* roll_call_failures \([0-9]*\) .*/\1/p' $MODULE_CORES; }

linux_guest fault 4,threads=4 180
check fault-counted "$(cat $MODULE_CORES)" [ "$(failures)" -gt 0 ]
check fault-counted-vm "$(cat /tmp/fault.counters)" grep -q '^vcore .* roll_call_failures [1-9]' /tmp/fault.counters
check fault-logged "see the host's console" sh -c 'dmesg | grep -q "a thread did not report for a run; the core gets no guest for 200 ms"'
check fault-strays "$(cat $MODULE_CORES)" grep -q '^core .* strays [1-9]' $MODULE_CORES
note "$(failures) roll calls failed"
check fault-unload "rmmod failed" rmmod kvm_hv_smt
for c in 1 2 3; do echo 1 >/sys/devices/system/cpu/cpu$c/online; done
check fault-host-online "$(cat /sys/devices/system/cpu/online)" [ "$(cat /sys/devices/system/cpu/online)" = 0-3 ]
for c in 1 2 3; do echo 0 >/sys/devices/system/cpu/cpu$c/online; done
check fault-loads-again "it does not load again" insmod /lib/modules/kvm-hv-smt.ko
linux_guest healthy 4,threads=4 120
test_end faults
