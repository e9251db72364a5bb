#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# restricted.sh - which symbols does a built module import that are exported to modules of other names only?
# usage: test/static/restricted.sh KERNEL MODULE.ko
#
# Those of restricted.list on any kernel, so that a module built today loads on a kernel of tomorrow, and those that
# this kernel's Module.symvers has in a namespace module:*. Prints them, or "none"; status 0 for none.

. "$(dirname "$0")/../host/env.sh"

load_kernel "${1:?usage: restricted.sh KERNEL MODULE.ko}"
symvers=$CHROOT$KERNELDIR/Module.symvers
[ -s "$symvers" ] || die "no $symvers"
imports=$("${CROSS_COMPILE}nm" -u "${2:?}" | awk '{ print $2 }')
[ -n "$imports" ] || die "$2 imports nothing"
list=$(grep -v '^#' "$TOP/test/static/restricted.list"; awk -F'\t' '$5 ~ /^module:/ { print $2 }' "$symvers")
if bad=$(grep -Fx -f <(echo "$list") <<<"$imports"); then
	echo "$bad"
	exit 1
fi
echo none
