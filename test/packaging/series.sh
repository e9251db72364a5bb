#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# series.sh - the patches of src/shim against Debian's newest sources of their series: 5.10 (bullseye-security), 6.1,
# 6.12 (bookworm-backports or -security), 7.x (sid). Only the files that matter are unpacked.
# usage: test/packaging/series.sh

. "$(dirname "$0")/../host/env.sh"
. "$HOSTDIR/report.sh"
. "$TOP/test/packaging/lib.sh"
S=$CACHE/src/series
mkdir -p "$S"

# fetch_from SUITE LIKE REGEX: the newest linux-source that matches, of a suite that this machine need not use, from
# where it finds the suite LIKE; SOURCE_DEB is its path
fetch_from() {
	local d=$S/apt-$1 pkg
	rm -rf "$d"
	private_apt "$d" "$2" "$1" deb
	# the sources are of every architecture, its indexes are not
	PRIVATE_APT+=(-o APT::Architectures=amd64)
	apt-get "${PRIVATE_APT[@]}" update >>"$CACHE/log/series.log" 2>&1 || true
	pkg=$(apt-cache "${PRIVATE_APT[@]}" search --names-only "$3" | cut -d' ' -f1 | grep -E "$3" | sort -V | tail -n 1)
	[ -n "$pkg" ] || return 1
	(cd "$d" && apt-get "${PRIVATE_APT[@]}" download "$pkg:all") >>"$CACHE/log/series.log" 2>&1 || return 1
	SOURCE_DEB=$(ls "$d"/*.deb)
}

# compiles PATCH KERNEL: the patched file against the headers of KERNEL, if that is in the cache
compiles() {
	local dir=$S/$1-obj at
	[ -e "$CACHE/kernel/$2/kernel.env" ] || { skip "series-$1-compiles" "no kernel $2; test/host/kernel.sh $2 gets it"; return; }
	load_kernel "$2"
	rm -rf "$dir"
	cp -r "$S/$1" "$dir"
	GIT_CEILING_DIRECTORIES=$S git -C "$dir" apply "$TOP/src/shim/$1.patch" || return 0
	cp "$dir"/arch/powerpc/kvm/book3s_xics.[ch] "$dir/"
	# the headers' own kvm_ppc.h has the same guard
	printf 'obj-m := book3s_xics.o\nccflags-y := -Werror -include $(src)/arch/powerpc/include/asm/kvm_ppc.h\n' >"$dir/Kbuild"
	at=$dir
	if [ -n "${CHROOT:-}" ]; then
		at=/build/shim-$1
		rm -rf "${CHROOT:?}$at"; mkdir -p "$CHROOT/build"; cp -r "$dir" "$CHROOT$at"
	fi
	in_root "${CHROOT:-}" make -C "$KERNELDIR" M="$at" ARCH=powerpc CROSS_COMPILE="$CROSS_COMPILE" CC="$XCC" \
		book3s_xics.o >>"$CACHE/log/series.log" 2>&1 || true
	check "series-$1-compiles" "against $KREL, see $CACHE/log/series.log" \
		sh -c "${CROSS_COMPILE}nm '${CHROOT:-}$at/book3s_xics.o' | grep -q ' T kvmppc_xics_set_real_mode'" || true
	note "series $1: compiled against $KREL"
}

# series PATCH SUITE LIKE REGEX KERNEL
series() {
	local dir=$S/$1 version
	if ! fetch_from "$2" "$3" "$4"; then
		skip "series-$1" "no package like $4 in $2, see $CACHE/log/series.log"
		return
	fi
	rm -rf "$dir"
	mkdir -p "$dir"
	dpkg-deb --fsys-tarfile "$SOURCE_DEB" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		nice tar -xJ -C "$dir" --strip-components 1 --wildcards '*/arch/powerpc/include/asm/kvm_ppc.h' \
			'*/arch/powerpc/kvm/book3s_xics.[ch]' '*/arch/powerpc/sysdev/xics/icp-native.c'
	version=$(basename "$SOURCE_DEB" _all.deb)
	rm -f "$SOURCE_DEB"
	note "series $1: $version"
	check "series-$1-applies" "git apply refuses it on $version" \
		env GIT_CEILING_DIRECTORIES="$S" git -C "$dir" apply --check "$TOP/src/shim/$1.patch" || true
	check "series-$1-wake-cpu" "$version does not export xics_wake_cpu" \
		grep -q '^EXPORT_SYMBOL_GPL(xics_wake_cpu)' "$dir/arch/powerpc/sysdev/xics/icp-native.c" || true
	check "series-$1-needed" "$version has an accessor of its own" \
		sh -c "! grep -q kvmppc_xics_set_real_mode '$dir/arch/powerpc/kvm/book3s_xics.c'" || true
	compiles "$1" "$5"
}

: >"$CACHE/log/series.log"
series 5.10 bullseye-security bookworm-security '^linux-source-5\.10$' 5.10-le
series 6.1 bookworm-security bookworm-security '^linux-source-6\.1$' 6.1-le
series 6.12 bookworm-backports bookworm '^linux-source-6\.12$' 6.12-le
series 7.x sid bookworm '^linux-source-7\.[0-9]+$' 7-sid
test_end series
