# SPDX-License-Identifier: GPL-2.0-only
#
# lib.sh - for test scripts inside the emulated host: . /lib.sh
#
# A guest has a name; its console is in /tmp/NAME.log, its QEMU's pid in
# /tmp/NAME.pid. Every wait is bounded.

. /report.sh

GUEST_MACHINE=pseries,accel=kvm,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off,cap-htm=off,x-vof=on,ic-mode=xics,kernel-irqchip=on
# rcu_cpu_stall_timeout: on a busy build machine a guest of four threads takes a minute to userspace on a host with 4 KiB pages, and
# its RCU called that a stall once (fqs=1, 15 ticks: nobody was stuck); 21 s are for machines that are not emulated
GUEST_APPEND="console=hvc0 lpj=2048000 apparmor=0 cryptomgr.notests initcall_blacklist=tracer_init_tracefs panic=-1 rcupdate.rcu_cpu_stall_timeout=90"
GUEST_MEM=256
GUEST_DIR=/guest
# from boot.sh: seconds of load on each guest, the module's parameters, a factor for all limits in time
LOAD_S=30 HVARGS='' SLOW=1
[ ! -e /rig.conf ] || eval "$(sed -n "s/^load_s=/LOAD_S=/p; s/^hvargs=/HVARGS=/p; s/^slow=/SLOW=/p" /rig.conf)"
# A host with 4 KiB pages cannot back larger ones of a guest. The VRMA then has
# only 2^(HPT order - 7) pages of 4 KiB; an HPT that is made for maxmem, as it is
# when it cannot be resized, lets it cover the guest's memory.
if grep -qm1 'KernelPageSize: *4 kB' /proc/self/smaps 2>/dev/null; then
	GUEST_MACHINE=$GUEST_MACHINE,cap-hpt-max-page-size=4k,resize-hpt=disabled
	GUEST_MEM=$GUEST_MEM,slots=1,maxmem=1G
fi

# The module's own view of the host's cores, where it is loaded: no run failed, none is in quarantine.
MODULE_CORES=/sys/kernel/debug/kvm-hv-smt/cores
cores_fit() {
	! grep -q '^kvm_hv_smt ' /proc/modules || check "cores${1:+-$1}" "$(grep '^core .* runs .* quarantined' $MODULE_CORES)" \
		awk '/^core .* quarantined/ { n++; bad += !/ roll_call_failures 0 / || !/ quarantined 0$/ }
			END { exit !n || bad }' $MODULE_CORES
}

# leaks_none: on a kernel with kmemleak, nothing of KVM's is lost.  An object has to be some seconds old, and a
# second scan has to find it unchanged.
KMEMLEAK=/sys/kernel/debug/kmemleak
leaks_none() {
	[ -w $KMEMLEAK ] || return 0
	sleep 6
	echo scan >$KMEMLEAK
	sleep 1
	echo scan >$KMEMLEAK
	cat $KMEMLEAK >/tmp/leaks
	[ ! -s /tmp/leaks ] || { note "kmemleak:"; head -n 40 /tmp/leaks; }
	check leaks "$(grep -c '^unreferenced' /tmp/leaks) objects, kvm in the backtrace" \
		sh -c '! grep -qE "kvm|smt_" /tmp/leaks'
}

# module_end NAME: the last look at the module before it is unloaded, and unload it
module_end() {
	cores_fit "$1"
	check "$1-unload" "rmmod failed" rmmod kvm_hv_smt
}

# load_refused NAME ERROR SENTENCE [ARG...]: the module does not load, insmod says ERROR, the log says SENTENCE, and
# nothing of it is left
load_refused() {
	local name=$1 err=$2 why=$3; shift 3
	dmesg -c >/dev/null
	if insmod /lib/modules/kvm-hv-smt.ko "$@" 2>/tmp/insmod.err; then
		fail "$name" "it was loaded"
		rmmod kvm_hv_smt
		return 1
	fi
	dmesg >/tmp/insmod.log
	check "$name-error" "$(cat /tmp/insmod.err)" grep -q "$err" /tmp/insmod.err
	check "$name-sentence" "$(grep kvm-hv-smt /tmp/insmod.log | tail -n 2)" grep -qF "kvm-hv-smt: not loaded: $why" /tmp/insmod.log
	check "$name-gone" "something is left" sh -c '! grep -q ^kvm_hv_smt /proc/modules && [ ! -e /sys/kernel/debug/kvm-hv-smt ]'
}

# the end of a script: what must be true after each
test_end() {
	cores_fit
	leaks_none
	echo "TEST-END $1"
}

uptime_s() { cut -d' ' -f1 /proc/uptime; }
elapsed() { awk -v a="$1" -v b="$(uptime_s)" 'BEGIN { printf "%.1f", b - a }'; }

# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
	local n=$(($1 * 10)); shift
	while ! "$@"; do
		n=$((n - 1))
		[ $n -gt 0 ] || return 1
		usleep 100000
	done
}

