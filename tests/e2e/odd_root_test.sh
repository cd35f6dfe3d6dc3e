#!/bin/sh
# Roots and archives that mean harm: thimble-apt neither waits for a FIFO nor leaves its own folder, nor the root.
# usage: odd_root_test.sh THIMBLE_APT
set -eu
thimble_apt=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
failed=0
fail() {
    echo "FAILED: $1"
    failed=1
}

make_root() {
    rm -rf "$root"
    mkdir -p "$root/etc/apt/apt.conf.d" "$root/etc/apt/sources.list.d" "$root/var/lib/apt/lists/partial" \
        "$root/var/lib/dpkg" "$work/tmp"
    printf 'Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nMaintainer: a\nDescription: a\n\n' \
        >"$root/var/lib/dpkg/status"
}
ask_root() {
    timeout 20 "$thimble_apt" --architectures amd64 --root "$root" --machine-id 0 >"$work/out" 2>"$work/err"
}
resolve_root() {
    echo '{"level":"upgrade","wanted":[{"name":"plain","architecture":"amd64","version":"2"}],"excluded":[],"origins":[]}' |
        timeout 20 "$thimble_apt" resolve --architectures amd64 --root "$root" --machine-id 0 >"$work/out" 2>"$work/err"
}
fetch_root() {
    echo '{"archives":[{"name":"plain","architecture":"amd64","version":"2","sha256":null,"file_name":"plain.deb"}]}' |
        timeout 20 "$thimble_apt" fetch --architectures amd64 --root "$root" --machine-id 0 --folder "$work/fetched" \
            >"$work/out" 2>"$work/err"
}

make_root
ask_root || fail "a plain root is refused: $(cat "$work/err")"
mkfifo "$root/etc/apt/sources.list.d/wait.list"
if ask_root; then fail "a FIFO among the sources is read"; fi
grep -q 'wait.list is neither a file nor a folder' "$work/err" || fail "the FIFO is not named: $(cat "$work/err")"
resolve_root && fail "a FIFO among the sources is read for a transaction"
grep -q 'wait.list is neither a file nor a folder' "$work/err" || fail "the FIFO is not named: $(cat "$work/err")"
make_root
ln -s /dev/zero "$root/etc/apt/sources.list"
if ask_root; then fail "a device is read"; fi
make_root
ln -s /dev/null "$root/etc/apt/apt.conf.d/masked"
ask_root || fail "settings that are masked are refused: $(cat "$work/err")"
make_root
echo '#include "/etc/passwd";' >"$root/etc/apt/apt.conf.d/more"
if ask_root; then fail "included settings are read"; fi
grep -q '/etc/passwd is included by settings, and not there in this root' "$work/err" || fail "what is included is not named: $(cat "$work/err")"
echo 'A "b"; #include "/etc/passwd";' >"$root/etc/apt/apt.conf.d/more"
if ask_root; then fail "settings that are included beside others are read"; fi
grep -q 'more includes other files' "$work/err" || fail "the settings are not named: $(cat "$work/err")"

# What settings include is that of the root, whatever this machine has of that name.
make_root
mkdir -p "$root$work/more" "$work/more"
echo 'APT::Default-Release "of-root";' >"$root$work/more/release.conf"
echo 'APT::Default-Release "of-machine";' >"$work/more/release.conf"
for included in "$work/more/release.conf" "$work/more/"; do
    echo "#include \"$included\";" >"$root/etc/apt/apt.conf"
    ask_root && fail "included settings are passed over: $included"
    grep -q of-root "$work/err" || fail "the root's settings are not those of $included: $(cat "$work/err")"
done
echo "#include \"$work/more/release.conf\";" >"$root$work/more/release.conf"
ask_root && fail "settings that include themselves are read"
grep -q 'included by too many files' "$work/err" || fail "a circle of settings is not named: $(cat "$work/err")"
rm -r "$root$work/more"
ask_root && fail "settings lead out of the root: $(cat "$work/out")"
grep -q 'not there in this root' "$work/err" || fail "settings that are not there are not named: $(cat "$work/err")"

