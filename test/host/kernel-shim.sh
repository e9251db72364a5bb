#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-shim.sh - build a little-endian host kernel with its series' patch of src/shim.
# usage: test/host/kernel-shim.sh NAME	(see the table; after setup.sh; about 6 minutes the first time)

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/aptlib.sh"
. "$HOSTDIR/kernel-lib.sh"

# name	series	conf/NAME.config
declare -A KERNELS=(
	[6.1-le-shim]='6.1 le'
	[6.12-le-shim]='6.12 le'
	[5.10-le-shim]='5.10 le-510'
)

[ -n "${KERNELS[${1:-none}]:-}" ] || die "give one of: ${!KERNELS[*]}"
read -r series conf <<<"${KERNELS[$1]}"
build_kernel "$1" "$series" le "$conf" "$TOP/src/shim/$series.patch"
