#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# boot.sh - boot the emulated POWER8 host and run a test script in it.
# usage: test/host/boot.sh [option...] TEST.sh [-- QEMU_ARG...]
#
#  -k, --kernel NAME	host kernel in the cache (default $RIG_KERNEL)
#  -m, --hvmod MOD	kvm-hv (in-tree), kvm-hv-smt (the last mkmod.sh build),
#			none, or the path of a .ko (default kvm-hv-smt)
#  -a, --hvargs STR	its module parameters
#  -l, --layer FILE	cpio archive to add; a name without / means
#			$CACHE/layer/NAME.cpio (may be repeated; base is implied)
#  -f, --file SRC:DST	add a file (may be repeated)
#  -t, --topology T	SOCKETSxCORESxTHREADS (default 1x1x4)
#      --offline LIST	primaries (default: secondaries go offline), none, or a list
#      --mem SIZE	default 2G
#      --append STR	more for the host's kernel command line
#      --timeout S	for the whole run, default 600
#      --log FILE	default $CACHE/log/TEST-MOD.log
#      --allow REGEX	host trouble that is expected (may be repeated)
#      --show REGEX	print these lines, too
#      --gdb PATH	gdbstub on a unix socket (gdb: target remote PATH), from the
#			start of the secondaries on; before, park.py uses it
#      --monitor PATH	monitor on a unix socket
#      --power7		CPUs are presented to the kernel as POWER7 (architected)
#      --icount		deterministic run: one instruction per clock tick
#  -v, --verbose	show the whole console
#
# Runs on the build machine. lib.sh and report.sh are put into the host as
# /lib.sh and /report.sh. Status: see console.py. A boot that hangs is tried once more.

. "$(dirname "$0")/env.sh"

KERNEL=$RIG_KERNEL MOD=kvm-hv-smt HVARGS='' LAYERS=() FILES=() TOPO=1x1x4 OFFLINE=primaries
MEM=2G APPEND='' TIMEOUT=600 LOG='' ALLOW=() QEMU=() POWER7='' ICOUNT='' GDB='' VERBOSE=()
while [ $# -gt 0 ]; do
	case $1 in
	-k|--kernel) KERNEL=$2; shift;;
	-m|--hvmod) MOD=$2; shift;;
	-a|--hvargs) HVARGS=$2; shift;;
	-l|--layer) LAYERS+=("$2"); shift;;
	-f|--file) FILES+=("$2"); shift;;
	-t|--topology) TOPO=$2; shift;;
	--offline) OFFLINE=$2; shift;;
	--mem) MEM=$2; shift;;
	--append) APPEND=$2; shift;;
	--timeout) TIMEOUT=$2; shift;;
	--log) LOG=$2; shift;;
	--allow) ALLOW+=(--allow "$2"); shift;;
	--show) VERBOSE+=(--show "$2"); shift;;
	--gdb) GDB=$2; shift;;
	--monitor) QEMU+=(-monitor "unix:$2,server=on,wait=off"); shift;;
	--power7) POWER7=1;;
	--icount) ICOUNT=1;;
	-v|--verbose) VERBOSE+=(-v);;
	--) shift; QEMU+=("$@"); break;;
	-*) die "unknown option $1";;
	*) [ -z "${TEST:-}" ] || die "two test scripts: $TEST, $1"; TEST=$1;;
	esac
	shift
done
[ -e "${TEST:?no test script given}" ] || die "no test script $TEST"
load_kernel "$KERNEL"
IFS=x read -r SOCKETS CORES THREADS <<<"$TOPO"
[[ $SOCKETS$CORES$THREADS =~ ^[0-9]+$ ]] || die "topology must be SOCKETSxCORESxTHREADS, not $TOPO"

WORK=$(mktemp -d "$CACHE/run.XXXXXX")
trap 'rm -rf "$WORK"' EXIT

# the modules of this kernel, uncompressed whatever the distribution did
copy_module() {
	local f
	f=$(find "$KMODDIR" -name "$1.ko*" | head -n 1)
	case $f in
	*.ko) cp "$f" "$2/$1.ko";;
	*.ko.xz) xz -dc "$f" >"$2/$1.ko";;
	*.ko.zst) zstd -qdc "$f" >"$2/$1.ko";;
	*) die "no module $1 for $KREL";;
	esac
}

