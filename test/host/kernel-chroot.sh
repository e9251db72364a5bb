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

# name		suite	compiler	its kernels' releases
declare -A KERNELS=(
	[6.12-trixie]='trixie	gcc-14	6\.12\.[0-9.]+\+deb13-powerpc64le'
	[7-sid]='sid	gcc-16	7\.[0-9.]+\+deb[0-9]+-powerpc64le|7\.[0-9.]+-[0-9]+-powerpc64le|7\.[0-9.]+-powerpc64le'
)

NAME=${1:-none}
[ -n "${KERNELS[$NAME]:-}" ] || die "give one of: ${!KERNELS[*]}"
IFS=$'\t' read -r SUITE COMPILER RELEASE <<<"${KERNELS[$NAME]}"
ROOT=$CACHE/chroot/$SUITE LOG=$CACHE/log/kernel-$NAME.log
# a suite under snapshots may be older than its own validity
APT_OPTS=(-q -y -o Acquire::Check-Valid-Until=false -o APT::Install-Recommends=false -o APT::Sandbox::User=root)

in_root() { chroot "$ROOT" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"; }

make_root() {
	local mirror
	if stamped "chroot-$SUITE"; then return; fi
	command -v debootstrap >/dev/null || apt-get -q -y --no-install-recommends install debootstrap >>"$LOG" 2>&1 ||
		die "no debootstrap, see $LOG"
	mirror=$(python3 "$HOSTDIR/aptsrc.py" bookworm "$SUITE" | sed -n 's/^URIs: *\([^ ]*\).*/\1/p')
	[ -n "$mirror" ] || die "this machine has no apt source to take $SUITE from"
	rm -rf "$ROOT"; mkdir -p "$ROOT"
	say "$SUITE: making a root in $ROOT"
	nice debootstrap --variant=minbase --include=make,sparse,kmod "$SUITE" "$ROOT" "$mirror" >>"$LOG" 2>&1 ||
		die "debootstrap of $SUITE failed, see $LOG"
	in_root dpkg --add-architecture ppc64el
	# stable kernels come by the security suite, too, and that is a second mirror to find them on
	if python3 "$HOSTDIR/aptsrc.py" bookworm-security "$SUITE-security" >"$ROOT/security" 2>>"$LOG" && [ "$SUITE" != sid ]; then
		grep -v '^Signed-By' "$ROOT/security" >"$ROOT/etc/apt/sources.list.d/security.sources"
	fi
	rm -f "$ROOT/security"
	stamp "chroot-$SUITE"
}

fetch_it() {
	local rel names p d ver
	# a mirror in the middle of a sync must not stop us: what is missing is missed below
	in_root apt-get "${APT_OPTS[@]}" update >>"$LOG" 2>&1 || say "note: an index of $SUITE was not fetched, see $LOG"
	nice chroot "$ROOT" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive \
		apt-get "${APT_OPTS[@]}" install "$COMPILER-powerpc64le-linux-gnu" >>"$LOG" 2>&1 ||
		die "no $COMPILER for ppc64el in $SUITE, see $LOG"
	rel=$(in_root apt-cache pkgnames linux-headers- | sed -n 's/^linux-headers-//p' | sed 's/:.*//' |
		grep -E "^($RELEASE)\$" | sort -uV | tail -n 1) || true
	[ -n "$rel" ] || die "no ppc64el kernel $RELEASE in $SUITE; was its index fetched? See $LOG"
	# what the image and the headers consist of, by their dependencies
	names=$(for p in "linux-image-$rel" "linux-headers-$rel"; do
		echo "$p"
		in_root apt-cache show "$p:ppc64el" | sed -n 's/^\(Pre-\)\?Depends: //p' | head -n 1 | tr ',|' '\n\n' |
			sed 's/^ *//; s/[ :(].*//' | grep -E '^linux-(binary|modules|base-|headers|kbuild)' || true
	done | sort -u)
	d=$ROOT/var/cache/kvm-hv-smt
	rm -rf "$d"; mkdir -p "$d"
	for p in $names; do
		case $p in
		linux-kbuild-*) echo "$p:amd64";;
		*-common) echo "$p:all";;
		*) echo "$p:ppc64el";;
		esac
	done | xargs chroot "$ROOT" sh -c 'cd /var/cache/kvm-hv-smt && apt-get -q -o APT::Sandbox::User=root -o Acquire::Check-Valid-Until=false download "$@"' sh \
		>>"$LOG" 2>&1 || die "download of $names failed, see $LOG"
	say "kernel $NAME: $(cd "$d" && ls | tr '\n' ' ')"
	for p in "$d"/*.deb; do in_root dpkg-deb -x "/var/cache/kvm-hv-smt/$(basename "$p")" /; done
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

[ "$(id -u)" = 0 ] || die "a root of $SUITE can be made by root only"
lock "chroot-$SUITE"
if stamped "kernel-$NAME"; then load_kernel "$NAME"; say "kernel $NAME: $KREL"; exit 0; fi
: >"$LOG"
make_root
fetch_it
