# SPDX-License-Identifier: GPL-2.0-only
# build: make -s -C test/vmm O="$CACHE/build/vmm"
# boot: -l guest --timeout 1500 -f "$CACHE/build/vmm/t_smt:/vmm/t_smt" -f "$CACHE/guest/tiny/bin/smtload:/bin/smtload"
#
# Life and death: QEMU killed in the middle 50 times, the module loaded, used and unloaded 50 times; then every
# CPU comes online and the host works on all of them, and nothing has leaked.

. /lib.sh

ROUNDS=50
EARLY=5			# of them, killed at a time that does not wait for the guest

# Onlining a sibling must fail while a VM exists
refused() { ! echo 1 2>/dev/null >/sys/devices/system/cpu/cpu1/online; }

# entries NAME: how often vcpus of the guest have entered
entries() { counters "$1" | awk '/^vcpu .*: entries / { n += $4 } END { print n + 0 }'; }

# wait_entered NAME: until one has, 20 s at most
wait_entered() {
	local n=200
	while [ "$(entries "$1")" = 0 ] && [ $n -gt 0 ]; do usleep 100000; n=$((n - 1)); done
}

# What 50 VMs could have kept, in KiB.  A VM of these has 256 MiB, an HPT of 2 MiB, and some 100 KiB of vmalloc.
meminfo() { sed -n "s/^$1: *\([0-9]*\).*/\1/p" /proc/meminfo; }
KEPT="Slab:4096 SUnreclaim:4096 VmallocUsed:1024 PageTables:2048 KernelStack:2048 AnonPages:8192"
memory_now() { for k in $KEPT MemFree:32768; do echo "$k:$(meminfo "${k%%:*}")"; done >"/tmp/mem.$1"; }
# memory_same A B: nothing is kept in B that was not in A
memory_same() {
	local name limit a b
	while IFS=: read -r name limit a; do
		b=$(sed -n "s/^$name:$limit://p" "/tmp/mem.$2")
		[ "$name" != MemFree ] || { set -- "$1" "$2" "$b"; b=$a; a=$3; }
		check "life-$name" "$a KiB, then $b KiB" [ "$b" -le $((a + limit)) ]
	done <"/tmp/mem.$1"
}

# The first guests take what the host keeps (huge zero page, per-cpu lists): some 90 MiB, once
for i in 1 2; do
	guest_start warm 4,threads=4 quiet
	wait_entered warm
	sleep 3
	guest_kill warm
done
rm -f /tmp/warm.*
sleep 1
memory_now before
killed=0 entered=0
for i in $(seq $ROUNDS); do
	guest_start "k$i" 4,threads=4 quiet
	# a different moment each time, from before the first entry to deep in the guest's boot
	if [ "$i" -le $EARLY ]; then usleep $((i * 100000)); else wait_entered "k$i"; usleep $((i * 20000)); fi
	[ "$(entries "k$i")" = 0 ] || entered=$((entered + 1))
	guest_alive "k$i" && killed=$((killed + 1))
	guest_kill "k$i"
	rm -f /tmp/k$i.*
done
check life-killed "only $killed of $ROUNDS were alive" [ $killed = $ROUNDS ]
check life-entered "only $entered of $ROUNDS had been in the guest" [ $entered -ge $((ROUNDS - EARLY)) ]
sleep 1
memory_now after
memory_same before after
check life-vms "$(ls /sys/kernel/debug/kvm)" [ -z "$(find /sys/kernel/debug/kvm -mindepth 1 -type d)" ]
linux_guest after-kill 4,threads=4 120

# A VM of four vcpus that meet, in each round
met() { /vmm/t_smt -n 4 -r 2 meet >/tmp/meet.out 2>&1 </dev/null || { cat /tmp/meet.out; return 1; }; }
loads=0
cores_fit life
for i in $(seq $ROUNDS); do
	rmmod kvm_hv_smt && insmod /lib/modules/kvm-hv-smt.ko $HVARGS && met || break
	loads=$((loads + 1))
done
check life-reload "$loads of $ROUNDS" [ $loads = $ROUNDS ]
guest_start r 4,threads=4 quiet
wait_entered r
check life-online-refused "a CPU went online under a VM" refused
check life-online-said "the log does not say why" sh -c "dmesg | grep -q 'cpu 1 stays offline: 1 VMs exist'"
guest_kill r
leaks_none
module_end life
for c in 1 2 3; do echo 1 >/sys/devices/system/cpu/cpu$c/online; done
check life-online "$(cat /sys/devices/system/cpu/online)" [ "$(cat /sys/devices/system/cpu/online)" = 0-3 ]
load=$(smtload 8)
check life-host-load "$load" [ "${load#load ok workers=4 }" != "$load" ]
test_end life
