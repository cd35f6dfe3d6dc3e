# One line "room: used used .." for each thimble_module(..) of a CMakeLists.txt, used rooms sorted.
function finish(    i, j, swap, line) {
    for (i = 2; i <= count; i++) {
        for (j = i; j > 1 && used[j - 1] > used[j]; j--) {
            swap = used[j]; used[j] = used[j - 1]; used[j - 1] = swap
        }
    }
    line = room ":"
    for (i = 1; i <= count; i++) line = line " " used[i]
    print line
    room = ""
}
{
    sub(/#.*/, "")
    gsub(/\(/, " ( "); gsub(/\)/, " ) ")
    for (at = 1; at <= NF; at++) {
        word = $at
        if (word == "thimble_module") { wanted = 1; continue }
        if (wanted && word == "(") { wanted = 0; named = 1; continue }
        if (named) { named = 0; room = word; count = 0; listing = 0; continue }
        if (room == "") continue
        if (word == ")") { finish(); continue }
        if (word ~ /^[A-Z_]+$/) { listing = (word == "USES" || word == "USES_PRIVATE"); continue }
        if (listing) used[++count] = word
    }
}
