#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh - what can be told without running: the module builds without a warning of gcc (W=1) or sparse, the
# image has no relocation, and nothing on its path on a POWER7 that it lacks; nothing is used that is exported to
# modules of another name only; and a kernel that lacks something essential stops the build with a sentence.
# usage: test/static/run.sh [KERNEL...]	(default: 6.1-le 6.12-le 6.1-be; any that the cache has)

. "$(dirname "$0")/../host/env.sh"
. "$HOSTDIR/report.sh"

KERNELS=("$@")
[ $# -gt 0 ] || KERNELS=(6.1-le 6.12-le 6.1-be)

check_kernel() {
	local name=$1 log=$CACHE/log/static-$1.log dir=$CACHE/build/static-$1 bad
	load_kernel "$name"
	rm -rf "${dir:?}" "${CHROOT:+$CHROOT/build/static-$name}"
	if ! "$HOSTDIR/mkmod.sh" -k "$name" -o "static-$name" W=1 C=1 >"$log" 2>&1; then
		fail "static-$name-build" "$(grep -m1 -E 'error|warning' "$log")"
		return
	fi
	pass "static-$name-build"
	# pahole is for BTF of the kernel, which the module does not have
	bad=$(grep warning "$log" | grep -v '^warning: pahole' || true)
	check "static-$name-warnings" "$(wc -l <<<"$bad"), the first: $(head -n 1 <<<"$bad")" [ -z "$bad" ] || true
	# kbuild leaves sparse out without a word where a script of its is missing
	grep -q '^  CHECK ' "$log" || skip "static-$name-sparse" "the kernel's headers come without what C=1 needs"
	bad=$("${CROSS_COMPILE}objdump" -r -j .smt_image "$dir/src/asm/image.o" | grep -c R_PPC || true)
	check "static-$name-image-relocations" "$bad relocations" [ "$bad" = 0 ] || true
	bad=$(python3 "$TOP/test/static/power7.py" "${CROSS_COMPILE}objdump" "$dir/src/asm/image.o" "$dir/src/asm/smt-offsets.h" "$TOP/asm") &&
		pass "static-$name-power7" || fail "static-$name-power7" "$(tr '\n' ';' <<<"$bad")"
	note "$name: $(tail -n 1 <<<"$bad")"
	bad=$("$TOP/test/static/restricted.sh" "$name" "$dir/kvm-hv-smt.ko" | tr '\n' ' ') || true
	check "static-$name-restricted" "$bad" [ "$bad" = "none " ] || true
}

# refuses NAME WHAT SYMBOL-OR-FACT: the answers of the last build, with one changed to no
refuses() {
	local d=$CACHE/build/static-refuse src=$CACHE/build/static-$1/src out
	load_kernel "$1"
	rm -rf "$d"; mkdir -p "$d"
	cp "$src"/probe/*.probe "$d/"
	local symvers=$KERNELDIR/Module.symvers
	[ -z "${CHROOT:-}" ] || symvers=$CHROOT$symvers
	if [ -e "$d/$3.probe" ]; then
		echo n >"$d/$3.probe"
		cp "$symvers" "$d/symvers"
	else
		awk -F'\t' -v s="$3" '$2 != s' "$symvers" >"$d/symvers"
	fi
	if out=$(sh "$TOP/include/compat/mkconfig.sh" "$TOP/include/compat/probes.c" "$d/symvers" "$d" 2>&1 >/dev/null); then
		fail "static-refuse-$3" "the build would go on without it"
	else
		check "static-refuse-$3" "it says: $out" grep -q "^kvm-hv-smt cannot be built for this kernel: .*$2" <<<"$out" || true
	fi
}

# sources NAME SYMBOL: in a kernel's tree its sources say what is exported. Do they give the same answers as Module.symvers, and
# is SYMBOL missed where they give it to another module only?
sources() {
	local d=$CACHE/build/static-sources src=$CACHE/build/static-$1/src out
	load_kernel "$1"
	rm -rf "$d"; mkdir -p "$d/tree/kvm"
	awk -F'\t' '$5 == "" { print "EXPORT_SYMBOL" (NR % 2 ? "_GPL(" : "(") $2 ");" }' "$CHROOT$KERNELDIR/Module.symvers" >"$d/tree/kvm/all.c"
	sh "$TOP/include/compat/mkconfig.sh" "$TOP/include/compat/probes.c" "$d/tree" "$src/probe" >"$d/smt-config.h" || true
	check "static-sources-same" "$(diff "$d/smt-config.h" "$src/smt-config.h" | head -n 3 | tr '\n' ' ')" \
		cmp -s "$d/smt-config.h" "$src/smt-config.h" || true
	sed -i "s/^EXPORT_SYMBOL.*($2);/EXPORT_SYMBOL_FOR_MODULES($2, \"kvm-hv\");/" "$d/tree/kvm/all.c"
	if out=$(sh "$TOP/include/compat/mkconfig.sh" "$TOP/include/compat/probes.c" "$d/tree" "$src/probe" 2>&1 >/dev/null); then
		fail "static-sources-refuse" "the build would go on without it"
	else
		check "static-sources-refuse" "it says: $out" grep -q "^kvm-hv-smt cannot be built for this kernel: .*$2" <<<"$out" || true
	fi
}

for k in "${KERNELS[@]}"; do
	[ -e "$CACHE/kernel/$k/kernel.env" ] || "$HOSTDIR/kernel.sh" "$k" >"$CACHE/log/static-kernel-$k.log" 2>&1 ||
		{ fail "static-$k-kernel" "see $CACHE/log/static-kernel-$k.log"; continue; }
	check_kernel "$k"
done
k=${KERNELS[0]}
if [ -e "$CACHE/build/static-$k/src/smt-config.h" ]; then
	refuses "$k" CONFIG_KVM_BOOK3S_64_HV HV_POSSIBLE
	refuses "$k" "another gcc" SAME_GCC
	refuses "$k" "memslot operations" OPS_OLD_NEW
	refuses "$k" xics_wake_cpu xics_wake_cpu
	refuses "$k" "headers do not compile" HEADERS
	sources "$k" xics_wake_cpu
fi
# the check of imports can fail: the in-tree module is the one they are meant for
load_kernel 6.1-le
hv=$(find "$KMODDIR" -name kvm-hv.ko | head -n 1)
if grep -qx gfn_to_memslot < <("$TOP/test/static/restricted.sh" 6.1-le "$hv"); then
	pass static-restricted-sees
else
	fail static-restricted-sees "it finds nothing in the in-tree module"
fi
test_end static
