#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel.sh - get a host kernel into the cache, however that is done.
# usage: test/host/kernel.sh NAME		(after setup.sh)
#
# The table says how; a kernel that is there already costs nothing.

set -eu
dir=$(cd "$(dirname "$0")" && pwd)

case ${1:?usage: kernel.sh NAME} in
6.1-le|6.12-le|6.12-le-64k)	exec "$dir/kernel-stock.sh" "$1";;	# Debian's own packages
6.12-trixie|7-sid)		exec "$dir/kernel-chroot.sh" "$1";;	# the same, with their compiler
6.12-trixie-src|7.x-le-shim)	exec "$dir/kernel-chroot-src.sh" "$1";;	# from their source, with their compiler
6.1-le-debug)			exec "$dir/kernel-debug.sh";;		# built here from Debian's source
6.1-le-shim|6.12-le-shim|5.10-le-shim) exec "$dir/kernel-shim.sh" "$1";; # with the patch of src/shim
6.1-le-intree)			exec "$dir/kernel-intree.sh";;		# with the module in its tree
6.1-be)				exec "$dir/kernel-be.sh";;
5.10-le)			exec "$dir/kernel-built.sh" "$1";;
6.12-be|6.1-be-p4)		"$dir/kernel-be.sh"; exec "$dir/kernel-built.sh" "$1";;	# the first makes the userland
*)				echo "kernel: no kernel $1" >&2; exit 1;;
esac