# stage DIR: what is of this run only
stage() {
	local d=$1 m name=none f
	mkdir -p "$d/lib/modules"
	install -m 755 "$HOSTDIR/host-init" "$d/init"
	install -m 755 "$TEST" "$d/test.sh"
	cp "$HOSTDIR/lib.sh" "$HOSTDIR/report.sh" "$d/"
	case $MOD in
	none) ;;
	kvm-hv) name=kvm-hv; copy_module kvm-hv "$d/lib/modules";;
	kvm-hv-smt) m=$CACHE/build/$KERNEL/kvm-hv-smt.ko;;
	*) m=$MOD;;
	esac
	if [ -n "${m:-}" ]; then
		[ -e "$m" ] || die "no module $m; build it with test/host/mkmod.sh"
		name=$(basename "$m" .ko)
		cp "$m" "$d/lib/modules/"
	fi
	[ "$MOD" = none ] || copy_module kvm "$d/lib/modules"
	printf "offline='%s'\nhvmod='%s'\nhvargs='%s'\nendian='%s'\n" \
		"$OFFLINE" "$name" "$HVARGS" "$ENDIAN" >"$d/rig.conf"
	for f in "${FILES[@]}"; do
		mkdir -p "$d/$(dirname "${f#*:}")"
		cp "${f%%:*}" "$d/${f#*:}"
	done
}

base=base; [ "$ENDIAN" = le ] || base=base-be
INITRD=()
for l in "$base" "${LAYERS[@]}"; do
	[[ $l == */* ]] || l=$CACHE/layer/$l.cpio
	[ -e "$l" ] || die "no layer $l"
	INITRD+=("$l")
done
stage "$WORK/d"
mkcpio "$WORK/d" "$WORK/d.cpio"
cat "${INITRD[@]}" "$WORK/d.cpio" >"$WORK/initrd"

ACCEL=tcg,thread=multi
GDB=${GDB:-$WORK/gdb}
PARK=(--park "$GDB" --threads "$THREADS")
CMDLINE="console=hvc0 kvm_cma_resv_ratio=10 ignore_loglevel printk.devkmsg=on panic=1"
# with the feature nodes, the kernel does not look at the PVR
[ -z "$POWER7" ] || CMDLINE+=" dt_cpu_ftrs=off"
if [ -n "$ICOUNT" ]; then
	# the filter gives QEMU a periodic virtual timer; without one an SMT host does not boot
	ACCEL=tcg,thread=single
	CMDLINE+=" norandmaps nokaslr rig.icount"
	PARK=()
	QEMU+=(-icount "shift=0,sleep=off" -seed 42 -rtc "clock=vm,base=2026-01-01T00:00:00"
		-netdev user,id=nd0 -object filter-buffer,id=f0,netdev=nd0,queue=rx,interval=100)
fi
ARGS=(-M powernv8 -smp "$((SOCKETS * CORES * THREADS)),sockets=$SOCKETS,cores=$CORES,threads=$THREADS"
	-m "$MEM" -accel "$ACCEL" -kernel "$VMLINUX" -initrd "$WORK/initrd"
	-nographic -nodefaults -no-reboot
	-device ipmi-bmc-sim,id=bmc0 -device isa-ipmi-bt,bmc=bmc0,irq=10)

# power7_dtb FILE: the machine's own device tree for these arguments (command line
# and initrd included: QEMU adds nothing to a given one), but with the logical PVR
# of ISA 2.06 in each cpu node. POWER8's registers stay accessible.
power7_dtb() {
	local c
	printf 'dumpdtb %s\nquit\n' "$1" |
		timeout 30 qemu-system-ppc64 "${ARGS[@]}" -append "$CMDLINE $APPEND" -S -monitor stdio \
			>"$WORK/dumpdtb.log" 2>&1 || true
	[ -e "$1" ] || die "QEMU gave no device tree: $(cat "$WORK/dumpdtb.log")"
	for c in $(fdtget -l "$1" /cpus); do
		[ "$(fdtget -d '' "$1" "/cpus/$c" device_type)" != cpu ] ||
			fdtput -t x "$1" "/cpus/$c" cpu-version 0f000003
	done
}
if [ -n "$POWER7" ]; then
	power7_dtb "$WORK/dtb"
	ARGS+=(-dtb "$WORK/dtb")
else
	ARGS+=(-append "$CMDLINE $APPEND")
fi
ARGS+=(-gdb "unix:$GDB,server=on,wait=off" -serial stdio "${QEMU[@]}")

LOG=${LOG:-$CACHE/log/$(basename "$TEST" .sh)-$(basename "$MOD" .ko).log}
say "kernel $KREL, hv module $MOD, $TOPO, log $LOG"
again=()
for try in 1 2; do
	rc=0
	python3 "$HOSTDIR/console.py" --log "$LOG" --timeout "$TIMEOUT" \
		"${again[@]}" "${VERBOSE[@]}" "${ALLOW[@]}" "${PARK[@]}" -- qemu-system-ppc64 "${ARGS[@]}" || rc=$?
	[ $rc = 75 ] && [ $try = 1 ] || break
	say "the boot hung, trying once more"
	again=(--append)
done
exit $rc
