#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-debug.sh - build the little-endian debug host kernel, 6.1-le-debug.
# usage: test/host/kernel-debug.sh	(after setup.sh; about 15 minutes the first time)

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/aptlib.sh"
. "$HOSTDIR/kernel-lib.sh"
build_kernel 6.1-le-debug 6.1 le le-debug
