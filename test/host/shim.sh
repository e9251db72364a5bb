#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# shim.sh - the suite shim: the kernel patches of src/shim are small, and the module works with the accessor they
# add and without it.
# usage: test/host/shim.sh	(builds the kernels with the shim the first time, 6 minutes each)

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/report.sh"
. "$HOSTDIR/aptlib.sh"
. "$HOSTDIR/kernel-lib.sh"

for p in "$TOP"/src/shim/*.patch; do
	n=$(grep -cE '^(\+($|[^+])|-($|[^-]))' "$p")
	check "shim-size-$(basename "$p" .patch)" "$n changed lines" [ "$n" -lt 40 ] || true
done
# A series: its patch applies, exports are as HOST-API says, the kernel with it builds and boots, the module uses it
series() {
	local SRC
	fetch_source "$1"
	check "shim-applies-$1" "git apply refuses" \
		env GIT_CEILING_DIRECTORIES="$CACHE/src" git -C "$SRC" apply --check "$TOP/src/shim/$1.patch" || true
	check "shim-wake-cpu-$1" "xics_wake_cpu is not exported" \
		grep -q '^EXPORT_SYMBOL_GPL(xics_wake_cpu)' "$SRC/arch/powerpc/sysdev/xics/icp-native.c" || true
	"$HOSTDIR/kernel-shim.sh" "$1-le-shim" || fail "shim-kernel-$1" "the kernel with the shim does not build"
	# with RIG_DEBUG the kernel would be another
	RIG_DEBUG='' RIG_KERNEL=$1-le-shim "$HOSTDIR/run.sh" shim || true
}

RIG_DEBUG='' RIG_KERNEL=6.1-le "$HOSTDIR/run.sh" shim || true
for s in 6.1 6.12 5.10; do series "$s"; done
test_end shim
