#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh - unit tests of the pure parts, built for and run on the build machine.
# usage: test/unit/run.sh

set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"${HOSTCC:-gcc}" -Wall -Wextra -Werror -Wno-misleading-indentation -g -fsanitize=undefined,address \
	-I"$top/include" -o "$out/t_sched" "$top/test/unit/t_sched.c" "$top/src/sched.c"
"$out/t_sched"
