#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# matrix.sh - every host kernel: get it, build the module for it, run it, print a table.
# usage: test/matrix.sh [KERNEL...]	(default: all of the table; "make matrix", KERNELS="a b")
#
# Kernels stay in the cache; the first time takes hours. A column is ok if something was checked there and nothing
# failed. On a kernel with Debian's userland the guests are Linux under QEMU; big-endian ones have none, there
# bare guests of both byte orders run under test/vmm.
# Last line: "N passed, N failed", rows; status 0 only if no row failed.

. "$(dirname "$0")/host/env.sh"

# kernel	host test	options of boot.sh	what it is
KERNELS='
6.1-le	matrix	-	Debian 12, 64k pages
6.12-le	matrix	-	Debian 12 backports, 4k pages
6.12-le-64k	matrix	-	Debian 12 backports, 64k pages
6.12-trixie	matrix	-	Debian 13, 4k pages
6.12-trixie-src	matrix	-	built from the source of Debian 13, 4k pages, function tracing
7-sid	matrix	-	Debian unstable, 4k pages, full preemption
5.10-le	matrix	-	built from Debian 11, 64k pages
6.1-le-debug	matrix	-	built, lockdep and other checkers
6.1-be	be	-	built for POWER7, ELFv1
6.1-be	be	--power7	the same, CPUs presented as POWER7
6.1-be-p4	be	-	built for POWER4, ELFv1
6.12-be	be	-	built for POWER7, ELFv2
'
COLUMNS='load 1-vcpu smt unload'

# column LOG NAME: what the lines between "NOTE matrix NAME" and the next such line say
column() {
	awk -v want="$2" '
		/^NOTE matrix / { on = $3 == want; next }
		/^TEST-END / { on = 0 }
		on && /^PASS / { pass++ }
		on && /^FAIL / { fail++ }
		END { print fail ? "FAIL" : pass ? "ok" : "-" }' "$1"
}

row_cells=()
# row KERNEL TEST OPTIONS: sets row_cells and row_status
row() {
	local kernel=$1 test=$2 opts=$3 log=$CACHE/log/matrix-$1${3//[^a-z0-9]/}.log c
	row_cells=(- - - - -) row_status=1
	if ! "$HOSTDIR/kernel.sh" "$kernel" >"$log" 2>&1; then
		row_cells[0]="no kernel"
		return
	fi
	load_kernel "$kernel"
	if ! RIG_KERNEL=$kernel "$HOSTDIR/mkmod.sh" >"$log.build" 2>&1; then
		row_cells[0]=FAIL
		return
	fi
	if ! "$TOP/test/static/restricted.sh" "$kernel" "$CACHE/build/$kernel/kvm-hv-smt.ko" >>"$log.build" 2>&1; then
		row_cells[0]=restricted
		return
	fi
	[ "$opts" != - ] || opts=
	# shellcheck disable=SC2086
	(cd "$TOP" && RIG_MATRIX=1 RIG_KERNEL=$kernel test/host/run.sh "$test" --log "$log.console" $opts) </dev/null 2>&1 | tr -d '\r' |
		tee "$log" | sed 's/^/  /' || true
	row_cells=(ok)
	for c in $COLUMNS; do row_cells+=("$(column "$log" "$c")"); done
	grep -q "^TEST-END $test\$" "$log" && ! grep -q '^FAIL ' "$log" && row_status=0
	# a crash after the last column is nobody's column
	[ $row_status = 0 ] || [[ " ${row_cells[*]} " == *" FAIL "* ]] || row_cells[4]+=" (host)"
}

list=$(awk -F'\t' 'NF { print $1 }' <<<"$KERNELS" | sort -u)
for k in "$@"; do
	grep -qx -- "$k" <<<"$list" || die "no kernel $k; have: $(tr '\n' ' ' <<<"$list")"
done
"$HOSTDIR/setup.sh"
table=$CACHE/log/matrix.txt
printf '%-22s %-32s %-10s %-6s %-7s %-6s %-7s %s\n' kernel release build load 1-vcpu SMT unload "" >"$table"
passed=0 failed=0
while IFS=$'\t' read -r kernel test opts what; do
	[ -n "$kernel" ] || continue
	if [ $# -gt 0 ] && [[ " $* " != *" $kernel "* ]]; then continue; fi
	name=$kernel; [ "$opts" = - ] || name+=" ${opts#--}"
	echo "== $name: $what"
	KREL=-
	row "$kernel" "$test" "$opts"
	if [ $row_status = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
	printf '%-22s %-32s %-10s %-6s %-7s %-6s %-7s %s\n' "$name" "$KREL" "${row_cells[@]}" "$what" | tee -a "$table"
done <<<"$KERNELS"
echo
cat "$table"
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
