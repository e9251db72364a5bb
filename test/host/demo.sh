#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# demo.sh - "make demo": an SMT4 Linux guest on an emulated POWER8 host.
# usage: test/host/demo.sh [MAKE_ARG...]
#
# Sets the machine up (the first time: some minutes and root), builds the
# module, boots the host, runs tests/demo.sh in it. Status 0 only if every step
# of it passed; otherwise the last line says which did not.

. "$(dirname "$0")/env.sh"

step() { printf '\n[%3d s] %s\n' "$SECONDS" "$*"; }
out=$CACHE/log/demo.out

step "setting up"
"$HOSTDIR/setup.sh" || die "the set-up failed"
load_kernel "$RIG_KERNEL"
step "building the module for $KREL"
"$HOSTDIR/mkmod.sh" "$@" >"$out" 2>&1 || { tail -n 20 "$out"; die "the module does not build"; }
"$XCC" --version | head -n 1
du -h "$CACHE/build/$KERNEL/kvm-hv-smt.ko" | cut -f1 | sed 's/$/ kvm-hv-smt.ko/'
step "booting the emulated POWER8 host: 1 core, 4 threads"
status=0
"$HOSTDIR/boot.sh" --show '^DEMO ' "$HOSTDIR/tests/demo.sh" $(sed -n 's/^# boot: //p' "$HOSTDIR/tests/demo.sh") |
	tee "$out" | sed -un 's/^DEMO //p; /^FAIL /p; /^HOST-LOG /p; /^HOST-ERROR /p' || status=$?
step "done"
fails=$(grep -c '^FAIL ' "$out" || true)
if ! grep -q '^TEST-END demo$' "$out"; then
	die "the host did not come to the end: $(tail -n 1 "$out")"
elif [ "$fails" != 0 ]; then
	die "$(grep '^FAIL ' "$out" | head -n 1)"
elif [ $status != 0 ]; then
	die "$(tail -n 1 "$out")"
fi
say "ok: $(grep -c '^PASS ' "$out") steps passed"
