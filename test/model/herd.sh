#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# herd.sh - fetch herd7, the simulator of memory models, and print the command that runs it.
# usage: test/model/herd.sh		(as root the first time; after setup.sh)
#
# Only Debian's sid has it.  Its package is unpacked under $CACHE/build with sid's C library beside it, by which it
# is run; nothing of sid is installed.

. "$(dirname "$0")/../host/env.sh"
. "$HOSTDIR/aptlib.sh"
lock herd
R=$CACHE/build/herd

fetch_herd() {
	local d=$CACHE/debs/herd opt deb
	rm -rf "$d" "$R"; mkdir -p "$d"/{lists/partial,archives/partial} "$R"
	python3 "$HOSTDIR/aptsrc.py" bookworm sid >"$d/sid.sources"
	opt=(-q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$d" -o Dir::State::lists="$d/lists"
		-o Dir::Cache::archives="$d/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
		-o APT::Architectures=amd64 -o APT::Sandbox::User=root -o Acquire::Languages=none)
	{
		apt-get "${opt[@]}" update
		(cd "$d" && apt-get "${opt[@]}" download herdtools7 libc6 libgmp10)
	} >"$CACHE/log/herd.log" 2>&1 || die "no herdtools7, see $CACHE/log/herd.log"
	for deb in "$d"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$R" --wildcards './usr/bin/herd7' './usr/share/herdtools7/herd' \
			'./usr/lib*/ld-linux*' './usr/lib/x86_64-linux-gnu/*.so*' 2>>"$CACHE/log/herd.log" || true
	done
	(cd "$d" && ls ./*.deb) >"$R/packages"
	rm -rf "$d"
}

[ -x "$R/usr/bin/herd7" ] || fetch_herd
cmd=("$R/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path "$R/usr/lib/x86_64-linux-gnu" "$R/usr/bin/herd7"
	-set-libdir "$R/usr/share/herdtools7/herd" -model ppc.cat)
"${cmd[@]}" -version >>"$CACHE/log/herd.log" 2>&1 || die "herd7 does not run, see $CACHE/log/herd.log"
echo "${cmd[*]}"
