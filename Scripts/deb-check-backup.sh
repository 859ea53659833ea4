#!/bin/bash
# What a database administrator does by the README, for deb-check.sh, which reads this file: from the package in a clean
# Debian to a backup that is verified, restored and made every night by systemd. The commands are not repeated here but
# taken from the documentation, and run as they stand there.
#
# A line of the documentation that calls apt-get, install, sudoedit, systemctl or journalctl and is not run here is an
# error; lines that call dorsal are run by DocumentedCommandsTests.
#
# Needs of deb-check.sh: root, work, package, repository; inside, quietly, say, fail.
# shellcheck disable=SC2154
set -euo pipefail

# The machine: a Debian of its own that runs in $root; its first process, and the one outside which holds it.
machine=
holder=
# Whether systemd is the machine's first process.
booted=
# Where the lines of the documentation are run: the folder that has the package in .build/deb, as `make deb` has it.
folder=/srv/dorsal
password='a password of its own'

# Sets lines to the commands of the N-th code block below a heading of a document; without a number, of all blocks that
# are not in a language; without a heading, of the whole document.
# usage: block DOCUMENT [HEADING [N]]
block() {
    mapfile -t lines < <(awk -v heading="${2:-}" -v wanted="${3:-0}" '
        BEGIN { below = heading == "" }
        /^```/ { if (!fenced && below) count++; fenced = !fenced; foreign = $0 != "```"; indented = 0; next }
        !fenced && /^#/ { if (heading != "") below = index($0, heading) == 1; next }
        !below { next }
        { shown = fenced }
        !fenced && /^    / { if (!indented) count++; indented = 1; shown = 1; $0 = substr($0, 5) }
        !shown && NF { indented = 0 }
        wanted == 0 && fenced && foreign { next }
        shown && (wanted == 0 || count == wanted) { if (sub(/\\$/, "")) printf "%s", $0; else print }
    ' "$repository/$1")
    if [ ${#lines[@]} -gt 0 ] || [ $# -eq 1 ]; then return; fi
    echo "hint: the commands are taken from there; say in Scripts/deb-check-backup.sh where they are now" >&2
    fail "$1 has no block ${3:-} below '$2'"
}

# Runs a command in the machine.
in_machine() {
    nsenter --target "$machine" --all env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root \
        ${editor:+EDITOR="$editor"} "$@"
}

# Runs a line of the documentation in the machine, which must end with one of some exit codes. What it printed is then
# in $work/output.
# usage: run LINE [STATUS ...]
run() {
    local line=$1 status=0
    shift
    [ $# -gt 0 ] || set -- 0
    echo "  \$ $line"
    echo "$line" >>"$work/ran"
    in_machine bash -c "cd $folder && $line" >"$work/output" 2>&1 <"${input:-/dev/null}" || status=$?
    case " $* " in
    *" $status "*) ;;
    *)
        sed 's/^/    /' "$work/output" >&2
        echo "hint: this line stands in the documentation; either it or what it runs is wrong" >&2
        fail "ended with $status, not with $*: $line"
        ;;
    esac
}

# Fails unless the last command printed something.
printed() {
    grep -qE -- "$1" "$work/output" && return
    sed 's/^/    /' "$work/output" >&2
    fail "the last command printed nothing like '$1'"
}

# usage: wait_for SECONDS WHAT COMMAND ...; ends at once, as a failure, when the machine does
wait_for() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >"$work/waiting" 2>&1; do
        if ! kill -0 "$holder" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
            echo "waited in vain for $what" >&2
            tail -n 5 "$work/waiting" "$work/machine" >&2
            return 1
        fi
        sleep 0.2
    done
}

# Whether the first process has the machine's root for its own, so that one can follow it there.
has_first_process() { machine=$(pgrep --parent "$holder") && [ "/proc/$machine/root" -ef "$root" ]; }

has_systemd() { in_machine systemctl is-system-running | grep -xE 'initializing|starting|running|degraded'; }

is_up() { in_machine systemctl is-system-running | grep -xE 'running|degraded'; }

answers() { in_machine mariadb-admin ping; }

# usage: start_machine PROGRAM [ARGUMENT ...]
start_machine() {
    machine=
    # It does not outlive this script, however that ends.
    setpriv --pdeathsig KILL unshare --mount --pid --net --ipc --uts --cgroup --fork --kill-child \
        "$repository/Scripts/deb-check-machine.sh" "$root" "$@" >"$work/machine" 2>&1 </dev/null &
    holder=$!
    wait_for 30 "the machine's first process" has_first_process
}

stop_machine() {
    [ -n "$holder" ] || return 0
    # The processes of a machine end with its first one, before that one is gone.
    # One that has ended by itself may have left its number to another process; nobody else has that parent.
    if [ -n "$machine" ] && [ "$(pgrep --parent "$holder")" = "$machine" ]; then
        kill -KILL "$machine" 2>/dev/null || true
    else
        kill -KILL "$holder" 2>/dev/null || true
    fi
    wait "$holder" 2>/dev/null || true
    holder=
    machine=
}

# Fails unless it is wanted to go on with less.
reduced() {
    [ -n "${DEB_CHECK_REDUCED:-}" ] && return
    tail -n 5 "$work/machine" >&2
    echo "hint: DEB_CHECK_REDUCED=1 goes on without what needs it, and says what it leaves out" >&2
    fail "$1"
}

# Starts the machine with systemd or, where that cannot be, with a MariaDB server as its only service.
boot() {
    if start_machine /lib/systemd/systemd && wait_for 30 "systemd" has_systemd; then
        booted=yes
        wait_for 60 "the end of starting" is_up || fail "systemd does not come up"
        say "systemd runs"
        in_machine systemctl start mariadb || fail "systemd does not start MariaDB"
    else
        stop_machine
        reduced "systemd does not run in it here"
        say "systemd cannot run in it here; going on with a server only, and without what systemd does"
        # shellcheck disable=SC2016
        start_machine sh -c 'install -d -o mysql /run/mysqld && exec mariadbd --user=mysql' || return 1
    fi
    wait_for 60 "MariaDB" answers || fail "MariaDB does not start"
}

prepare() {
    say "installing MariaDB and systemd"
    quietly inside apt-get -q -y --no-install-recommends install \
        mariadb-server mariadb-backup systemd sudo iproute2
    cat >"$root/etc/mysql/mariadb.conf.d/90-binary-log.cnf" <<CONFIGURATION
[mariadbd]
server_id = 1
gtid_domain_id = 1
log_bin
log_slave_updates
gtid_strict_mode
CONFIGURATION
    echo dorsal-check >"$root/etc/hostname"
    printf '127.0.0.1\tlocalhost\n127.0.1.1\tdorsal-check\n' >"$root/etc/hosts"
    mkdir -p "$root$folder/.build/deb"
    # Whatever its file is called here.
    cp "$package" "$root$folder/.build/deb/dorsal_package.deb"
    cp -R "$repository/Packaging" "$root$folder"
    # The machine has no network, and nobody there who says yes.
    quietly inside apt-get -q -y --download-only install "$folder/.build/deb/dorsal_package.deb"
    echo 'APT::Get::Assume-Yes "true";' >"$root/etc/apt/apt.conf.d/99deb-check"
}

# README, "Let Dorsal in", and some data to be found again.
let_in() {
    say "letting dorsal in"
    block README.md '### 2. Let Dorsal in' 1
    printf '%s\n' "${lines[@]}" | sed "s/'…'/'$password'/" >"$work/let-in.sql"
    grep -q 'BINLOG MONITOR' "$work/let-in.sql" || fail "README.md grants MariaDB's user nothing first"
    in_machine mariadb <"$work/let-in.sql" || fail "MariaDB does not take the README's statements"
    in_machine mariadb -e 'CREATE DATABASE shop; USE shop; CREATE TABLE orders (id INT PRIMARY KEY, what TEXT);
        INSERT INTO orders SELECT seq, REPEAT(MD5(seq), 20) FROM seq_1_to_5000;'
    sum=$(in_machine mariadb -N -e 'CHECKSUM TABLE shop.orders')
}

# usage: has_everything WHERE [OPTION ...]; of a server that is reached by these options
has_everything() {
    local where=$1
    shift
    [ "$(in_machine mariadb "$@" -N -e 'CHECKSUM TABLE shop.orders')" = "$sum" ] || fail "$where lacks data"
    say "$where has all data"
}

configuration=/etc/dorsal/dorsal.yaml

# What the sample's comments tell to change.
edit() { sed -i "$@" "$root$configuration"; }

# Prints the ids of the backups.
backups() { in_machine dorsal list | grep -oE '^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}' || true; }

# README, "From package to verified backup in five commands", and what follows there.
five_commands() {
    local line
    say "from package to verified backup"
    # Without the package's sample; the README's takes its place.
    block Packaging/README.md '## Configure' 1
    run "${lines[0]}"
    block README.md '### 3. From package' 1
    [ ${#lines[@]} -eq 5 ] || fail "README.md promises five commands and shows ${#lines[@]}"
    for line in "${lines[@]}"; do
        case $line in
        "dorsal doctor"*)
            run "$line" 0 2
            grep -A 1 '^WARNING' "$work/output" | sed 's/^/    /' || true
            [ "$(grep -c '^WARNING' "$work/output")" -eq "$(grep -cA 1 '^ *hint: ' "$work/output")" ] ||
                fail "dorsal doctor warns without a hint"
            ;;
        *) run "$line" ;;
        esac
        if [[ $line == *"then edit it"* ]]; then
            (umask 077 && echo "$password" >"$root/etc/dorsal/mysql-password")
            edit -e 's/^#retention:/retention:/' -e 's/^  #keep_last:/  keep_last:/'
        fi
    done
    printed '^1 backup, copies: 1 whole'
    block README.md '### 3. From package' 2
    for line in "${lines[@]}"; do
        case $line in
        # The server runs.
        "dorsal restore"*)
            run "$line" 3
            printed 'a server is running'
            ;;
        *) run "$line" ;;
        esac
    done
    [ "$(backups | wc -l)" -eq 1 ] || fail "dorsal list does not show one backup"
}

