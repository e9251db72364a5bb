# SPDX-License-Identifier: GPL-2.0-only
# boot: -l guest --timeout 900
#
# Life and death: QEMU killed in the middle 50 times, the module loaded and unloaded 50 times; then every CPU
# comes online, and nothing has leaked.

. /lib.sh

ROUNDS=50

# Onlining a sibling must fail while a VM exists
refused() { ! echo 1 2>/dev/null >/sys/devices/system/cpu/cpu1/online; }
free_kb() { sed -n 's/^MemFree: *\([0-9]*\).*/\1/p' /proc/meminfo; }

# The first guests take what the host keeps (huge zero page, per-cpu lists): some 90 MiB, once
for i in 1 2; do
	guest_start warm 4,threads=4 quiet
	sleep 5
	guest_kill warm
done
rm -f /tmp/warm.*
sleep 1
before=$(free_kb)
killed=0
for i in $(seq $ROUNDS); do
	guest_start "k$i" 4,threads=4 quiet
	# a different moment each time, from before the first entry to deep in the guest's boot
	usleep $((i * 60000))
	guest_alive "k$i" && killed=$((killed + 1))
	guest_kill "k$i"
	rm -f /tmp/k$i.*
done
check life-killed "only $killed of $ROUNDS were alive" [ $killed -ge $((ROUNDS - 2)) ]
sleep 1
after=$(free_kb)
check life-memory "free before $before KiB, after $after KiB" [ "$after" -gt $((before - 32768)) ]
check life-vms "$(ls /sys/kernel/debug/kvm)" [ -z "$(find /sys/kernel/debug/kvm -mindepth 1 -type d)" ]
linux_guest after-kill 4,threads=4 2 120

loads=0
for i in $(seq $ROUNDS); do
	rmmod kvm_hv_smt && insmod /lib/modules/kvm-hv-smt.ko && loads=$((loads + 1))
done
check life-reload "$loads of $ROUNDS" [ $loads = $ROUNDS ]
guest_start r 4,threads=4 quiet
sleep 3
check life-online-refused "a CPU went online under a VM" refused
guest_kill r
rmmod kvm_hv_smt
for c in 1 2 3; do echo 1 >/sys/devices/system/cpu/cpu$c/online; done
check life-online "$(cat /sys/devices/system/cpu/online)" [ "$(cat /sys/devices/system/cpu/online)" = 0-3 ]
test_end life
