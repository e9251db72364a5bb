#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run-many.sh - a suite of several boots: each script tests/NAME_PART.sh by run.sh.
# usage: test/host/run-many.sh NAME PART...

. "$(dirname "$0")/env.sh"

name=${1:?usage: run-many.sh NAME PART...}; shift
status=0
for part in "$@"; do
	"$HOSTDIR/run.sh" "${name}_$part" || status=1
done
echo "TEST-END $name"
exit $status
