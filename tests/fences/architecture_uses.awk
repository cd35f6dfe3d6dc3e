# The table of ARCHITECTURE.md whose first cell is `src/room`, as lines "room: used used ..".
BEGIN { FS = "|" }
$2 ~ /^ *`src\/[a-z]+` *$/ && NF >= 6 {
    room = $2
    gsub(/[` ]/, "", room)
    sub(/^src\//, "", room)
    uses = $(NF - 1)
    gsub(/^ +| +$/, "", uses)
    gsub(/, */, " ", uses)
    print room ":" (uses ~ /^[a-z]/ ? " " uses : "")
}
