#!/bin/sh
# pure_objects.sh BUILD: the objects of pure files ask the world for nothing: no clock, entropy, file,
# socket, process, thread or environment. Prints breaches; silent where there are no objects.
set -eu
cd "$(dirname "$0")/../.."
build=$1
[ -d "$build/src" ] || exit 0
command -v nm >/dev/null || exit 0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

clock='clock_gettime|clock_getres|gettimeofday|time|times|localtime(_r)?|strftime|std::chrono::_V2::.*::now.*'
entropy='getrandom|getentropy|s?rand(om)?(_r)?|arc4random.*|std::random_device.*'
file='(f|fd|fre)?open(at)?(64)?|creat|p?read(v|dir|link)?(64)?|__p?read(64)?_chk|p?writev?(64)?|mmap(64)?|unlink(at)?|rename(at2?)?|mkdir(at)?|mkstemp|remove|l?stat(x|at)?(64)?|fstat(at)?(64)?|__x?l?f?xstat(64)?|access|f?printf|__f?printf_chk|puts|fputs|putchar|fwrite|fread|std::basic_(i|o)?f(ile)?(stream|buf).*|std::(cout|cerr|clog|cin)|std::filesystem::(?!(__cxx11::)?path).*'
socket='socket|connect|bind|listen|accept4?|send(to|msg)?|recv(from|msg)?|getaddrinfo|gethostby.*|poll|select|epoll_.*'
process='v?fork|exec(v|ve|vp|vpe|l|lp|le)|posix_spawnp?|system|popen|waitpid|wait4?|kill|_?exit|abort|getpid|raise'
thread='pthread_create|std::thread::.*|sem_.*'
environment='(secure_)?getenv|setenv|putenv|uname|gethostname'
banned="^[^ ]+ ($clock|$entropy|$file|$socket|$process|$thread|$environment)(\(.*)?(@.*)?$"

for room in base model assess prioritize protocol report rollout; do
    printf '%s\n' "$build/src/$room/CMakeFiles/thimble_$room.dir"/*.o
done >"$scratch/objects"
for list in src/*/CMakeLists.txt; do
    room=$(basename "$(dirname "$list")")
    printf '%s\n' "$build/src/$room/CMakeFiles/thimble_$room.dir"/parse_*.o
done >>"$scratch/objects"
# The pure parts of doors and shells, which are too many words to be called parse_*.
for file in apply/host_changes calendar/span calendar/window fleet/fleet_index fleet/fleet_index_dump fleet/fleet_index_fill fleet/fleet_judge fleet/host_set \
    fleet/judged_packages fleet/version_list openid/attempt openid/judge_id_token openid/provider store/audit_chain store/list_table store/list_tables server/certificate_profile server/event_log \
    server/exchange server/expand_document server/host_address server/list_output server/openapi server/outside_choice server/outside_places \
    server/permission server/problem \
    server/repeated_requests server/request_body server/roster server/route_table server/sign_in_limit server/sign_on_page; do
    [ -e "src/$file.cpp" ] || echo "fence: src/$file.cpp is said to be pure and is not there" >&2
    echo "$build/src/${file%/*}/CMakeFiles/thimble_${file%/*}.dir/${file#*/}.cpp.o"
done >>"$scratch/objects"

# What they use, as "source symbol". A room that is not built, or has no such file, has left its pattern.
while read -r object; do
    [ ! -e "$object" ] || echo "$object"
done <"$scratch/objects" | xargs -r nm -A -C --undefined-only |
    sed -nE 's|^.*/thimble_([a-z]+)\.dir/([^:]*)\.o: *[Uvw] (.*)$|src/\1/\2 \3|p' | grep -P "$banned" >"$scratch/uses" || true

# Exceptions:
#   result.cpp       THIMBLE_CHECK says what broke and aborts
#   report/*.cpp     fmt's own assertions print and terminate; we print nothing through them
#   store, server    likewise
cat >"$scratch/allowed" <<'END'
^src/base/result\.cpp (abort|fprintf|__fprintf_chk)$
^src/(report|store|server)/[a-z_]+\.cpp (fprintf|__fprintf_chk|abort)$
END
grep -vEf "$scratch/allowed" "$scratch/uses" | sort -u | while read -r source symbol; do
    echo "fence: $source is pure but uses $symbol"
done