# stamp_lines NAME: standard input to /tmp/NAME.log, and the host's uptime at the guest's time stamps
# to /tmp/NAME.times; a process of its own, because polling the log sees them late on a busy core.  In the middle
# of the load it keeps the module's counters of the VM in /tmp/NAME.counters.
stamp_lines() {
	local line u
	while IFS= read -r line; do
		case $line in GUEST-TIME*) read -r u _ </proc/uptime; echo "$u $line" >>"/tmp/$1.times";; esac
		case $line in "GUEST-TIME begin"*) { sleep $((LOAD_S / 2)); counters "$1" >"/tmp/$1.counters"; } & ;; esac
		echo "$line"
	done >"/tmp/$1.log"
}

# qemu_start NAME ARG...: QEMU with just these arguments and a log
qemu_start() {
	local name=$1; shift
	rm -f "/tmp/$name.fifo" "/tmp/$name.times" "/tmp/$name.counters"
	mkfifo "/tmp/$name.fifo"
	: >"/tmp/$name.log"
	stamp_lines "$name" <"/tmp/$name.fifo" &
	qemu-system-ppc64 -L /usr/share/qemu -nodefaults -nographic "$@" \
		</dev/null >"/tmp/$name.fifo" 2>&1 &
	echo $! >"/tmp/$name.pid"
}

# guest_start NAME SMP "KERNEL ARGS" [QEMU ARG...]: the Linux guest in GUEST_DIR, of the layer "guest"
guest_start() {
	local name=$1 smp=$2 app=$3; shift 3
	qemu_start "$name" -M "$GUEST_MACHINE" -cpu host -m "$GUEST_MEM" -smp "$smp" \
		-no-reboot -serial stdio -kernel "$GUEST_DIR/vmlinux" -initrd "$GUEST_DIR/initrd" \
		-append "$GUEST_APPEND $app" "$@"
}

guest_pid() { cat "/tmp/$1.pid"; }
guest_alive() { kill -0 "$(guest_pid "$1")" 2>/dev/null; }
guest_has() { grep -qE -- "$2" "/tmp/$1.log"; }

# guest_wait NAME SECONDS REGEX: until the console shows REGEX; fails at the
# end of QEMU or of the time
guest_wait() {
	local end
	end=$(awk -v t="$2" -v slow="$SLOW" '{ printf "%d", $1 + t * slow }' /proc/uptime)
	while ! guest_has "$1" "$3"; do
		if ! guest_alive "$1"; then guest_has "$1" "$3"; return; fi
		[ "$(cut -d. -f1 /proc/uptime)" -lt "$end" ] || return 1
		sleep 0.2
	done
}

# guest_wait_end NAME SECONDS: until QEMU ends by itself; returns its status
guest_wait_end() {
	local n=$(($2 * 5 * SLOW))
	while guest_alive "$1"; do
		[ $n -gt 0 ] || return 124
		n=$((n - 1))
		sleep 0.2
	done
	wait "$(guest_pid "$1")"
}

# guest_kill NAME: end it, whatever it does
guest_kill() {
	kill -9 "$(guest_pid "$1")" 2>/dev/null
	wait "$(guest_pid "$1")" 2>/dev/null
	return 0
}

# What a healthy guest kernel never prints
GUEST_TROUBLE='is stuck|WARNING: CPU|Oops|BUG:|[Ll]ockup|rcu: .*stall|Call Trace|Kernel panic|GUEST-TROUBLE'
guest_healthy() { ! guest_has "$1" "$GUEST_TROUBLE"; }

# guest_clock NAME: by how much the guest's clocks and the host's differ between GUEST-TIME begin and end
guest_clock() {
	tr -d '\r' <"/tmp/$1.times" | awk -F'[= ]' '
		/GUEST-TIME begin/ { h0 = $1; u0 = $5; d0 = $7 }
		/GUEST-TIME end/ { h1 = $1; u1 = $5; d1 = $7 }
		END { printf "host %.2f s, guest uptime %.2f s, guest date %d s\n", h1 - h0, u1 - u0, d1 - d0 }'
}
# guest_clock_ok NAME: they agree within 5 % and CLOCK_SLACK_S (the date has whole seconds). The host's stamps are made
# when a line of the guest's console has come through QEMU, which waits for the core as the vcpus do: seen to be a
# second late where two VMs share one.
CLOCK_SLACK_S=1
guest_clock_ok() {
	guest_clock "$@" | awk -v s="$CLOCK_SLACK_S" '{ u = $6 - $2; d = $10 - $2; m = s + $2 / 20
		exit !(u < m && u > -m && d < m + 1 && d > -m - 1) }'
}

# make_swap MIB: swap on a RAM disk (boot.sh --module brd), once; fails where there is none
make_swap() {
	insmod /lib/modules/brd.ko rd_nr=1 rd_size=$(($1 * 1024)) && mkswap /dev/ram0 >/dev/null && swapon /dev/ram0
}

