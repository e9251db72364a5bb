#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# shim.sh - the suite shim: the kernel patches of src/shim are small, each applies to its series' source, and the module works
# with the accessor they add and without it.
# usage: test/host/shim.sh [SERIES...]	(builds the kernels the first time, some 6 minutes each; 7.x as root)

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/report.sh"

# series	a kernel of it without the shim
WITHOUT='
6.1	6.1-le
6.12	6.12-le
5.10	5.10-le
7.x	7-sid
'

# boot KERNEL; with RIG_DEBUG the kernel would be another
boot() { RIG_DEBUG='' RIG_KERNEL=$1 "$HOSTDIR/run.sh" shim --log "$CACHE/log/shim-$1.log" || true; }

# with SERIES: the kernel with the patch is built from a source that has it, and from nothing else that is changed
with() {
	local src p=$TOP/src/shim/$1.patch
	"$HOSTDIR/kernel.sh" "$1-le-shim" || { fail "shim-kernel-$1" "the kernel with the shim does not build"; return; }
	load_kernel "$1-le-shim"
	note "shim $1: $KREL"
	src=$CHROOT$(readlink "$CHROOT$KERNELDIR/source")
	check "shim-applies-$1" "$src does not have the patch" \
		env GIT_CEILING_DIRECTORIES="$(dirname "$src")" git -C "$src" apply --check --reverse "$p" || true
	check "shim-wake-cpu-$1" "xics_wake_cpu is not exported" \
		grep -q '^EXPORT_SYMBOL_GPL(xics_wake_cpu)' "$src/arch/powerpc/sysdev/xics/icp-native.c" || true
	check "shim-export-$1" "not in Module.symvers" \
		grep -q $'\tkvmppc_xics_set_real_mode\tarch/powerpc/kvm/kvm\t' "$CHROOT$KERNELDIR/Module.symvers" || true
	boot "$1-le-shim"
}

without() {
	"$HOSTDIR/kernel.sh" "$2" || { fail "shim-kernel-$1-without" "$2 is not to be had"; return; }
	boot "$2"
}

for p in "$TOP"/src/shim/*.patch; do
	n=$(grep -cE '^(\+($|[^+])|-($|[^-]))' "$p")
	check "shim-size-$(basename "$p" .patch)" "$n changed lines" [ "$n" -lt 40 ] || true
done
while read -r series kernel; do
	[ -n "$series" ] || continue
	if [ $# -gt 0 ] && [[ " $* " != *" $series "* ]]; then continue; fi
	without "$series" "$kernel" </dev/null
	with "$series" </dev/null
done <<<"$WITHOUT"
test_end shim
