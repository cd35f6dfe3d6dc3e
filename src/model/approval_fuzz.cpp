#include "thimble/model/approval.hpp"

#include "thimble/model/signing_key.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// The key of a signature is never nothing. A statement that can be read is canonical; evidence says the same when it is written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::model;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto key = signing_key(text);
    THIMBLE_CHECK(!key || !key->empty());
    const auto statement = parse_approval_statement(text);
    THIMBLE_CHECK(!statement || format_approval_statement(*statement) == text);
    if (const auto evidence = parse_approval_evidence(text)) {
        const std::string again = format_approval_evidence(*evidence);
        const auto reread = parse_approval_evidence(again);
        THIMBLE_CHECK(again.size() > kMaxEvidenceBytes || (reread && *reread == *evidence));
    }
    return 0;
}