# Links of what apt reads: to what they lead to in the root, and nowhere else.
outside=$work/outside-files
mkdir -p "$outside"
echo 'deb [trusted=yes] http://outside.invalid/ ./' >"$outside/sources.list"
printf 'Package: *\nPin: nonsense outside\nPin-Priority: 1\n' >"$outside/preferences"
echo 'APT::Default-Release "outside";' >"$outside/apt.conf"
for name in sources.list sources.list.d/one.list preferences preferences.d/one apt.conf apt.conf.d/one; do
    make_root
    mkdir -p "$root/etc/apt/preferences.d"
    file=$(basename "${name%.d/*}")
    ln -s "$outside/$file" "$root/etc/apt/$name"
    for ask in resolve_root fetch_root ask_root; do
        $ask || fail "a link at $name leads $ask out of the root: $(cat "$work/err")"
    done
    grep -q "/etc/apt/$name leads to what is not there in this root" "$work/out" || fail "$name is not told: $(cat "$work/out")"
    grep -q outside.invalid "$work/out" && fail "a link at $name leads out of the root: $(cat "$work/out")"
    mkdir -p "$root$outside"
    echo '' >"$root$outside/$file"
    ask_root || fail "a link at $name within the root is refused: $(cat "$work/err")"
    grep -q '"gaps":\[\]' "$work/out" || fail "a link at $name within the root is lost: $(cat "$work/out")"
    cp "$outside/$file" "$root$outside/$file"
    case $name in
    sources*) ask_root && grep -q outside.invalid "$work/out" || fail "$name is not read: $(cat "$work/out" "$work/err")" ;;
    *.conf* | apt.conf*) ask_root && fail "$name is not read: $(cat "$work/out")" ;;
    esac
done
for folder in apt.conf.d preferences.d sources.list.d; do
    make_root
    rm -rf "$root/etc/apt/$folder"
    ln -s "$outside" "$root/etc/apt/$folder"
    ask_root && fail "a link at $folder leads out of the root: $(cat "$work/out")"
    grep -q "/etc/apt/$folder leads to what is no folder in this root" "$work/err" || fail "$folder is not named: $(cat "$work/err")"
