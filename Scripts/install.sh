#!/bin/bash
# Installs a built dorsal with its completions, manual pages, systemd units, alert rules and papers, or removes them.
#
# usage: Scripts/install.sh install BINARY
#        Scripts/install.sh uninstall
#
# PREFIX (/usr/local) is where it is to live, and DESTDIR, which goes before it, where it is put meanwhile. ZSH_FOLDER
# is zsh's folder of completions, below PREFIX.
# What was installed is written down in PREFIX/share/dorsal/installed; uninstall removes exactly that, and installing
# again what is no longer needed. Configurations, repositories and enabled timers stay as they are.
set -euo pipefail
umask 022

usage() {
    sed -nE 's/^# ?(usage:.*|  +Scripts.*)/\1/p' "$0" >&2
    exit 64
}

action=${1:-}
prefix=${PREFIX:-/usr/local}
root=${DESTDIR:-}
zsh=${ZSH_FOLDER:-share/zsh/site-functions}
case $prefix in
/*) ;;
*)
    echo "$0: PREFIX must be an absolute path, not '$prefix'" >&2
    exit 64
    ;;
esac
list=$prefix/share/dorsal/installed

# Removes what a list names: files, then folders that installing has made, when they are empty.
remove() {
    local kind path
    while read -r kind path; do
        if [ "$kind" = file ]; then rm -f -- "$root$path"; fi
    done <"$1"
    # Deeper ones come later in the list.
    tac "$1" | while read -r kind path; do
        if [ "$kind" = folder ]; then rmdir -- "$root$path" 2>/dev/null || true; fi
    done
}

if [ "$action" = uninstall ]; then
    [ $# -eq 1 ] || usage
    if [ ! -f "$root$list" ]; then
        echo "$0: nothing is installed below $root$prefix: there is no $root$list" >&2
        exit 1
    fi
    copy=$(mktemp)
    trap 'rm -f "$copy"' EXIT
    cp "$root$list" "$copy"
    remove "$copy"
    exit 0
fi
if [ "$action" != install ] || [ $# -ne 2 ]; then usage; fi

binary=$(readlink -f "$2")
if [ ! -x "$binary" ]; then
    echo "$0: there is no program $2" >&2
    echo "hint: make build" >&2
    exit 1
fi
cd "$(dirname "$(readlink -f "$0")")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The folders that an earlier installation made are still ours.
if [ -f "$root$list" ]; then grep '^folder ' "$root$list" >"$work/list" || true; else : >"$work/list"; fi

# Makes a folder and those above it, and writes down which are new.
folder() {
    [ ! -d "$root$1" ] || return 0
    if [ "$1" = / ]; then
        mkdir -p "$root"
        return 0
    fi
    folder "$(dirname "$1")"
    mkdir "$root$1"
    echo "folder $1" >>"$work/list"
}

# put MODE FILE PATH: installs a file at a path below the prefix.
put() {
    folder "$(dirname "$prefix/$3")"
    install -m "$1" "$2" "$root$prefix/$3"
    echo "file $prefix/$3" >>"$work/list"
}

# First everything that can fail.
version=$("$binary" --version)
version=${version#dorsal }
for shell in bash zsh fish; do "$binary" --generate-completion-script "$shell" >"$work/$shell"; done
# The bash completions are read, not run.
sed -i '1{/^#!/d}' "$work/bash"
# The same source makes the same pages.
seconds=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}
"$binary" --experimental-dump-help | Scripts/manual.py "$version" "$seconds" "$work/man"
mkdir "$work/systemd"
for unit in Packaging/systemd/dorsal-*; do
    sed "s|^ExecStart=dorsal |ExecStart=$prefix/bin/dorsal |" "$unit" >"$work/systemd/$(basename "$unit")"
done

put 755 "$binary" bin/dorsal
put 644 "$work/bash" share/bash-completion/completions/dorsal
put 644 "$work/zsh" "$zsh/_dorsal"
put 644 "$work/fish" share/fish/vendor_completions.d/dorsal.fish
for page in "$work"/man/*; do put 644 "$page" "share/man/man1/$(basename "$page")"; done
for unit in "$work"/systemd/*; do put 644 "$unit" "lib/systemd/system/$(basename "$unit")"; done
put 644 Packaging/prometheus/dorsal-alerts.yaml share/dorsal/dorsal-alerts.yaml
put 644 README.md share/doc/dorsal/README.md
put 644 CHANGELOG.md share/doc/dorsal/CHANGELOG.md
put 644 LICENSE share/doc/dorsal/LICENSE
put 644 Packaging/README.md share/doc/dorsal/Packaging.md
put 644 Packaging/dorsal.yaml.sample share/doc/dorsal/examples/dorsal.yaml.sample
put 644 Packaging/systemd/dorsal.conf.sample share/doc/dorsal/examples/dorsal.conf.sample
echo "file $list" >>"$work/list"

# What an earlier version had installed and this one does not.
if [ -f "$root$list" ]; then
    grep -vxFf "$work/list" "$root$list" >"$work/obsolete" || true
    remove "$work/obsolete"
fi
install -m 644 "$work/list" "$root$list"
echo "installed dorsal $version below $root$prefix"
