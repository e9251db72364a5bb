#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-chroot.sh - fetch a stock ppc64el kernel of a newer Debian, with the compiler it was built with.
# usage: test/host/kernel-chroot.sh NAME		(see the table; after setup.sh, as root)
#
# A module must be compiled by its kernel's own compiler (gcc-12 silently breaks those of trixie), and the
# headers' tools need that release's C library. So both lie in a small amd64 root of that release,
# $CACHE/chroot/SUITE; mkmod.sh -k NAME builds the module there.

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/aptlib.sh"
. "$HOSTDIR/root-lib.sh"

# name		suite	compiler	its kernels' releases
declare -A KERNELS=(
	[6.12-trixie]='trixie	gcc-14	6\.12\.[0-9.]+\+deb13-powerpc64le'
	[7-sid]='sid	gcc-16	7\.[0-9.]+\+deb[0-9]+-powerpc64le|7\.[0-9.]+-[0-9]+-powerpc64le|7\.[0-9.]+-powerpc64le'
)

NAME=${1:-none}
[ -n "${KERNELS[$NAME]:-}" ] || die "give one of: ${!KERNELS[*]}"
IFS=$'\t' read -r SUITE COMPILER RELEASE <<<"${KERNELS[$NAME]}"
LOG=$CACHE/log/kernel-$NAME.log

# releases: what there is of this kernel, the newest first
releases() {
	in_root "$ROOT" apt-cache pkgnames linux-headers- | sed -n 's/^linux-headers-//p' | sed 's/:.*//' | grep -E "^($RELEASE)\$" | sort -urV
}

# download RELEASE: image and headers and what they consist of, to $ROOT$D. An index can be newer than the packages at the same mirror.
D=/var/cache/kvm-hv-smt
download() {
	local names p
	names=$(for p in "linux-image-$1" "linux-headers-$1"; do
		echo "$p"
		in_root "$ROOT" apt-cache show "$p:ppc64el" | sed -n 's/^\(Pre-\)\?Depends: //p' | head -n 1 | tr ',|' '\n\n' |
			sed 's/^ *//; s/[ :(].*//' | grep -E '^linux-(binary|modules|base-|headers|kbuild)' || true
	done | sort -u)
	rm -rf "${ROOT:?}$D"; mkdir -p "$ROOT$D"
	for p in $names; do
		case $p in
		linux-kbuild-*) echo "$p:amd64";;
		*-common) echo "$p:all";;
		*) echo "$p:ppc64el";;
		esac
	done | xargs chroot "$ROOT" sh -c 'cd "$0" && apt-get -q -o APT::Sandbox::User=root -o Acquire::Check-Valid-Until=false download "$@"' "$D" \
		>>"$LOG" 2>&1
}

fetch_it() {
	local rel p d=$ROOT$D ver
	root_install "$LOG" "$COMPILER-powerpc64le-linux-gnu"
	for rel in $(releases) ''; do
		[ -n "$rel" ] || die "no ppc64el kernel $RELEASE to be had of $SUITE; was its index fetched? See $LOG"
		if download "$rel"; then break; fi
		say "note: $rel is in the index, but cannot be downloaded, see $LOG"
	done
	say "kernel $NAME: $(cd "$d" && ls | tr '\n' ' ')"
	for p in "$d"/*.deb; do in_root "$ROOT" dpkg-deb -x "$D/$(basename "$p")" /; done
	rm -rf "$d"
	[ -e "$ROOT/usr/src/linux-headers-$rel/Makefile" ] || die "no headers of $rel"
	ver=$(sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' "$ROOT/usr/src/linux-headers-$rel/include/generated/utsrelease.h")
	mkdir -p "$CACHE/kernel/$NAME"
	cat >"$CACHE/kernel/$NAME/kernel.env" <<-EOT
		KREL=$ver
		KVERSION=$ver
		VMLINUX=$(ls "$ROOT"/boot/vmlinu[xz]-"$rel" "$ROOT"/usr/lib/modules/"$rel"/vmlinu* 2>/dev/null | head -n 1)
		KERNELDIR=/usr/src/linux-headers-$rel
		KMODDIR=$(ls -d "$ROOT"/lib/modules/"$rel" "$ROOT"/usr/lib/modules/"$rel" 2>/dev/null | head -n 1)
		ENDIAN=le
		CROSS_COMPILE=powerpc64le-linux-gnu-
		XCC=powerpc64le-linux-gnu-$COMPILER
		MKARGS=CONFIG_DEBUG_INFO_BTF_MODULES=
		CHROOT=$ROOT
	EOT
	stamp "kernel-$NAME"
}

if stamped "kernel-$NAME"; then load_kernel "$NAME"; say "kernel $NAME: $KREL"; exit 0; fi
: >"$LOG"
suite_root "$SUITE" "$LOG"
fetch_it
