#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-stock.sh - fetch one more of Debian's own ppc64el kernels.
# usage: test/host/kernel-stock.sh NAME		(see the table; after setup.sh)
#
# The module and the host then take it by -k NAME.

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/aptlib.sh"
. "$HOSTDIR/fetch.sh"

declare -A KERNELS=(
	[6.1-le]='^linux-image-6\.1\.[0-9.]+-[0-9]+-powerpc64le$'
	[6.12-le]='^linux-image-6\.12\.[0-9.]+\+deb12-powerpc64le$'
	[6.12-le-64k]='^linux-image-6\.12\.[0-9.]+\+deb12-powerpc64le-64k$'
)

[ -n "${KERNELS[${1:-none}]:-}" ] || die "give one of: ${!KERNELS[*]}"
lock setup
fetch_kernel "$1" "${KERNELS[$1]}"