# README, "To try a restore out without stopping anything".
restore_elsewhere() {
    local line socket=/restore-test/data/s
    say "restoring elsewhere"
    block README.md '### 3. From package' 3
    line=${lines[0]}
    run "${line/restore/restore --dry-run}"
    [ ! -e "$root/restore-test/data" ] || fail "a dry run made /restore-test/data"
    run "$line"
    printed '^missing +nothing'
    in_machine mariadbd --defaults-file=/restore-test/data/my.cnf --user=mysql --skip-slave-start --server-id=99 \
        >"$work/restored" 2>&1 &
    wait_for 60 "the restored server" in_machine mariadb-admin --socket "$socket" ping || {
        tail -n 20 "$work/restored" >&2
        fail "the restored server does not start"
    }
    has_everything "the restored server" --socket "$socket"
    in_machine mariadb-admin --socket "$socket" shutdown
    wait $! || fail "the restored server did not end well"
}

articles=Sources/Dorsal/Documentation.docc

# "The timer" in RunningEveryNight.md, and the other units.
every_night() {
    local line before
    say "every night"
    before=$(backups | wc -l)
    block "$articles/RunningEveryNight.md" '## The timer' 1
    for line in "${lines[@]}"; do run "$line"; done
    printed 'dorsal restore [0-9TZ]+-[0-9a-f]{6} --config'
    ! grep -v 'dorsal\[' "$work/output" | grep -iE 'fail|error' || fail "the journal tells of failures"
    ! grep 'Failed to set' "$work/output" || fail "the journal is noisy"
    [ "$(backups | wc -l)" -eq $((before + 1)) ] || fail "dorsal-backup@dorsal.service made no backup"
    run 'systemctl is-active dorsal-backup@dorsal.timer'
    for line in verify prune; do
        run "sudo systemctl start dorsal-$line@dorsal.service"
        run "journalctl -u dorsal-$line@dorsal.service"
    done
    printed '^.* keep +local'
}

