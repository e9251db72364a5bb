#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# murphi.sh - one check of gate.m with rumur, exhaustive up to the order of the siblings.
# usage: test/model/murphi.sh DIR SIBLINGS MUTANT	(M_NONE, or a mutant of gate.m)
#
# DIR is made anew.  Prints one line: "holds N states", "violated MESSAGE", or "error MESSAGE"; DIR/log has the
# steps.

set -u
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$1"; mkdir -p "$1"; cd "$1" || exit 1
nr=$(sed -n "s/.*\b$3: \([0-9]*\);.*/\1/p" "$here/gate.m")
[ -n "$nr" ] || { echo "error gate.m has no $3"; exit 0; }
{
	echo const
	sed -n 's/^#define \(GATE_PHASE_[A-Z_]*\|SMT_T_[A-Z_]*\)[ \t]*\([0-9]*\).*/  \1: \2;/p' "$here/../../include/states.def"
	echo "  SIBS: $2; MUTANT: $nr;"
	cat "$here/gate.m"
} >gate.m
rumur --threads 1 --deadlock-detection stuck --symmetry-reduction heuristic --output gate.c gate.m >gen.log 2>&1 ||
	{ echo "error $(head -n 1 gen.log)"; exit 0; }
# rumur's hash table swaps 16 bytes at a time
gcc "-O$([ "$2" -gt 3 ] && echo 3 || echo 1)" -w -std=c11 -mcx16 -o gate gate.c -pthread -latomic >cc.log 2>&1 ||
	{ echo "error gate.c does not compile: $(head -n 1 cc.log)"; exit 0; }
./gate >log 2>&1
msg=$(grep -m1 -iE 'deadlock|assertion failed|invariant .*failed|assertion .*failed' log | sed 's/^[\t ]*//')
if grep -q 'No error found' log; then
	echo "holds $(sed -n 's/^[\t ]*\([0-9]*\) states, .*/\1/p' log | tail -n 1) states"
elif [ -n "$msg" ]; then
	echo "violated $msg"
else
	echo "error $(tail -n 1 log)"
fi
