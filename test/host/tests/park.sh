# SPDX-License-Identifier: GPL-2.0-only
# build: make -s -C test/vmm O="$CACHE/build/vmm" "$CACHE/build/vmm/t_park"
# build: powerpc64le-linux-gnu-gcc-12 -O2 -Wall -Wextra -Werror -static -o "$CACHE/build/mkvm" test/host/mkvm.c
# build: test/host/mkmod.sh -s test/host/refuse -o "refuse-$RIG_KERNEL" >"$CACHE/log/mkmod-refuse.log" 2>&1
# boot: -l guest -t 1x2x4 --offline none --timeout 500 -f "$CACHE/build/vmm/t_park:/vmm/t_park"
# boot: -f "$CACHE/build/mkvm:/bin/mkvm" -f "$CACHE/build/refuse-$RIG_KERNEL/refuse.ko:/refuse.ko"
#
# Nobody switches SMT off here: VMs park the threads that they need and bring them back. Two cores of four
# threads, all online at first.

. /lib.sh

CPUS=/sys/devices/system/cpu
PARAMS=/sys/module/kvm_hv_smt/parameters

online() { cat $CPUS/online; }
online_is() { [ "$(online)" = "$1" ]; }
cpu_set() { echo "$2" 2>/dev/null >"$CPUS/cpu$1/online"; }
# Module messages since the last call of log_mark; the test's own lines go to the same log
LOGGED=0
log_mark() { LOGGED=$(dmesg | grep -c .); }
logged() { dmesg | tail -n +$((LOGGED + 1)) | grep 'kvm-hv-smt: ' | grep -qE -- "$1"; }
logged_last() { dmesg | tail -n +$((LOGGED + 1)) | grep 'kvm-hv-smt: ' | tail -n 1; }
refused() { ! "$@"; }
set_param() { echo "$2" 2>/dev/null >"$PARAMS/$1"; }
param_is() { [ "$(cat "$PARAMS/$1")" = "$2" ]; }

# vm_hold N: N VMs, made by as many processes at once, that stay until vm_drop
vm_hold() {
	: >/tmp/vms		# not what the last one said
	mkvm -n "$1" -h -1 >/tmp/vms 2>&1 &
	VMS=$!
	wait_for 20 vm_said "$1"
}
vm_said() { [ "$(grep -c '^vm' /tmp/vms)" = "$1" ]; }
vm_drop() {
	kill -9 $VMS
	wait $VMS 2>/dev/null
}
# all_back NAME: the host has what it had
all_back() { check "$1" "online: $(online)" wait_for 8 online_is "${2:-0-7}"; }

# --- load
check park-load "see the host's console" grep -q '^kvm_hv_smt ' /proc/modules
check park-load-selftest "$(logged_last)" logged 'self-test passed on 1 cores, 1 wait'
check park-load-online "online: $(online)" online_is 0-7
check park-defaults "$(cat $PARAMS/park $PARAMS/guest_cores)" eval 'param_is park auto && param_is guest_cores 0,4'

# --- exactly those that were online
cpu_set 6 0
log_mark
vm_hold 1
check park-parked "online: $(online)" online_is 0,4
check park-says "$(logged_last)" logged 'cpus 1-3,5,7 are parked'
check park-online-refused "a parked CPU went online under a VM" refused cpu_set 1 1
check park-online-refused-other "cpu6 went online under a VM" refused cpu_set 6 1
check park-param-refused "park changed under a VM" refused set_param park manual
check park-cores-refused "guest_cores changed under a VM" refused set_param guest_cores 0
check park-param-unchanged "$(cat $PARAMS/park $PARAMS/guest_cores)" \
	eval 'param_is park auto && param_is guest_cores 0,4'
check park-refused-says "$(logged_last)" logged 'guest_cores is not changed: 1 VMs exist'
vm_drop
check park-linger "online at once: $(online)" online_is 0,4
all_back park-back 0-5,7
check park-back-says "$(logged_last)" logged 'cpus 1-3,5,7 are the host.s again'
cpu_set 6 1

# --- several at once; the last one counts
vm_hold 4
check park-four-at-once "$(cat /tmp/vms)" [ "$(grep -c '^vm ok' /tmp/vms)" = 4 ]
mkvm >/dev/null
sleep 3
check park-not-the-last "online: $(online)" online_is 0,4
vm_drop
# while it lingers, an administrator takes one back himself
check park-linger-admin "cpu1 does not come online" cpu_set 1 1
vm_hold 1
check park-again "online: $(online)" online_is 0,4
vm_drop
all_back park-back-four