# "Passwords" in Packaging/README.md.
credentials() {
    say "with a password from systemd"
    block Packaging/README.md '### Passwords' 1
    echo "$password" >"$work/password"
    input=$work/password run "${lines[0]}"
    mv "$root/etc/dorsal/mysql-password" "$work/mysql-password"
    edit -e 's/^\( *\)password_file: /\1#password_file: /' -e 's/^\( *\)#password_credential: /\1password_credential: /'
    run_units
    edit -e 's/^\( *\)#password_file: \(.*mysql\)/\1password_file: \2/' \
        -e 's/^\( *\)password_credential: /\1#password_credential: /'
    mv "$work/mysql-password" "$root/etc/dorsal/mysql-password"
}

run_units() {
    local unit
    for unit in dorsal-{backup,verify,prune}@dorsal.service; do
        run "sudo systemctl start $unit || { journalctl -n 20 -u $unit; exit 1; }"
    done
}

# A repository that the units may write to as they are, once it exists.
in_backup() {
    say "with a repository in /backup"
    mkdir "$root/backup"
    with_repository /backup
}

# usage: with_repository FOLDER
with_repository() {
    edit -e "s,local: /var/backups/dorsal\$,local: $1,"
    run_units
    edit -e "s,local: $1\$,local: /var/backups/dorsal,"
    [ -n "$(find "$root$1" -name package.tar.gz)" ] || fail "there is no package in $1"
}

