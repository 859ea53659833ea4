#!/bin/bash
# Makes a Debian package of a built dorsal. The last line printed is the package's path.
#
# usage: Scripts/deb.sh [--with-swift-runtime] BINARY FOLDER
#
# BINARY must have Swift's libraries in it (make build sees to that), because Debian has no package of them;
# --with-swift-runtime lets another pass, for a look at a quickly made package that nobody installs.
# DEBFULLNAME and DEBEMAIL name the maintainer.
set -euo pipefail
umask 022

lenient=()
compression=(-Zxz)
if [ "${1:-}" = --with-swift-runtime ]; then
    lenient=(--ignore-missing-info)
    compression=(-Zgzip -z1)
    shift
fi
if [ $# -ne 2 ]; then
    echo "usage: $0 [--with-swift-runtime] BINARY FOLDER" >&2
    exit 64
fi
binary=$1
output=$2
if [ ! -x "$binary" ]; then
    echo "$0: there is no program $binary" >&2
    echo "hint: make build" >&2
    exit 1
fi
for tool in dpkg-deb dpkg-shlibdeps strip; do
    if ! command -v "$tool" >/dev/null; then
        echo "$0: there is no $tool" >&2
        echo "hint: apt-get install dpkg-dev binutils" >&2
        exit 1
    fi
done
binary=$(readlink -f "$binary")
if [ ${#lenient[@]} -eq 0 ] && ldd "$binary" | grep -q libswift; then
    echo "$0: $binary needs Swift's libraries, which no Debian package has" >&2
    echo "hint: make build, which links them in" >&2
    exit 1
fi
mkdir -p "$output"
output=$(cd "$output" && pwd)
cd "$(dirname "$(readlink -f "$0")")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=$work/stage
doc=$stage/usr/share/doc/dorsal
version=$("$binary" --version)
# Debian sorts 1.0~beta before 1.0.
version=$(tr - '~' <<<"${version#dorsal }")-1
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-Dorsal maintainers} <${DEBEMAIL:-dorsal@packages.invalid}>"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}
# dpkg-deb takes no file to be younger, so that the same source makes the same package.
export SOURCE_DATE_EPOCH

PREFIX=/usr DESTDIR=$stage ZSH_FOLDER=share/zsh/vendor-completions Scripts/install.sh install "$binary"
# dpkg keeps its own list; the licence is in copyright.
rm "$stage/usr/share/dorsal/installed" "$doc/LICENSE"
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$stage/usr/bin/dorsal"
# Where configurations go; dpkg removes it when it is empty.
mkdir -p "$stage/etc/dorsal"

install -m 644 Packaging/debian/copyright "$doc/copyright"
install -D -m 644 Packaging/debian/lintian-overrides "$stage/usr/share/lintian/overrides/dorsal"
mv "$doc/CHANGELOG.md" "$doc/changelog"
cat >"$doc/changelog.Debian" <<CHANGES
dorsal ($version) unstable; urgency=medium

  * See changelog.gz.

 -- $maintainer  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
CHANGES
gzip -9n "$doc/changelog" "$doc/changelog.Debian" "$stage"/usr/share/man/man1/*

# dpkg-shlibdeps wants a source package around it.
mkdir "$work/debian" "$stage/DEBIAN"
echo "Source: dorsal" >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O "${lenient[@]}" --warnings=0 stage/usr/bin/dorsal) || {
    echo "$0: the libraries that dorsal needs have no packages" >&2
    exit 1
}

(cd "$stage" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) \
    >"$stage/DEBIAN/md5sums"
for script in postinst prerm postrm; do install -m 755 "Packaging/debian/$script" "$stage/DEBIAN/$script"; done
sed -e "s|@VERSION@|$version|" -e "s|@ARCHITECTURE@|$architecture|" -e "s|@MAINTAINER@|$maintainer|" \
    -e "s|@SIZE@|$(du -sk --exclude=DEBIAN "$stage" | cut -f 1)|" -e "s|@DEPENDS@|${depends#shlibs:Depends=}|" \
    Packaging/debian/control.in >"$stage/DEBIAN/control"

package=$output/dorsal_${version}_$architecture.deb
dpkg-deb --root-owner-group "${compression[@]}" --build "$stage" "$package" >&2
echo "$package"