# --- a CPU that refuses
insmod /refuse.ko offline=6 || fail park-refuse "refuse.ko does not load"
log_mark
check park-refuse-create "$(mkvm)" [ "$(mkvm)" = 'vm Device or resource busy' ]
check park-refuse-says "$(logged_last)" logged 'cpu 6 cannot be taken offline'
check park-refuse-back "online: $(online)" online_is 0-7
echo -1 >/sys/module/refuse/parameters/offline
check park-refuse-next "the next VM is not made" mkvm
all_back park-refuse-next-back
# one that does not come back at once
echo 2 >/sys/module/refuse/parameters/online
mkvm >/dev/null
all_back park-late-others 0-1,3-7
echo -1 >/sys/module/refuse/parameters/online
all_back park-late
rmmod refuse

# --- bad parameters, nothing changed
log_mark
for bad in park=off park= guest_cores=1 guest_cores=0-4 guest_cores=8 guest_cores=9999 guest_cores=core0 \
	slice_us=99 slice_us=100001 slice_us=-1 min_slice_us=10001 busy_hold_us=1000001 roll_call_ms=0 \
	exit_ms=99 exit_ms=many; do
	name=${bad%%=*} was=$(cat "$PARAMS/${bad%%=*}")
	check "park-bad-$bad" "accepted" refused set_param "$name" "${bad#*=}"
	check "park-bad-$bad-kept" "$(cat "$PARAMS/$name")" param_is "$name" "$was"
done
check park-bad-secondary "no such line" logged 'cpu 1 is not the first thread of its core, cpu 0 is'
check park-bad-absent "no such line" logged 'the last cpu is 7'
check park-bad-range "no such line" logged 'slice_us is not changed: it is a number from 100 to 100000'

# --- by hand
set_param park manual
log_mark
check park-manual-create "$(mkvm)" [ "$(mkvm)" = 'vm Device or resource busy' ]
check park-manual-says "$(logged_last)" \
	logged 'cpus 1-3,5-7 are online and park=manual; run: ppc64_cpu --smt=off, or: chcpu -d 1-3,5-7'
check park-manual-online "online: $(online)" online_is 0-7
set_param guest_cores 4
for c in 5 6 7; do cpu_set $c 0; done
check park-manual-off "a VM is not made" mkvm
sleep 3
check park-manual-stays "online: $(online)" online_is 0-4
for c in 5 6 7; do cpu_set $c 1; done
set_param park auto

# --- the other core stays whole; tasks there are moved or refused
set_param guest_cores 0
log_mark
guest_start g 4,threads=4 "quiet smtload=2"
wait_for 20 online_is 0,4-7
check park-cores-online "online: $(online)" online_is 0,4-7
LOAD_S=2
linux_guest_check g 4,threads=4 150
guest_start pinned 1 "quiet do=sleep,60"
guest_wait pinned 60 '^GUEST-TIME begin'
for t in /proc/"$(guest_pid pinned)"/task/*; do taskset -pc 5 "${t##*/}" >/dev/null; done
check park-pinned "$(tail -n 2 /tmp/pinned.log)" guest_wait pinned 20 'kvm run failed'
check park-pinned-says "$(logged_last)" logged 'affinity 5, cannot run its vcpu'
guest_kill pinned
/vmm/t_park </dev/null
all_back park-cores-back
set_param guest_cores all

# --- others plug a guest core's primary under a VM
guest_start hp 8,threads=4 "quiet smtload=4"
if guest_wait hp 150 '^GUEST-TIME begin'; then
	cpu_set 4 0; sleep 1; cpu_set 4 1
fi
LOAD_S=4
linux_guest_check hp 8,threads=4 150
all_back park-hotplug-back

# --- VMs come and go, at all moments of the threads' way back
made=0
for i in $(seq 20); do
	vm_hold 1
	online_is 0,4 && made=$((made + 1))
	vm_drop
	# every fourth one while the threads are on their way back
	[ $((i % 4)) != 0 ] || usleep $((1900000 + i * 20000))
done
check park-cycles "$made of 20" [ $made = 20 ]
mkvm >/dev/null
rmmod kvm_hv_smt
check park-unload-back "online: $(online)" online_is 0-7

# --- at load
log_mark
load() { insmod /lib/modules/kvm-hv-smt.ko "$@" 2>/dev/null; }
check park-load-bad-cores "loaded" refused load guest_cores=3
check park-load-bad-park "loaded" refused load park=maybe
check park-load-bad-slice "loaded" refused load slice_us=5
insmod /refuse.ko offline=1
check park-load-refused "does not load when a CPU refuses" load
rmmod kvm_hv_smt refuse
check park-load-refused-back "online: $(online)" online_is 0-7
check park-load-manual "does not load" load park=manual guest_cores=4
check park-load-manual-set "$(cat $PARAMS/park $PARAMS/guest_cores)" eval 'param_is park manual && param_is guest_cores 4'
check park-load-manual-selftest "$(logged_last)" logged 'self-test passed on 0 cores'
rmmod kvm_hv_smt
test_end park
