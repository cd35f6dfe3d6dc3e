#include "thimble/protocol/messages.hpp"

#include "thimble/protocol/admit_job.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// Every message reads the same bytes: none may break on those of another.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::protocol;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    static_cast<void>(parse_certificate_answer(text));
    static_cast<void>(parse_check_in_answer(text));
    static_cast<void>(parse_reports_answer(text));
    static_cast<void>(parse_lease_question(text));
    static_cast<void>(parse_lease_grant(text));
    static_cast<void>(parse_problem(text));
    const auto report = parse_report(text);
    THIMBLE_CHECK(!report || parse_report(format_report(*report)).has_value());
    const auto answer = parse_poll_answer(text);
    if (answer) {
        const auto again = parse_poll_answer(format_poll_answer(*answer));
        THIMBLE_CHECK(again && *again == *answer);
    }
    return 0;
}