# "A repository elsewhere" in Packaging/README.md: of the file that it has edited, the first line is turned on.
elsewhere() {
    local line unit editor='sed -i s,^#ReadWritePaths=/data1,ReadWritePaths=/data1,'
    say "with a repository elsewhere"
    mkdir -p "$root/data1/backup"
    block Packaging/README.md '## Every night' 2
    # As for the backup, so "for dorsal-prune@ and dorsal-verify@".
    for unit in backup verify prune; do
        for line in "${lines[@]}"; do run "${line//dorsal-backup@/dorsal-$unit@}"; done
    done
    with_repository /data1/backup
}

# README, "A server is lost right now".
lost_server() {
    local line
    say "losing the server"
    block README.md '## A server is lost right now' 1
    for line in "${lines[@]}"; do
        case $line in
        # Without peers, nobody knows what was written after the backup.
        "dorsal restore"*) run "$line" 0 2 ;;
        *) run "$line" ;;
        esac
        if [[ $line == "systemctl stop"* ]]; then rm -r "$root/var/lib/mysql"; fi
    done
    printed '^missing +nothing'
    in_machine systemctl start mariadb
    wait_for 60 "MariaDB" answers || fail "the restored server does not start"
    has_everything "the server that was lost"
}

# Packaging/README.md: "purging it leaves configurations and backups where they are".
purge_running() {
    say "purging it"
    in_machine apt-get -q purge dorsal >"$work/output" 2>&1 || fail "apt-get purge dorsal: $(tail -n 20 "$work/output")"
    [ -z "$(in_machine systemctl list-units --all --plain --no-legend 'dorsal-*.timer')" ] || fail "a timer is left"
    [ -s "$root$configuration" ] || fail "it took the configuration along"
    [ -d "$root/var/backups/dorsal" ] || fail "it took the backups along"
}

# Of the documentation's lines that need a machine of their own, none may have been passed over.
nothing_passed_over() {
    local document line
    for document in README.md Packaging/README.md "$articles"/*.md; do
        block "$document"
        for line in "${lines[@]}"; do
            [[ $line =~ ^(sudo )?(apt-get|install|sudoedit|systemctl|journalctl)\  ]] || continue
            grep -qxF -- "$line" "$work/ran" && continue
            echo "hint: run it in Scripts/deb-check-backup.sh" >&2
            fail "$document shows what is not run here: $line"
        done
    done
}

walk() {
    cd "$repository"

    prepare
    if ! boot; then
        reduced "no machine of its own can be had here (see unshare(1))"
        say "skipped: no machine of its own can be had here (see unshare(1)), so no backup was made with the package"
        return
    fi
    let_in
    five_commands
    restore_elsewhere
    if [ -n "$booted" ]; then
        every_night
        credentials
        in_backup
        elsewhere
        lost_server
        purge_running
        nothing_passed_over
    fi
    stop_machine
    say "the machine is gone"
}
