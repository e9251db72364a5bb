#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# setup.sh - make a Debian 12 amd64 machine ready for the emulated POWER8 host.
# usage: test/host/setup.sh		(as root the first time; safe to repeat)
#
# Installs the cross compilers and QEMU >= 10.0, then fetches the stock Debian
# kernel, its headers and the ppc64el userland into the cache (see env.sh) and
# builds the initramfs layers. A second run finds everything done and is quick.

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/aptlib.sh"
lock setup

PKGS="gcc-12-powerpc64le-linux-gnu gcc-12-powerpc64-linux-gnu
	gcc-powerpc64le-linux-gnu gcc-powerpc64-linux-gnu
	libc6-dev-ppc64el-cross libc6-dev-ppc64-cross
	gcc libc6-dev binutils make cpio xz-utils zstd bc bison flex libelf-dev libssl-dev
	sparse device-tree-compiler python3 gdb-multiarch rsync kmod spin rumur"
QEMU_MIN=10.0

missing_packages() {
	local p
	for p in $PKGS; do
		dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed || echo "$p"
	done
}

qemu_ok() {
	local v
	v=$(qemu-system-ppc64 --version 2>/dev/null | sed -n 's/.*version \([0-9.]*\).*/\1/p')
	[ -n "$v" ] && dpkg --compare-versions "$v" ge "$QEMU_MIN"
}

install_packages() {
	local want
	want=$(missing_packages)
	if [ -n "$want" ]; then
		apt_ready
		say "installing:" $want
		# shellcheck disable=SC2086
		apt-get -q -y --no-install-recommends install $want >"$CACHE/log/apt-install.log" 2>&1 ||
			die "apt-get install failed, see $CACHE/log/apt-install.log"
	fi
	if ! qemu_ok; then
		apt_ready
		say "installing qemu-system-ppc from backports"
		apt-get -q -y --no-install-recommends -t bookworm-backports install qemu-system-ppc \
			>>"$CACHE/log/apt-install.log" 2>&1 ||
			die "apt-get install failed, see $CACHE/log/apt-install.log"
		qemu_ok || die "qemu-system-ppc64 is still older than $QEMU_MIN (no SMT in its powernv machine)"
	fi
	say "$(qemu-system-ppc64 --version | head -n 1)"
}

[ "$(dpkg --print-architecture)" = amd64 ] || die "the rig is made for Debian amd64"
install_packages
. "$HOSTDIR/fetch.sh"
fetch_kernel 6.1-le '^linux-image-6\.1\.[0-9.]+-[0-9]+-powerpc64le$'
fetch_userland
make_base
make_guest
say "ready in $CACHE"
