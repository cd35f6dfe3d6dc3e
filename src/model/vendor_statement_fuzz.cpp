#include "thimble/model/vendor_statement.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// Whatever can be read has statements that say of what and how.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::model;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    if (const auto document = parse_vendor_document(text)) {
        THIMBLE_CHECK(!document->statements.empty());
        for (const VendorStatement& statement : document->statements) {
            THIMBLE_CHECK(!statement.vulnerability.empty() && !statement.status.empty());
            THIMBLE_CHECK(!sentence_of(*document, statement).empty());
        }
    }
    return 0;
}
