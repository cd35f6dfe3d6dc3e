#include "thimble/host/ssh_answer.hpp"

#include "thimble/host/host.hpp"
#include "thimble/host/ssh_target.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using thimble::host::Ask;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    static const std::vector<thimble::host::Question> kQuestions{
        {.path = "/a", .ask = Ask::Contents},
        {.path = "/b", .ask = Ask::Info},
        {.path = "/c", .ask = Ask::Contents}};
    static const std::vector<thimble::host::Question> kProcess{
        {.path = "/a", .ask = Ask::Bytes},
        {.path = "/b", .ask = Ask::Link},
        {.path = "/c", .ask = Ask::Links}};
    (void)thimble::host::parse_answer(text, kQuestions);
    (void)thimble::host::parse_answer(text, kProcess);
    (void)thimble::host::parse_ssh_target(text);
    return 0;
}