done
make_root
rm -r "$root/etc/apt"
mkdir "$outside/apt"
cp "$outside/sources.list" "$outside/apt/"
ln -s "$outside/apt" "$root/etc/apt"
ask_root && fail "a link at etc/apt leads out of the root: $(cat "$work/out")"
grep -q '/etc/apt leads to what is not there in this root' "$work/err" || fail "etc/apt is not named: $(cat "$work/err")"
mkdir -p "$root$outside/apt"
ask_root || fail "a link at etc/apt within the root is refused: $(cat "$work/err")"
grep -q outside "$work/out" && fail "a link at etc/apt leads out of the root: $(cat "$work/out")"
rm "$root/etc/apt"
ask_root || fail "a root without sources is refused: $(cat "$work/err")"
for name in auth.conf auth.conf.d auth.conf.d/one; do
    make_root
    case $name in */*) mkdir "$root/etc/apt/auth.conf.d" ;; esac
    ln -s "$outside/apt" "$root/etc/apt/$name"
    ask_root && fail "a link at $name leads out of the root"
    grep -q "$name leads out of the root" "$work/err" || fail "$name is not named: $(cat "$work/err")"
done
make_root
mkdir "$root/var/lib/apt/periodic"
touch "$outside/stamp"
ln -s "$outside/stamp" "$root/var/lib/apt/periodic/update-success-stamp"
ask_root && fail "a date comes from outside of the root: $(cat "$work/out")"
grep -q 'update-success-stamp leads out of the root' "$work/err" || fail "the stamp is not named: $(cat "$work/err")"
make_root
mv "$root/var/lib/dpkg/status" "$outside/status"
ln -s "$outside/status" "$root/var/lib/dpkg/status"
ask_root && ! grep -q '"offers":\[\]' "$work/out" && fail "what is installed comes from outside of the root: $(cat "$work/out")"
mkdir -p "$root$outside"
mv "$outside/status" "$root$outside/status"
ask_root || fail "dpkg's status by a link within the root is refused: $(cat "$work/err")"

# apt's list of an archive that is a folder is a link, with a path as the root has it.
make_root
mkdir -p "$root/srv/archive"
printf 'Package: plain\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nMaintainer: a\nDescription: a\n\n' \
    >>"$root/var/lib/dpkg/status"
printf 'Package: plain\nArchitecture: amd64\nVersion: 2\nMaintainer: a\nDescription: a\nFilename: ./plain.deb\nSize: 1\nSHA256: %064d\n\n' 0 \
    >"$root/srv/archive/Packages"
echo 'deb [trusted=yes] file:/srv/archive ./' >"$root/etc/apt/sources.list"
list=$root/var/lib/apt/lists/_srv_archive_._Packages
ln -s /srv/archive/./Packages "$list"
touch -d 2026-03-04T05:06:07Z "$root/var/lib/apt/lists/partial" "$root/var/lib/apt/lists"
export TMPDIR="$work/tmp"
ask_root || fail "a root with an archive of its own is refused: $(cat "$work/err")"
grep -q '"name":"plain".*"candidate_version":"2"' "$work/out" || fail "its own archive is not read: $(cat "$work/out")"
grep -q '"refreshed_at":"2026-03-04T05:06:07Z"' "$work/out" || fail "its index is of another day: $(cat "$work/out")"
grep -q '"gaps":\[\]' "$work/out" || fail "something is missing: $(cat "$work/out")"
digest=$(printf '%064d' 0)
steps_from_root() {
    resolve_root || fail "a transaction from $1 is refused: $(cat "$work/err")"
    grep -q '"to_version":"2"' "$work/out" && grep -q "$digest" "$work/out" || fail "no steps from $1: $(cat "$work/out")"
}
steps_from_root "a list that is a link"
mkdir -p "$work/fetched"
fetch_root || fail "fetching is refused: $(cat "$work/err")"
grep -q version_gone "$work/out" && fail "its own archive is not known to fetching: $(cat "$work/out")"

# Its archives are those of the folder as the root has it, whatever this machine has there.
offer_own_archive() {
    printf 'Package: plain\nArchitecture: amd64\nVersion: 2\nMaintainer: a\nDescription: a\nFilename: ./%s\nSize: %d\nSHA256: %s\n\n' \
        "$1" "$(stat -L -c %s "$2")" "$(sha256sum <"$2" | cut -d ' ' -f 1)" >"$own/Packages"
}
cp -a "$root/srv/archive/Packages" "$work/Packages.plain"
own=$root$work/own
mkdir -p "$own" "$work/own"
for scheme in file copy; do
    echo "deb [trusted=yes] $scheme:$work/own ./" >"$root/etc/apt/sources.list"
    own_list=$root/var/lib/apt/lists/$(echo "$work/own" | tr / _)_._Packages
    ln -sfn "$work/own/Packages" "$own_list"
    echo "of the root" >"$own/plain+1.deb"
    echo "of machine" >"$work/own/plain+1.deb"
    offer_own_archive plain+1.deb "$own/plain+1.deb"
    fetch_root || fail "fetching from a folder of the root fails: $(cat "$work/err")"
    grep -q '"ending":"done"' "$work/out" || fail "an archive of the root is not taken: $(cat "$work/out")"
    [ "$(cat "$work/fetched/plain.deb")" = "of the root" ] || fail "$scheme: another archive is taken than the root's"
    rm "$work/fetched/plain.deb"
    # A link of the root to what only this machine has; and what is something else than the index says.
    echo "of machine" >"$work/secret"
    ln -sfn "$work/secret" "$own/plain+1.deb"
    offer_own_archive plain+1.deb "$work/secret"
    fetch_root || fail "fetching by a link that leads out fails: $(cat "$work/err")"
    grep -q 'is not there in the root' "$work/out" || fail "$scheme: what a link out leads to is not told: $(cat "$work/out")"
    [ ! -e "$work/fetched/plain.deb" ] || fail "$scheme: a link leads fetching out of the root"
    ln -sfn "../../../../../../../../../..$work/secret" "$own/plain+1.deb"
    fetch_root || fail "fetching by a path that leads out fails: $(cat "$work/err")"
    [ ! -e "$work/fetched/plain.deb" ] || fail "$scheme: a path leads fetching out of the root"
    rm "$own/plain+1.deb"
    for content in "of no root" "of the root and more"; do
        echo "$content" >"$own/plain+1.deb"
        fetch_root || fail "fetching of what was altered fails: $(cat "$work/err")"
        grep -q '"ending":"wrong_digest"' "$work/out" || fail "$scheme: an altered archive is taken: $(cat "$work/out")"
    done
    rm "$own/plain+1.deb"
    mkfifo "$own/plain+1.deb"
    fetch_root || fail "fetching of a FIFO fails: $(cat "$work/err")"
    grep -q 'is not there in the root' "$work/out" || fail "$scheme: a FIFO is an archive: $(cat "$work/out")"
    [ -z "$(ls -A "$work/fetched")" ] || fail "$scheme: something stays of what was not taken: $(ls -A "$work/fetched")"
    rm "$own/plain+1.deb" "$own_list"
done
echo 'deb [trusted=yes] file:/srv/archive ./' >"$root/etc/apt/sources.list"
mv "$work/Packages.plain" "$root/srv/archive/Packages"
rm -r "${root:?}$work"
touch -d 2026-03-04T05:06:07Z "$root/var/lib/apt/lists/partial" "$root/var/lib/apt/lists"

# Where every list is: a folder of the root by a path of the root, which is another folder on this machine.
lists=$root/var/lib/apt/lists
for linked in var/lib/apt/lists var/lib/apt; do
    mkdir -p "$root$work/elsewhere" "$work/elsewhere"
    mv "$root/$linked" "$root$work/elsewhere/inside"
    ln -s "$work/elsewhere/inside" "$root/$linked"
    ask_root || fail "a link at $linked is refused: $(cat "$work/err")"
    grep -q '"candidate_version":"2"' "$work/out" || fail "a link at $linked is not followed in the root: $(cat "$work/out")"
    grep -q '"refreshed_at":"2026-03-04T05:06:07Z"' "$work/out" || fail "an index of another day: $(cat "$work/out")"
    steps_from_root "a link at $linked"
    mv "$root$work/elsewhere/inside" "$work/elsewhere/inside"
    ask_root || fail "a link out at $linked is refused: $(cat "$work/err")"
    grep -q '"candidate_version":"2"' "$work/out" && fail "a link at $linked leads out of the root"
    grep -q '"unfetched":\[{' "$work/out" || fail "no index, and it is not told: $(cat "$work/out")"
    grep -q '"refreshed_at":null' "$work/out" || fail "an index that is not there has a date: $(cat "$work/out")"
    resolve_root || fail "a transaction without an index fails: $(cat "$work/err")"
    grep -q '"to_version":"2"' "$work/out" && fail "a link at $linked leads a transaction out of the root"
    rm "$root/$linked"
    mv "$work/elsewhere/inside" "$root/$linked"
    rm -r "$root$work/elsewhere"
done
mv "$lists" "$work/lists"
echo 'no folder' >"$lists"
ask_root && fail "a folder of lists that cannot be read is passed over: $(cat "$work/out")"
rm "$lists"
mv "$work/lists" "$lists"
for number in $(seq 40); do ln -s /srv/archive/./Packages "$lists/_srv_${number}_._Packages"; done
(ulimit -n 30 && ask_root) && fail "lists that cannot be opened for want of descriptors are passed over: $(cat "$work/out")"
grep -q 'open files' "$work/err" || fail "why lists cannot be opened is not told: $(cat "$work/err")"
rm "$lists"/_srv_[0-9]*

mv "$root/srv/archive/Packages" "$work/Packages"
for target in /srv/archive/./Packages "$work/Packages" "../../../../../Packages"; do
    ln -sfn "$target" "$list"
    ask_root || fail "a root without its archive is refused: $(cat "$work/err")"
    grep -q '"candidate_version":"2"' "$work/out" && fail "a link leads out of the root: $target"
    resolve_root || fail "a transaction without its archive fails: $(cat "$work/err")"
    grep -q "$digest" "$work/out" && fail "a link leads a transaction out of the root: $target"
    grep -q 'version_gone' "$work/out" || fail "a version that is not there is not told: $(cat "$work/out")"
    fetch_root || fail "fetching without its archive fails: $(cat "$work/err")"
    grep -q version_gone "$work/out" || fail "a link leads fetching out of the root: $(cat "$work/out")"
    ask_root || fail "a root without its archive is refused: $(cat "$work/err")"
    grep -q '"gaps":\[{"code":"inventory.no_index".*_srv_archive_._Packages' "$work/out" ||
        fail "a list that cannot be read is not told: $(cat "$work/out")"
done
mkfifo "$root/srv/archive/Packages"
ln -sfn /srv/archive/Packages "$list"
ask_root || fail "a root whose list leads to a FIFO is refused: $(cat "$work/err")"
grep -q '"gaps":\[{"code":"inventory.no_index"' "$work/out" || fail "a FIFO is no list: $(cat "$work/out")"
[ -z "$(ls -A "$work/tmp")" ] || fail "the folder of lists stays: $(ls -A "$work/tmp")"
unset TMPDIR

make_root
echo 'password' >"$root/etc/apt/auth.conf"
ln -s /etc/passwd "$root/etc/apt/sources.list"
echo '#include "/etc/passwd";' >"$root/etc/apt/apt.conf.d/more"
echo outside >"$work/outside"
tar -C "$root" -czPf "$work/archive" etc var --transform 's,^etc/hop/,../,' "$work/outside"
TMPDIR=$work/tmp timeout 20 "$thimble_apt" --archive --architectures amd64 --machine-id 0 \
    <"$work/archive" >"$work/out" 2>"$work/err" || fail "an archive is refused: $(cat "$work/err")"
grep -q 'apt_files_left_out' "$work/out" || fail "nothing is said of what was left out: $(cat "$work/out")"
grep -q '"detail":"[4-9] of' "$work/out" || fail "too little was left out: $(cat "$work/out")"
[ -z "$(ls -A "$work/tmp")" ] || fail "the unpacked root stays: $(ls -A "$work/tmp")"
head -c 200 "$work/archive" >"$work/broken"
if TMPDIR=$work/tmp "$thimble_apt" --archive --architectures amd64 --machine-id 0 <"$work/broken" >/dev/null 2>"$work/err"; then
    fail "a broken archive is taken"
fi
[ -z "$(ls -A "$work/tmp")" ] || fail "what was unpacked of a broken archive stays"
[ $failed = 0 ] && echo "odd roots are refused"
exit $failed
