// The document of a control: what can be read is read again the same, and blocks once it is told to.
#include "thimble/server/control_document.hpp"

#include "thimble/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::server;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto document = parse_control_document(text);
    if (document) {
        const auto again = parse_control_document(document->text);
        THIMBLE_CHECK(again && *again == *document);
        const auto blocks = blocking(*document);
        THIMBLE_CHECK(!blocks || blocks->blocks);
    }
    return 0;
}
