#!/bin/sh
# The real rpm's answer for each pair of the file $1, in one process.
THIMBLE_PAIRS="$1" exec rpm --eval '%{lua:
local sign = {[-1] = "<", [0] = "=", [1] = ">"}
local answers = {}
for line in io.lines(os.getenv("THIMBLE_PAIRS")) do
    local left, right = line:match("^(.-)\t(.*)$")
    answers[#answers + 1] = sign[rpm.vercmp(left, right)]
end
print(table.concat(answers, "\n"))
}'
