#include "thimble/feeds/archive_reader.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

// No archive unpacks beyond its limits, and no member with a hostile name is handed out.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble;
    feeds::Limits limits;
    limits.max_member_bytes = 1U << 20U;
    limits.max_total_bytes = 4U << 20U;
    limits.max_members = 1000;
    feeds::UnpackedSoFar so_far;
    const feeds::MemberVisitor visitor{
        [](std::string_view) { return true; },
        [&](std::string_view name, const feeds::PaddedText& text) -> Result<void> {
            THIMBLE_CHECK(name.empty() || feeds::refusal_of_name(name).empty());
            THIMBLE_CHECK(text.view().size() <= limits.max_member_bytes);
            return {};
        }};
    const auto read = feeds::read_members_of(
        {static_cast<const char*>(static_cast<const void*>(bytes)), size}, limits, so_far, visitor);
    THIMBLE_CHECK(!read || so_far.members <= limits.max_members);
    return 0;
}
