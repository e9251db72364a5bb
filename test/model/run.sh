#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh - the models of the run protocol: Spin (run.pml), Murphi (gate.m), herd7 (litmus/).
# usage: test/model/run.sh [spin|murphi|litmus]...	(default: all; test/host/setup.sh was run)
#
# Everything here is exhaustive: every reachable state, every execution of the memory model.  A mutant is the
# model with one mistake in it; its check passes when the mistake is found.

. "$(dirname "$0")/../host/env.sh"
. "$HOSTDIR/report.sh"
HERE=$TOP/test/model
WORK=$CACHE/build/model
mkdir -p "$WORK"
export KVM_HV_SMT_CACHE=$CACHE
set +e

# in_parallel: each line of stdin is a command; two at a time
in_parallel() {
	local line
	while IFS= read -r line; do
		while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
		# shellcheck disable=SC2086
		$line &
	done
	wait
}

# spin_one KIND NAME DEFINITIONS...
spin_one() {
	local kind=$1 name=$2 out
	shift 2
	out=$("$HERE/spin.sh" "$WORK/spin-$kind-$name" "$@")
	case $kind,$out in
	run,holds*)		note "spin $name: $out"; pass "model-spin-$name";;
	run,violated*)		fail "model-spin-$name" "$out, steps in $WORK/spin-$kind-$name/trail";;
	mutant,violated*)	note "mutant $name: caught: ${out#violated }"; pass "model-mutant-$name";;
	mutant,holds*)		fail "model-mutant-$name" "survived, $out";;
	*)			fail "model-spin-$kind-$name" "$out";;
	esac
}

spin_list() {
	sed 's/#.*//' "$HERE/spin.list" | awk '
		$1 == "run" { d = $0; sub(/^[^\t ]+[\t ]+[^\t ]+[\t ]*/, "", d); defs[$2] = d; print }
		$1 == "mutant" {
			if (!($3 in defs)) { print "mutant " $2 " no-such-configuration-" $3; next }
			print "mutant " $2 " M_" $2 " " defs[$3]
		}' | sed 's/^/spin_one /'
}

# What no litmus test needs is not tested: each barrier of a test is one that its verdict depends on.
litmus_one() {
	local herd d=$WORK/litmus f name obs
	local -A base=()
	"$HERE/barriers.py" || true
	herd=$("$HERE/herd.sh") || { fail model-herd "herd7 cannot be fetched, see $CACHE/log/herd.log"; return; }
	rm -rf "$d"; mkdir -p "$d"
	"$HERE/litmus.py" "$d" "$HERE"/litmus/*.litmus || { fail model-litmus "litmus.py failed"; return; }
	for f in "$d"/*.litmus; do
		name=$(basename "$f" .litmus)
		# a test that does not hold tells nothing by its variants
		[[ $name != *@* ]] || [ "${base[${name%@*}]:-}" = Never ] || continue
		# shellcheck disable=SC2086
		obs=$($herd "$f" 2>&1 | tee "$f.log" | sed -n 's/^Observation [^ ]* \([A-Z][a-z]*\).*/\1/p')
		[[ $name == *@* ]] || base[$name]=$obs
		case $name,$obs in
		*@*,Sometimes)	note "mutant $name: caught"; pass "model-litmus-mutant-$name";;
		*@*,*)		fail "model-litmus-mutant-$name" "survived: ${obs:-no verdict}, see $f.log";;
		*,Never)	pass "model-litmus-$name";;
		*)		fail "model-litmus-$name" "${obs:-no verdict}: it must never happen, see $f.log";;
		esac
	done
}

MURPHI_MUTANTS='EARLY_START ENTRY_NO_EXIT_TEST RESTORE_EARLY NO_EXIT_SENT NO_SENDERS NO_CALL_JOINERS IDLE_NOT_CALLED
	NO_LOOK NO_OPEN_TEST HOME_CALLED'

# murphi_one SIBLINGS MUTANT
murphi_one() {
	local out
	out=$("$HERE/murphi.sh" "$WORK/murphi-$2" "$1" "$2")
	case $2,$out in
	M_NONE,holds*)	note "murphi, $(($1 + 1)) threads: $out"; pass model-murphi;;
	M_NONE,*)	fail model-murphi "$out, steps in $WORK/murphi-$2/log";;
	*,violated*)	note "mutant gate.m ${2#M_}: caught: ${out#violated }"; pass "model-murphi-mutant-${2#M_}";;
	*,holds*)	fail "model-murphi-mutant-${2#M_}" "survived, $out";;
	*)		fail "model-murphi-mutant-${2#M_}" "$out";;
	esac
}

# What there is to run: a function and its arguments a line
murphi_list() {
	local m
	{
		echo 7 M_NONE
		# three siblings are enough for a mistake to show
		for m in $MURPHI_MUTANTS; do echo "3 M_$m"; done
	} | sed 's/^/murphi_one /'
}

litmus_list() { echo litmus_one; }

[ $# -gt 0 ] || set -- murphi litmus spin
for part in "$@"; do "${part}_list"; done | in_parallel
test_end model
