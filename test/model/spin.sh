#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# spin.sh - one check of run.pml with Spin, exhaustive.
# usage: test/model/spin.sh DIR DEFINITION...	(KVM_HV_SMT_CACHE as in test/host/env.sh)
#
# DIR is made anew.  Prints one line: "holds N states", "violated MESSAGE", or "error MESSAGE".  A violation's
# steps are then in DIR/trail.

set -u
here=$(cd "$(dirname "$0")" && pwd)
dir=$1; shift
rm -rf "$dir"; mkdir -p "$dir"; cd "$dir" || exit 1
defs=()
for d in "$@"; do defs+=("-D$d"); done
cpp=("${defs[@]}" "-E-I$here/../../include")

spin -a "${cpp[@]}" "$here/run.pml" >gen.log 2>&1 || { echo "error $(grep -m1 -i error gen.log)"; exit 0; }
# SAFETY: no cycles are looked for; every violation is one of a state
gcc -O1 -w -DSAFETY -DMEMLIM=3000 -o pan pan.c >cc.log 2>&1 || { echo "error pan.c does not compile"; exit 0; }
./pan -m100000 -n >pan.log 2>&1
msg=$(grep -m1 -E 'assertion violated|invalid end state' pan.log | sed 's/^pan:[0-9]*: //')
if [ -n "$msg" ] && [ -e run.pml.trail ]; then
	spin -t -p -g "${cpp[@]}" -k run.pml.trail "$here/run.pml" >trail 2>&1
	echo "violated $msg"
elif grep -q 'errors: 0' pan.log && ! grep -qE 'not exhaustive|too small|truncated|Interrupted|out of memory|reached MEMLIM|aborting' pan.log; then
	echo "holds $(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' pan.log) states"
else
	echo "error $(grep -m1 -E 'too small|truncated|memory|aborting' pan.log || tail -n 1 pan.log)"
fi
