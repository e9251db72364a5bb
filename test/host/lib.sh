# SPDX-License-Identifier: GPL-2.0-only
#
# lib.sh - for test scripts inside the emulated host: . /lib.sh
#
# A guest has a name; its console is in /tmp/NAME.log, its QEMU's pid in
# /tmp/NAME.pid. Every wait is bounded.

. /report.sh

GUEST_MACHINE=pseries,accel=kvm,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off,cap-htm=off,x-vof=on,ic-mode=xics
GUEST_APPEND="console=hvc0 lpj=2048000 apparmor=0 cryptomgr.notests initcall_blacklist=tracer_init_tracefs panic=-1"
GUEST_MEM=256
# A host with 4 KiB pages cannot back larger ones of a guest. The VRMA then has
# only 2^(HPT order - 7) pages of 4 KiB; an HPT that is made for maxmem, as it is
# when it cannot be resized, lets it cover the guest's memory.
if grep -qm1 'KernelPageSize: *4 kB' /proc/self/smaps 2>/dev/null; then
	GUEST_MACHINE=$GUEST_MACHINE,cap-hpt-max-page-size=4k,resize-hpt=disabled
	GUEST_MEM=$GUEST_MEM,slots=1,maxmem=1G
fi

uptime_s() { cut -d' ' -f1 /proc/uptime; }
elapsed() { awk -v a="$1" -v b="$(uptime_s)" 'BEGIN { printf "%.1f", b - a }'; }

# stamp_lines NAME: standard input to /tmp/NAME.log, and the host's uptime at the guest's time stamps
# to /tmp/NAME.times; a process of its own, because polling the log sees them late on a busy core
stamp_lines() {
	local line u
	while IFS= read -r line; do
		case $line in GUEST-TIME*) read -r u _ </proc/uptime; echo "$u $line" >>"/tmp/$1.times";; esac
		echo "$line"
	done >"/tmp/$1.log"
}

# qemu_start NAME ARG...: QEMU with just these arguments and a log
qemu_start() {
	local name=$1; shift
	rm -f "/tmp/$name.fifo" "/tmp/$name.times"
	mkfifo "/tmp/$name.fifo"
	: >"/tmp/$name.log"
	stamp_lines "$name" <"/tmp/$name.fifo" &
	qemu-system-ppc64 -L /usr/share/qemu -nodefaults -nographic "$@" \
		</dev/null >"/tmp/$name.fifo" 2>&1 &
	echo $! >"/tmp/$name.pid"
}

# guest_start NAME SMP "KERNEL ARGS" [QEMU ARG...]: the Linux guest of the layer "guest"
guest_start() {
	local name=$1 smp=$2 app=$3; shift 3
	qemu_start "$name" -M "$GUEST_MACHINE" -cpu host -m "$GUEST_MEM" -smp "$smp" \
		-no-reboot -serial stdio -kernel /guest/vmlinux -initrd /guest/initrd \
		-append "$GUEST_APPEND $app" "$@"
}

guest_pid() { cat "/tmp/$1.pid"; }
guest_alive() { kill -0 "$(guest_pid "$1")" 2>/dev/null; }
guest_has() { grep -qE -- "$2" "/tmp/$1.log"; }

# guest_wait NAME SECONDS REGEX: until the console shows REGEX; fails at the
# end of QEMU or of the time
guest_wait() {
	local end
	end=$(awk -v t="$2" '{ printf "%d", $1 + t }' /proc/uptime)
	while ! guest_has "$1" "$3"; do
		if ! guest_alive "$1"; then guest_has "$1" "$3"; return; fi
		[ "$(cut -d. -f1 /proc/uptime)" -lt "$end" ] || return 1
		sleep 0.2
	done
}

