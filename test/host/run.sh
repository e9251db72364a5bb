#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh - a suite in the emulated host: build the module, boot, run tests/NAME.sh.
# usage: test/host/run.sh NAME [BOOT_OPTION...]
#
# The script names what it needs in comment lines:
#	# boot: OPTION...	options for boot.sh
#	# build: COMMAND	run on the build machine first, from the top of the tree
#	# kernel: NAME		the host kernel, in place of the default one (see kernel.sh)
# With RIG_DEBUG set (make check-debug): the debug kernel, and module
# assertions on (make DEBUG=1).

. "$(dirname "$0")/env.sh"

NAME=${1:?usage: run.sh NAME [BOOT_OPTION...]}; shift
SCRIPT=$HOSTDIR/tests/$NAME.sh
[ -e "$SCRIPT" ] || die "no $SCRIPT"
header() { sed -n "s/^# $1: //p" "$SCRIPT"; }

kernel=$(header kernel)
# the matrix asks for another one
if [ -n "$kernel" ] && [ -z "${RIG_MATRIX:-}" ]; then
	export RIG_KERNEL=$kernel
	"$HOSTDIR/kernel.sh" "$kernel"
fi
header build | while read -r cmd; do
	(cd "$TOP" && eval "$cmd") || die "failed: $cmd"
done
# The script's own options come last, so that a test bound to a kernel keeps it.
eval "OPTS=($(header boot))"
case " ${OPTS[*]} " in *" -m none "*|*" -m kvm-hv "*) ;; *) build=1;; esac
if [ -n "${build:-}" ]; then
	args=()
	[ -z "${RIG_DEBUG:-}" ] || args=(DEBUG=1)
	"$HOSTDIR/mkmod.sh" "${args[@]}" >"$CACHE/log/mkmod-$NAME.log" 2>&1 || {
		tail -n 20 "$CACHE/log/mkmod-$NAME.log"
		echo "FAIL $NAME-build: the module does not build, see $CACHE/log/mkmod-$NAME.log"
		exit 1
	}
fi
status=0
"$HOSTDIR/boot.sh" "$@" "${OPTS[@]}" "$SCRIPT" || status=$?
# a crash or timeout of the host is a failed check, whatever passed before
[ $status = 0 ] || echo "FAIL $NAME-host: see HOST-LOG lines or the log (status $status of console.py)"
exit $status
