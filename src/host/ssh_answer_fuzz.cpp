#include "thimble/host/ssh_answer.hpp"

#include "thimble/host/ssh_target.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    static const std::vector<thimble::host::Question> kQuestions{
        {.path = "/a", .contents = true},
        {.path = "/b", .contents = false},
        {.path = "/c", .contents = true}};
    (void)thimble::host::parse_answer(text, kQuestions);
    (void)thimble::host::parse_ssh_target(text);
    return 0;
}
