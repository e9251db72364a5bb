# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-lib.sh - build a host kernel from Debian's linux-source. Source it after
# env.sh and aptlib.sh.

# Series that the machine's own apt sources do not have: the suite, and one that is found at the same place
declare -A SOURCE_SUITES=([5.10]='bookworm-security bullseye-security')

# fetch_source SERIES: $CACHE/src/linux-source-SERIES, the newest there is
fetch_source() {
	local series=$1 d=$CACHE/debs/source-$1
	SRC=$CACHE/src/linux-source-$series
	if stamped "source-$series"; then return; fi
	rm -rf "$d" "$SRC"
	if [ -n "${SOURCE_SUITES[$series]:-}" ]; then
		# shellcheck disable=SC2086
		private_apt "$d-apt" ${SOURCE_SUITES[$series]} deb
		mkdir -p "$d"
		{
			# the suite need not have every architecture that dpkg knows
			apt-get "${PRIVATE_APT[@]}" update || true
			(cd "$d" && apt-get "${PRIVATE_APT[@]}" download "linux-source-$series:all")
		} >>"$CACHE/log/apt-download.log" 2>&1 ||
			die "download of linux-source-$series failed, see $CACHE/log/apt-download.log"
		rm -rf "$d-apt"
	else
		apt_ready
		fetch "$d" "linux-source-$series:all"
	fi
	say "source: $(cd "$d" && ls ./*.deb | sed 's,^\./,,')"
	mkdir -p "$CACHE/src"
	dpkg-deb --fsys-tarfile "$d"/*.deb | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -xJ -C "$CACHE/src" --exclude 'drivers/gpu/*.[ch]' --exclude 'drivers/net/*.[ch]' \
			--exclude 'drivers/media/*.[ch]' --exclude 'sound/*.[ch]'
	[ -e "$SRC/Makefile" ] || die "no $SRC in the package"
	rm -rf "$d"
	stamp "source-$series"
}

# patch_source PATCH: from here on $SRC is a copy of it (hard links) with PATCH applied
patch_source() {
	local from=$SRC
	SRC=$SRC-$(basename "$(dirname "$1")")
	if stamped "source-$(basename "$SRC")" "$1" "$from/Makefile"; then return; fi
	rm -rf "$SRC"
	cp -al "$from" "$SRC"
	(cd "$SRC" && GIT_CEILING_DIRECTORIES=$CACHE/src git apply "$1") || die "$1 does not apply to $from"
	stamp "source-$(basename "$SRC")" "$1" "$from/Makefile"
}

# build_kernel NAME SERIES ENDIAN CONF [PATCH]: $CACHE/kernel/NAME from conf/common.config
# and conf/CONF.config, with PATCH applied to the source; its folder's name is then the end of the release. A
# line of the configuration that the kernel does not take is an error, unless CONF says that this kernel is
# "without" the option, or sets it otherwise after that.
build_kernel() {
	local name=$1 series=$2 endian=$3 t=$CACHE/kernel/$1 o=$CACHE/kernel/$1/obj line rel cross
	local conf=("$HOSTDIR/conf/common.config" "$HOSTDIR/conf/$4.config")
	[ -z "${5:-}" ] || conf+=("$5")
	if stamped "kernel-$name" "${conf[@]}"; then load_kernel "$name"; say "kernel $name: $KREL"; return; fi
	lock kernel-build
	fetch_source "$series"
	[ -z "${5:-}" ] || patch_source "$5"
	cross=powerpc64-linux-gnu-; [ "$endian" = be ] || cross=powerpc64le-linux-gnu-
	# what a build that was cut off has left can lack symbol versions, and kvm.ko then does not load
	rm -rf "$o"; mkdir -p "$o"
	sed -n 's/^# without \(CONFIG_.*\)/\1/p' "${conf[1]}" >"$t/without"
	{ grep -vwFf "$t/without" "${conf[0]}"; grep -v '^# without ' "${conf[1]}"; } >"$t/all.config"
	[ -z "${5:-}" ] || echo "CONFIG_LOCALVERSION=\"-$(basename "$(dirname "$5")")\"" >>"$t/all.config"
	local mk=(nice -n "${KERNEL_NICE:-19}" make -s -C "$SRC" O="$o" ARCH=powerpc CROSS_COMPILE="$cross"
		CC="${cross}gcc-12")
	"${mk[@]}" KCONFIG_ALLCONFIG="$t/all.config" allnoconfig >"$CACHE/log/kernel-$name.log" 2>&1 ||
		die "configuration failed, see $CACHE/log/kernel-$name.log"
	while read -r line; do
		case $line in
		CONFIG_*) grep -qxF -- "$line" "$o/.config";;
		"# CONFIG_"*) ! grep -q "^${line:2:-11}=" "$o/.config";;
		esac || die "kernel $name does not take $line"
	done < <(grep CONFIG_ "$t/all.config" | grep -v KCONFIG)
	say "kernel $name: building, log $CACHE/log/kernel-$name.log"
	"${mk[@]}" -j"$(nproc)" vmlinux modules >>"$CACHE/log/kernel-$name.log" 2>&1 ||
		die "the build failed, see $CACHE/log/kernel-$name.log"
	! grep -q 'has no CRC!$' "$CACHE/log/kernel-$name.log" || die "a symbol has no version, see $CACHE/log/kernel-$name.log"
	rel=$(cat "$o/include/config/kernel.release")
	cat >"$t/kernel.env" <<-EOT
		KREL=$rel
		KVERSION=$rel
		VMLINUX=$o/vmlinux
		KERNELDIR=$o
		KMODDIR=$o/arch/powerpc/kvm
		ENDIAN=$endian
		CROSS_COMPILE=$cross
		XCC=${cross}gcc-12
		MKARGS=
	EOT
	say "kernel $name: $rel built in $SECONDS s"
	stamp "kernel-$name" "${conf[@]}"
}