# guest_show NAME [LINES]: its console, marked so that it is not taken for the host's
guest_show() { tail -n "${2:-30}" "/tmp/$1.log" | tr -d '\r' | sed "s/^/guest $1| /"; }

# vm_debugfs NAME: the debugfs folder of the guest's VM
vm_debugfs() { ls -d /sys/kernel/debug/kvm/"$(guest_pid "$1")"-* 2>/dev/null | head -n 1; }

# counters NAME: the module's counters of the guest's VM, nothing where there are none
counters() { cat "$(vm_debugfs "$1")/smt" 2>/dev/null; }

# at_once WIDTH: do the counters on standard input show each vcore with WIDTH threads in the guest at the same time,
# never more, and every vcpu running?
at_once() {
	awk -v w="$1" '
		/^vcore/ { vcore[$2] }
		/^vcore .*: runs / && !$4 { bad = 1 }
		/^vcore .*: threads_in_guest / && $8 > 0 { if ($4 > w) bad = 1; if ($4 == w) full[$2] }
		/^vcpu .*: entries / && !$4 { bad = 1 }
		/^vcpu .*: run_us / && !$4 { bad = 1 }
		END { for (v in vcore) { n++; if (!(v in full)) bad = 1 }; exit !n || bad }'
}

# smp_threads SMP: threads a core of a -smp argument
smp_threads() { case $1 in *threads=*) echo "${1##*threads=}";; *) echo 1;; esac; }

# linux_guest NAME SMP LIMIT_S [QEMU ARG...]: boot the Linux guest, every CPU online, LOAD_S seconds of load on all
# of them, on all threads of a core at once, guest time right, clean power-off; one check each
linux_guest() {
	local name=$1 smp=$2 limit=$3; shift 3
	guest_start "$name" "$smp" "quiet smtload=$LOAD_S" "$@"
	linux_guest_check "$name" "$smp" "$limit"
}

# linux_guest_check NAME SMP LIMIT_S: the checks on a guest that was started
linux_guest_check() {
	local name=$1 smp=$2 cpus=${2%%,*} limit=$3 online
	online=0; [ "$cpus" = 1 ] || online=0-$((cpus - 1))
	if ! guest_wait "$name" "$limit" '^GUEST-TIME begin .*date=[0-9]{10}'; then
		fail "$name-userspace" "not reached in $limit s"
		guest_show "$name" 20
		counters "$name"
		cat $MODULE_CORES
		guest_kill "$name"
		return 1
	fi
	pass "$name-userspace"
	check "$name-online" "$(grep -a '^online=' "/tmp/$name.log")" guest_has "$name" "^online=$online "
	if guest_wait "$name" $((LOAD_S + limit)) '^GUEST-TIME end .*date=[0-9]{10}'; then
		check "$name-clock" "$(guest_clock "$name")" guest_clock_ok "$name"
	else
		fail "$name-clock" "no GUEST-TIME end"
	fi
	check "$name-load" "$(grep -a '^load' "/tmp/$name.log")" guest_has "$name" "^load ok workers=$cpus "
	check "$name-at-once" "$(grep threads_in_guest "/tmp/$name.counters" | tr '\n' ';')" \
		at_once "$(smp_threads "$smp")" <"/tmp/$name.counters"
	if guest_wait_end "$name" 60; then pass "$name-power-off"; else fail "$name-power-off" "status $?"; fi
	check "$name-no-trouble" "$(grep -aE "$GUEST_TROUBLE" "/tmp/$name.log" | head -n 1)" guest_healthy "$name" ||
		guest_show "$name" 40
	guest_kill "$name"
}

# guest_caps: what this host's kvm.ko cannot offer a guest is left out of GUEST_MACHINE.  QEMU names it when it
# gives up ("Try appending -machine cap-...=off").
guest_caps() {
	local n more
	for n in 1 2 3 4; do
		more=$(echo quit | timeout 60 qemu-system-ppc64 -L /usr/share/qemu -nodefaults -display none \
			-M "$GUEST_MACHINE" -cpu host -m "$GUEST_MEM" -S -monitor stdio -kernel /guest/vmlinux 2>&1 |
			tr -d '\r' | sed -n 's/.*Try appending -machine //p' | head -n 1)
		[ -n "$more" ] || return 0
		note "this host needs $more"
		GUEST_MACHINE=$GUEST_MACHINE,$more
	done
}

# column NAME: the checks that follow make this column of the matrix (test/matrix.sh)
column() { note "matrix $1"; }

# kernel_checks: what the matrix of kernels asks of each one that can run Linux guests: the module is loaded, a
# guest of one vcpu, one on all threads of the core, and the module goes again
kernel_checks() {
	column load
	check load "see the host's console" grep -q '^kvm_hv_smt ' /proc/modules || return 0
	# a host with 4 KiB pages has 16 times the page faults
	guest_caps
	column 1-vcpu
	linux_guest 1-vcpu 1 300
	column smt
	linux_guest smt 4,threads=4 400
	column unload
	check unload "rmmod failed" rmmod kvm_hv_smt
}
