# SPDX-License-Identifier: GPL-2.0-only
#
# fetch.sh - fetch and unpack packages, build the layers. Source it after
# env.sh and aptlib.sh; setup.sh calls the functions. Each is a no-op when its
# stamp is valid.

# unpack DEST DEB...
unpack() {
	local d=$1 deb; shift
	mkdir -p "$d"
	for deb in "$@"; do dpkg-deb -x "$deb" "$d"; done
}

# pkg_version PKG: the candidate version
pkg_version() { apt-cache policy "$1" | sed -n 's/^  Candidate: //p' | head -n 1; }

# fetch_kernel NAME REGEX: a stock Debian ppc64el kernel with its headers, made
# usable for cross builds, as $CACHE/kernel/NAME. REGEX selects linux-image-*.
fetch_kernel() {
	local name=$1 img krel ver hdr common kbuild d deb t h
	if stamped "kernel-$name"; then load_kernel "$name"; say "kernel $name: $KREL"; return; fi
	apt_ready
	img=$(newest_pkg "$2")
	krel=${img#linux-image-}
	ver=$(pkg_version "$img:ppc64el")
	hdr=linux-headers-$krel
	# the two packages the headers lean on, by their names in Depends
	t=$(apt-cache show "$hdr:ppc64el=$ver" | sed -n 's/^Depends: //p')
	common=$(grep -o 'linux-headers-[^ ,(]*-common' <<<"$t")
	kbuild=$(grep -o 'linux-kbuild-[^ ,(]*' <<<"$t")
	say "kernel $name: $img $ver, $common, $kbuild"
	d=$CACHE/debs/$name
	rm -rf "$d"
	fetch "$d" "$img:ppc64el=$ver" "$hdr:ppc64el=$ver" "$common=$ver" "$kbuild:amd64=$ver"
	t=$CACHE/kernel/$name
	rm -rf "$t"
	for deb in "$d"/*.deb; do unpack "$t" "$deb"; done
	h=$t/usr/src/$hdr
	# the headers' makefiles name their parts by absolute paths
	sed -i "s#\([ =]\)/usr/src/#\1$t/usr/src/#g" "$h/Makefile"
	[ -e "$h/scripts/basic/fixdep" ] || die "$h has no build tools"
	cat >"$t/kernel.env" <<-EOT
		KREL=$krel
		KVERSION=$ver
		VMLINUX=$(ls "$t"/boot/vmlinu[xz]-*)
		KERNELDIR=$h
		KMODDIR=$t/lib/modules/$krel
		ENDIAN=le
		CROSS_COMPILE=powerpc64le-linux-gnu-
		XCC=powerpc64le-linux-gnu-gcc-12
		MKARGS=CONFIG_DEBUG_INFO_BTF_MODULES=
	EOT
	rm -rf "$d"
	stamp "kernel-$name"
}

# fetch_userland: Debian's ppc64el QEMU (from backports) and busybox
fetch_userland() {
	local d=$CACHE/debs/userland
	if stamped userland; then return; fi
	apt_ready
	rm -rf "$d" "$CACHE/userland"
	fetch_closure "$d" -t bookworm-backports -- qemu-system-ppc:ppc64el busybox-static:ppc64el
	unpack "$CACHE/userland" "$d"/*.deb
	(cd "$d" && ls ./*.deb | sed 's,^\./,,') >"$CACHE/userland.list"
	say "userland: $(grep -E '^(qemu-system-ppc|busybox-static|libc6)_' "$CACHE/userland.list" | tr '\n' ' ')"
	rm -rf "$d"
	stamp userland
}

# make_base: base.cpio, the userland part of the host's initramfs
make_base() {
	local w=$CACHE/base u=$CACHE/userland fw
	if stamped base "$HOSTDIR/mkbase.py"; then return; fi
	rm -rf "$w"; mkdir -p "$w"/{proc,sys,dev,tmp,root,bin,usr/share/qemu}
	python3 "$HOSTDIR/mkbase.py" "$u" "$w" usr/bin/qemu-system-ppc64 bin/busybox
	for fw in slof.bin vof.bin; do
		cp -L "$(find "$u/usr" -name "$fw" \( -type f -o -type l \) | head -n 1)" "$w/usr/share/qemu/" ||
			die "no $fw in the userland packages"
	done
	ln -sf /bin/busybox "$w/bin/sh"
	mkcpio "$w" "$CACHE/layer/base.cpio"
	say "base.cpio: $(du -h "$CACHE/layer/base.cpio" | cut -f1)"
	stamp base "$HOSTDIR/mkbase.py"
}

# make_linux_guest LAYER KERNEL BUSYBOX CPU: a Linux guest (kernel and initramfs, compiled for CPU) as a layer of the host
make_linux_guest() {
	local name=$1 w=$CACHE/$1 in=("$HOSTDIR/guest-init" "$HOSTDIR/smtload.c" "$CACHE/stamp/kernel-$2" "$3")
	if stamped "$name" "${in[@]}"; then return; fi
	load_kernel "$2"
	rm -rf "$w"; mkdir -p "$w"/tiny/{bin,proc,sys,dev,tmp} "$w/host/$name"
	cp "$3" "$w/tiny/bin/"
	ln -s busybox "$w/tiny/bin/sh"
	install -m 755 "$HOSTDIR/guest-init" "$w/tiny/init"
	"$XCC" -O2 -Wall -Wextra -Werror -mcpu="$4" -static -pthread -o "$w/tiny/bin/smtload" "$HOSTDIR/smtload.c"
	mkcpio "$w/tiny" "$w/host/$name/initrd"
	"${CROSS_COMPILE}strip" -o "$w/host/$name/vmlinux" "$VMLINUX"
	mkcpio "$w/host" "$CACHE/layer/$name.cpio"
	stamp "$name" "${in[@]}"
}

# make_guest: guest.cpio, Debian's kernel
make_guest() { make_linux_guest guest 6.1-le "$CACHE/base/bin/busybox" power8; }
