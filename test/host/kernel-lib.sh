# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-lib.sh - build a host kernel from Debian's linux-source. Source it after
# env.sh and aptlib.sh.
#
# SRC is the kernel's source. ROOT is the root in whose paths and by whose tools a kernel is built, empty for this machine;
# GCC the compiler's name without its prefix.
. "$HOSTDIR/root-lib.sh"
ROOT='' GCC=gcc-12

# Series that the machine's own apt sources do not have: the suite, and one that is found at the same place
declare -A SOURCE_SUITES=([5.10]='bookworm-security bullseye-security')

# unpack_source DEB: to SRC, without what no kernel here is built from
unpack_source() {
	mkdir -p "$(dirname "$SRC")"
	dpkg-deb --fsys-tarfile "$1" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		nice tar -xJ -C "$(dirname "$SRC")" --exclude 'drivers/gpu/*.[ch]' --exclude 'drivers/net/*.[ch]' \
			--exclude 'drivers/media/*.[ch]' --exclude 'sound/*.[ch]'
	[ -e "$SRC/Makefile" ] || die "no $SRC in the package"
}

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
	unpack_source "$d"/*.deb
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
	(cd "$SRC" && GIT_CEILING_DIRECTORIES=$(dirname "$SRC") git apply "$1") || die "$1 does not apply to $from"
	stamp "source-$(basename "$SRC")" "$1" "$from/Makefile"
}

# kernel_there NAME CONF [PATCH]: is it, as conf/common.config, conf/CONF.config and PATCH want it? If not, CONF_FILES is what it
# is to be made from.
kernel_there() {
	CONF_FILES=("$HOSTDIR/conf/common.config" "$HOSTDIR/conf/$2.config")
	[ -z "${3:-}" ] || CONF_FILES+=("$3")
	if stamped "kernel-$1" "${CONF_FILES[@]}"; then load_kernel "$1"; say "kernel $1: $KREL"; return; fi
	lock kernel-build
	return 1
}

# configure_kernel O T CONF_FILE...: the build folder O, what it is made from in T. A line of the configuration that the kernel
# does not take is an error, unless the second file says that this kernel is "without" the option, or sets it otherwise
# after that. MK is the make command.
configure_kernel() {
	local o=$1 t=$2 line; shift 2
	# what a build that was cut off has left can lack symbol versions, and kvm.ko then does not load
	rm -rf "$o"; mkdir -p "$o"
	sed -n 's/^# without \(CONFIG_.*\)/\1/p' "$2" >"$t/without"
	{ grep -vwFf "$t/without" "$1"; grep -v '^# without ' "$2"; } >"$o/all.config"
	if [ -n "${3:-}" ]; then
		sed -i '/^CONFIG_LOCALVERSION=/d' "$o/all.config"
		echo "CONFIG_LOCALVERSION=\"-$(basename "$(dirname "$3")")\"" >>"$o/all.config"
	fi
	"${MK[@]}" KCONFIG_ALLCONFIG="${o#"$ROOT"}/all.config" allnoconfig >"$LOG" 2>&1 || die "configuration failed, see $LOG"
	while read -r line; do
		case $line in
		CONFIG_*) grep -qxF -- "$line" "$o/.config";;
		"# CONFIG_"*) ! grep -q "^${line:2:-11}=" "$o/.config";;
		esac || die "kernel $(basename "$t") does not take $line"
	done < <(grep CONFIG_ "$o/all.config" | grep -v KCONFIG)
}

# make_kernel NAME ENDIAN: $CACHE/kernel/NAME from SRC and CONF_FILES
make_kernel() {
	local name=$1 t=$CACHE/kernel/$1 o=$CACHE/kernel/$1/obj cross=powerpc64-linux-gnu- rel
	local LOG=$CACHE/log/kernel-$1.log
	[ "$2" = be ] || cross=powerpc64le-linux-gnu-
	[ -z "$ROOT" ] || o=$ROOT/build/kernel-$name
	mkdir -p "$t"
	MK=(in_root "$ROOT" nice -n "${KERNEL_NICE:-19}" make -s -C "${SRC#"$ROOT"}" O="${o#"$ROOT"}" ARCH=powerpc
		CROSS_COMPILE="$cross" CC="$cross$GCC")
	configure_kernel "$o" "$t" "${CONF_FILES[@]}"
	say "kernel $name: building, log $LOG"
	"${MK[@]}" -j"$(nproc)" vmlinux modules >>"$LOG" 2>&1 || die "the build failed, see $LOG"
	! grep -q 'has no CRC!$' "$LOG" || die "a symbol has no version, see $LOG"
	rel=$(cat "$o/include/config/kernel.release")
	cat >"$t/kernel.env" <<-EOT
		KREL=$rel
		KVERSION=$rel
		VMLINUX=$o/vmlinux
		KERNELDIR=${o#"$ROOT"}
		KMODDIR=$o/arch/powerpc/kvm
		ENDIAN=$2
		CROSS_COMPILE=$cross
		XCC=$cross$GCC
		MKARGS=
		CHROOT=$ROOT
	EOT
	say "kernel $name: $rel built in $SECONDS s"
	stamp "kernel-$name" "${CONF_FILES[@]}"
}

# build_kernel NAME SERIES ENDIAN CONF [PATCH]: $CACHE/kernel/NAME from conf/common.config and conf/CONF.config, with PATCH applied
# to the source; its folder's name is then the end of the release
build_kernel() {
	if kernel_there "$1" "$4" "${5:-}"; then return; fi
	fetch_source "$2"
	[ -z "${5:-}" ] || patch_source "$5"
	make_kernel "$1" "$3"
}
