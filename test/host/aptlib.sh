# SPDX-License-Identifier: GPL-2.0-only
#
# aptlib.sh - what the rig does with apt. Source it after env.sh.

export DEBIAN_FRONTEND=noninteractive
APT_UPDATED=${APT_UPDATED:-}
BPO_FILE=/etc/apt/sources.list.d/kvm-hv-smt-backports.sources

# A source without ppc64el or a mirror in the middle of a sync must not stop us:
# what we need is looked for by name, and its absence is an error there.
apt_update() {
	apt-get -q update >"$CACHE/log/apt-update.log" 2>&1 ||
		say "note: apt-get update: $(grep '^E: Failed' "$CACHE/log/apt-update.log" | wc -l) index(es) not fetched, see $CACHE/log/apt-update.log"
}

# apt_ready: foreign architecture and backports known, indexes fresh (once per run)
apt_ready() {
	[ -z "$APT_UPDATED" ] || return 0
	[ "$(id -u)" = 0 ] || die "packages are missing: run test/host/setup.sh once as root"
	dpkg --print-foreign-architectures | grep -qx ppc64el || dpkg --add-architecture ppc64el
	apt_update
	if ! apt-cache policy | grep -q 'n=bookworm-backports'; then
		python3 "$HOSTDIR/aptsrc.py" bookworm bookworm-backports >"$BPO_FILE.new"
		mv "$BPO_FILE.new" "$BPO_FILE"
		say "added $BPO_FILE"
		apt_update
		apt-cache policy | grep -q 'n=bookworm-backports' ||
			die "the suite bookworm-backports is not available, see $CACHE/log/apt-update.log"
	fi
	APT_UPDATED=1
}

# private_apt DIR SUITE NEWSUITE TYPE: make PRIVATE_APT, options by which apt-get sees NEWSUITE only (deb or
# deb-src), found where SUITE is; its lists are in DIR, the machine's own configuration stays as it is
private_apt() {
	local d=$1
	mkdir -p "$d/lists/partial" "$d/archives/partial"
	python3 "$HOSTDIR/aptsrc.py" "$2" "$3" | sed "s/^Types: deb\$/Types: $4/" >"$d/private.sources"
	[ -s "$d/private.sources" ] || die "this machine has no apt source to take $3 from"
	PRIVATE_APT=(-q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$d" -o Dir::State::lists="$d/lists"
		-o Dir::Cache::archives="$d/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
		-o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root)
}

# need PACKAGE...: see that they are installed on the build machine
need() {
	local p want=()
	for p in "$@"; do
		dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed || want+=("$p")
	done
	[ ${#want[@]} -gt 0 ] || return 0
	apt_ready
	say "installing: ${want[*]}"
	apt-get -q -y --no-install-recommends install "${want[@]}" >>"$CACHE/log/apt-install.log" 2>&1 ||
		die "apt-get install failed, see $CACHE/log/apt-install.log"
}

# newest_pkg REGEX: the newest package name that matches
newest_pkg() {
	local p
	p=$(apt-cache search --names-only "$1" | cut -d' ' -f1 | sed 's/:.*//' | grep -E "$1" | sort -uV | tail -n 1)
	[ -n "$p" ] || die "no package matches $1"
	echo "$p"
}

# fetch DIR PKG[:ARCH]...: download exactly these packages
fetch() {
	local d=$1; shift
	mkdir -p "$d"
	(cd "$d" && apt-get -q -o APT::Sandbox::User=root download "$@") >>"$CACHE/log/apt-download.log" 2>&1 ||
		die "download of $* failed, see $CACHE/log/apt-download.log"
}

# fetch_closure DIR APT_OPTION... -- PKG...: packages with all they depend on, for ppc64el
fetch_closure() {
	local d=$1 opt=(); shift
	while [ "$1" != -- ]; do opt+=("$1"); shift; done; shift
	mkdir -p "$d/partial"
	: >"$d/status"
	apt-get -q -y -o APT::Architecture=ppc64el -o Dir::State::status="$d/status" \
		-o Dir::Cache::archives="$d" -o APT::Sandbox::User=root \
		-o APT::Install-Recommends=false "${opt[@]}" --download-only install "$@" \
		>>"$CACHE/log/apt-download.log" 2>&1 ||
		die "download of $* failed, see $CACHE/log/apt-download.log"
}
