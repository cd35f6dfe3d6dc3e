#include "thimble/agent/report_journal.hpp"

#include <cstddef>
#include <cstdint>

// What was read is what is written, up to the torn end.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::agent;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto journal = parse_journal(text);
    if (journal) {
        std::string again;
        for (const thimble::protocol::Report& report : journal->reports) {
            again += format_journal_line(report);
        }
        THIMBLE_CHECK(parse_journal(again)->reports == journal->reports);
    }
    return 0;
}
