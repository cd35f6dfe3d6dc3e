#include "thimble/openid/configuration.hpp"

#include "thimble/openid/strict_json.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

// What is read as a configuration leads to https alone, and admits nobody without saying as what.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble;
    const auto read = openid::parse_configuration(
        {static_cast<const char*>(static_cast<const void*>(bytes)), size});
    if (!read) {
        return 0;
    }
    THIMBLE_CHECK(openid::is_https_address(read->issuer));
    THIMBLE_CHECK(!read->admits_unknown || !read->rules.empty());
    THIMBLE_CHECK(std::ranges::all_of(read->rules, [](const openid::Rule& rule) {
        return !rule.claim.empty() && !rule.value.empty() && !rule.host_group.empty();
    }));
    return 0;
}
