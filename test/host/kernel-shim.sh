#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-shim.sh - build a little-endian host kernel with the shim: 6.1-le-shim.
# usage: test/host/kernel-shim.sh	(after setup.sh; about 6 minutes the first time)

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/aptlib.sh"
. "$HOSTDIR/kernel-lib.sh"
build_kernel 6.1-le-shim 6.1 le le "$TOP/src/shim/6.1.patch"
