#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-built.sh - build one more host kernel from Debian's source, with its compiler of that time.
# usage: test/host/kernel-built.sh NAME		(see the table; after setup.sh; some minutes the first time)

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/aptlib.sh"
. "$HOSTDIR/kernel-lib.sh"

# name	series	byte order	conf/NAME.config
declare -A KERNELS=(
	[5.10-le]='5.10 le le-510'
	[6.12-be]='6.12 be be'
	[6.1-be-p4]='6.1 be be-p4'
	[6.1-be-guest]='6.1 be be-guest'
)

[ -n "${KERNELS[${1:-none}]:-}" ] || die "give one of: ${!KERNELS[*]}"
# shellcheck disable=SC2086
build_kernel "$1" ${KERNELS[$1]}