# guest_wait_end NAME SECONDS: until QEMU ends by itself; returns its status
guest_wait_end() {
	local n=$(($2 * 5))
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
GUEST_TROUBLE='is stuck|WARNING: CPU|Oops|BUG:|[Ll]ockup|rcu.*stall|Call Trace|Kernel panic|GUEST-TROUBLE'
guest_healthy() { ! guest_has "$1" "$GUEST_TROUBLE"; }

# guest_clock NAME: by how much the guest's clocks and the host's differ between GUEST-TIME begin and end
guest_clock() {
	tr -d '\r' <"/tmp/$1.times" | awk -F'[= ]' '
		/GUEST-TIME begin/ { h0 = $1; u0 = $5; d0 = $7 }
		/GUEST-TIME end/ { h1 = $1; u1 = $5; d1 = $7 }
		END { printf "host %.2f s, guest uptime %.2f s, guest date %d s\n", h1 - h0, u1 - u0, d1 - d0 }'
}
# guest_clock_ok NAME: they agree within 5 % and half a second (the date has whole seconds)
guest_clock_ok() {
	guest_clock "$@" | awk '{ u = $6 - $2; d = $10 - $2; m = 0.5 + $2 / 20
		exit !(u < m && u > -m && d < m + 1 && d > -m - 1) }'
}

# guest_show NAME [LINES]: its console, marked so that it is not taken for the host's
guest_show() { tail -n "${2:-30}" "/tmp/$1.log" | tr -d '\r' | sed "s/^/guest $1| /"; }

# vm_debugfs NAME: the debugfs folder of the guest's VM
vm_debugfs() { ls -d /sys/kernel/debug/kvm/"$(guest_pid "$1")"-* 2>/dev/null | head -n 1; }

# linux_guest NAME SMP LOAD_S LIMIT_S [QEMU ARG...]: boot the Linux guest, every CPU online, load on all of
# them, guest time right, clean power-off; one check each
linux_guest() {
	local name=$1 smp=$2 load=$3 limit=$4 cpus; shift 4
	cpus=${smp%%,*}
	guest_start "$name" "$smp" "quiet smtload=$load" "$@"
	linux_guest_check "$name" "$cpus" "$load" "$limit"
}

# linux_guest_check NAME CPUS LOAD_S LIMIT_S: the checks on a guest that was started
linux_guest_check() {
	local name=$1 cpus=$2 load=$3 limit=$4 online
	online=0; [ "$cpus" = 1 ] || online=0-$((cpus - 1))
	if ! guest_wait "$name" "$limit" '^GUEST-TIME begin .*date=[0-9]{10}'; then
		fail "$name-userspace" "not reached in $limit s"
		guest_show "$name" 20
		cat "$(vm_debugfs "$name")/smt" /sys/kernel/debug/kvm-hv-smt/cores 2>/dev/null
		guest_kill "$name"
		return 1
	fi
	pass "$name-userspace"
	check "$name-online" "$(grep -a '^online=' "/tmp/$name.log")" guest_has "$name" "^online=$online "
	if guest_wait "$name" $((load + limit)) '^GUEST-TIME end .*date=[0-9]{10}'; then
		check "$name-clock" "$(guest_clock "$name")" guest_clock_ok "$name"
	else
		fail "$name-clock" "no GUEST-TIME end"
	fi
	check "$name-load" "$(grep -a '^load' "/tmp/$name.log")" guest_has "$name" "^load ok workers=$cpus "
	if guest_wait_end "$name" 60; then pass "$name-power-off"; else fail "$name-power-off" "status $?"; fi
	check "$name-no-trouble" "$(grep -aE "$GUEST_TROUBLE" "/tmp/$name.log" | head -n 1)" guest_healthy "$name" ||
		guest_show "$name" 40
	guest_kill "$name"
}

# column NAME: the checks that follow make this column of the matrix (test/matrix.sh)
column() { note "matrix $1"; }

# kernel_checks: what the matrix of kernels asks of each one that can run Linux guests: the module is loaded, a
# guest of one vcpu, one on all threads of the core, and the module goes again
kernel_checks() {
	column load
	check load "see the host's console" grep -q '^kvm_hv_smt ' /proc/modules || return 0
	# a host with 4 KiB pages has 16 times the page faults
	column 1-vcpu
	linux_guest 1-vcpu 1 2 300
	column smt
	linux_guest smt 4,threads=4 5 400
	column unload
	check unload "rmmod failed" rmmod kvm_hv_smt
}
