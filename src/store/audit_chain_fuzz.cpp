#include "thimble/store/audit_chain.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

// A line that can be read is written again as a line that reads the same, and never verifies by chance.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::store;
    const auto entry =
        parse_audit_line({static_cast<const char*>(static_cast<const void*>(bytes)), size});
    if (entry) {
        AuditEntry sealed = *entry;
        sealed.sequence = 1;
        sealed.previous_hash.clear();
        sealed.hash = hash_of(sealed);
        AuditVerifier verifier;
        THIMBLE_CHECK(verifier.add(sealed).has_value());
        THIMBLE_CHECK(parse_audit_line(export_line(sealed)).has_value());
    }
    return 0;
}
