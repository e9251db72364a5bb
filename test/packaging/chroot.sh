#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# chroot.sh - make the ppc64el chroot for native.sh: Debian 12 with dkms, and the headers to install in it.
# usage: test/packaging/chroot.sh	(as root; some 10 minutes the first time)
#
# $CACHE/chroot/base	the root; native.sh works on a copy
# $CACHE/chroot/qemu-ppc64le-static
# $CACHE/chroot/debs/{6.1-old,6.1,6.12}	headers; 6.1-old is an earlier ABI of 6.1 if the archive has one

. "$(dirname "$0")/../host/env.sh"
. "$HOSTDIR/report.sh"
. "$TOP/test/packaging/lib.sh"
C=$CACHE/chroot
mkdir -p "$C"
lock chroot

# Not installed but unpacked: the package registers its emulators machine-wide.
fetch_qemu() {
	if stamped chroot-qemu; then return; fi
	apt_ready
	rm -rf "$C/qemu"
	fetch "$C/qemu" qemu-user-static:amd64
	dpkg-deb --fsys-tarfile "$C"/qemu/*.deb | tar -xO ./usr/bin/qemu-ppc64le-static >"$C/qemu-ppc64le-static"
	chmod 755 "$C/qemu-ppc64le-static"
	rm -rf "$C/qemu"
	stamp chroot-qemu
}

# another one than root-lib.sh's: the programs are of another machine
in_ppc64el() { python3 "$PKGDIR/nsrun.py" "$C/qemu-ppc64le-static" "$C/base" "$@"; }

make_root() {
	local log=$CACHE/log/chroot.log f
	if stamped chroot; then return; fi
	: >"$log"
	bootstrap bookworm "$C/base" "$log" --arch=ppc64el --foreign --include=dkms,gcc-12,make,kmod,openssl,xz-utils,libelf1 \
		--keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	# a user namespace makes no device nodes: debootstrap, told that it is in a container, is content with
	# these names, on some of which nsrun.py mounts devices. The first stage may have made them already, and a tty
	# cannot be opened where nobody has one.
	for f in null zero full random urandom tty console ptmx; do [ -e "$C/base/dev/$f" ] || : >"$C/base/dev/$f"; done
	in_ppc64el nice env container=lxc /debootstrap/debootstrap --second-stage >>"$log" 2>&1 ||
		die "the second stage of debootstrap failed, see $log"
	[ "$(in_ppc64el dpkg --print-architecture)" = ppc64el ] || die "the chroot does not work, see $log"
	rm -f "$C"/base/var/cache/apt/archives/*.deb
	stamp chroot
}

# headers NAME REGEX: newest linux-headers that match, with what they lean on, but without the image
headers() {
	local d=$C/debs/$1 hdr ver dep
	hdr=$(apt-cache search --names-only "$2" | cut -d' ' -f1 | sed 's/:.*//' | grep -E "$2" | sort -uV |
		if [ "$1" = 6.1-old ]; then sed '$d'; else cat; fi | tail -n 1)
	[ -n "$hdr" ] || { say "no headers for $1 in the archive"; return; }
	ver=$(apt-cache policy "$hdr:ppc64el" | sed -n 's/^  Candidate: //p' | head -n 1)
	dep=$(apt-cache show "$hdr:ppc64el=$ver" | sed -n 's/^Depends: //p' | head -n 1)
	rm -rf "$d"
	# linux-base has linux-run-hooks, by which newer headers call dkms
	case $dep in *"linux-base "*) fetch "$d" linux-base:all;; esac
	fetch "$d" "$hdr:ppc64el=$ver" "$(grep -o 'linux-headers-[^ ,(]*-common' <<<"$dep")=$ver" \
		"$(grep -o 'linux-kbuild-[^ ,(]*' <<<"$dep"):ppc64el"
	# the kbuild of newer kernels makes BTF for modules
	case $(dpkg-deb -f "$d"/linux-kbuild-*.deb Depends) in
	*pahole*) fetch "$d" pahole:ppc64el libdw1:ppc64el libbpf1:ppc64el;;
	esac
	say "headers $1: $(cd "$d" && ls ./*.deb | tr '\n' ' ')"
}

fetch_headers() {
	if stamped chroot-headers; then return; fi
	apt_ready
	headers 6.1-old '^linux-headers-6\.1\.[0-9.]+-[0-9]+-powerpc64le$'
	headers 6.1 '^linux-headers-6\.1\.[0-9.]+-[0-9]+-powerpc64le$'
	headers 6.12 '^linux-headers-6\.12\.[0-9.]+\+deb12-powerpc64le$'
	stamp chroot-headers
}

fetch_qemu
fetch_headers
make_root
say "ready: $C/base"
