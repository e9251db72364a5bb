#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-be.sh - build the big-endian host: kernel 6.1-be and its userland.
# usage: test/host/kernel-be.sh		(after setup.sh; about 5 minutes the first time)
#
# Debian has no big-endian ppc64 packages, so busybox is built from its source
# package; there is no QEMU in this host, tests there use their own programs.
# boot.sh -k 6.1-be then uses the layer base-be.

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/aptlib.sh"
. "$HOSTDIR/kernel-lib.sh"

# fetch_busybox: busybox's source, by a private apt source list
fetch_busybox() {
	local d=$CACHE/src/busybox-apt tar
	apt_ready
	rm -rf "$d" "$CACHE/src/busybox"
	private_apt "$d" bookworm bookworm deb-src
	{
		apt-get "${PRIVATE_APT[@]}" update
		(cd "$d" && apt-get "${PRIVATE_APT[@]}" source --download-only busybox)
	} >"$CACHE/log/busybox.log" 2>&1 || die "no busybox source, see $CACHE/log/busybox.log"
	mkdir "$CACHE/src/busybox"
	tar=$(find "$d" -maxdepth 1 -name 'busybox_*.orig.tar.*' ! -name '*.asc')
	[ -n "$tar" ] || die "no source archive of busybox, see $CACHE/log/busybox.log"
	tar -xf "$tar" -C "$CACHE/src/busybox" --strip-components 1
	say "source: $(basename "$tar")"
	rm -rf "$d"
}

make_base_be() {
	local s=$CACHE/src/busybox w=$CACHE/base-be line
	if stamped base-be "$HOSTDIR/conf/busybox.config"; then return; fi
	lock kernel-build
	fetch_busybox
	{
		# its kconfig knows no KCONFIG_ALLCONFIG: put the lines in by hand
		make -C "$s" allnoconfig
		{
			grep '^CONFIG_' "$HOSTDIR/conf/busybox.config"
			grep -vwFf <(grep -o '^CONFIG_[A-Z0-9_]*' "$HOSTDIR/conf/busybox.config") "$s/.config"
		} >"$s/.config.new"
		mv "$s/.config.new" "$s/.config"
		yes '' | make -C "$s" oldconfig || true
		nice -n "${KERNEL_NICE:-19}" make -C "$s" -j"$(nproc)" ARCH=powerpc CROSS_COMPILE=powerpc64-linux-gnu- \
			CC=powerpc64-linux-gnu-gcc-12 busybox
	} >>"$CACHE/log/busybox.log" 2>&1 || die "busybox does not build, see $CACHE/log/busybox.log"
	while read -r line; do
		case $line in CONFIG_*=y) grep -qxF -- "$line" "$s/.config" || die "busybox does not take $line";; esac
	done <"$HOSTDIR/conf/busybox.config"
	rm -rf "$w"; mkdir -p "$w"/{proc,sys,dev,tmp,root,bin}
	cp "$s/busybox" "$w/bin/"
	ln -s busybox "$w/bin/sh"
	mkcpio "$w" "$CACHE/layer/base-be.cpio"
	stamp base-be "$HOSTDIR/conf/busybox.config"
}

build_kernel 6.1-be 6.1 be be
make_base_be
