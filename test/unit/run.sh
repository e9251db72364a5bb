#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh - unit tests of the pure parts, built for and run on the build machine.
# usage: test/unit/run.sh

set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

status=0
# unit TEST SOURCE...: each test program with the sources of the module that it tests
unit() {
	local name=$1; shift
	"${HOSTCC:-gcc}" -Wall -Wextra -Werror -Wno-misleading-indentation -g -fsanitize=undefined,address \
		-I"$top/include" -o "$out/$name" "$top/test/unit/$name.c" "${@/#/$top/src/}"
	"$out/$name" || status=1
}
unit t_sched sched.c
unit t_park park_policy.c
echo "TEST-END unit"
exit $status
