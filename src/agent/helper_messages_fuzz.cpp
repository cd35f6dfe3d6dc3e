#include "thimble/agent/helper_messages.hpp"

#include "thimble/agent/agent_folder.hpp"

#include <cstddef>
#include <cstdint>

// A message that can be read is written as one that reads the same; state files may hold anything.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::agent;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto question = parse_helper_question(text);
    THIMBLE_CHECK(
        !question || parse_helper_question(format_helper_question(*question)) == *question);
    const auto answer = parse_helper_answer(text);
    if (answer) {
        const auto again = parse_helper_answer(format_helper_answer(*answer));
        THIMBLE_CHECK(again && *again == *answer);
    }
    static_cast<void>(parse_known_server(text));
    static_cast<void>(parse_memory(text));
    static_cast<void>(parse_identity(text));
    return 0;
}
