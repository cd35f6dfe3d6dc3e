#include "thimble/openid/key_set.hpp"

#include "thimble/openid/key_signature.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

// No key, however odd, is taken that signs nothing for everything.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble;
    const auto keys =
        openid::parse_key_set({static_cast<const char*>(static_cast<const void*>(bytes)), size});
    if (!keys) {
        return 0;
    }
    THIMBLE_CHECK(keys->size() <= 64);
    for (const openid::Key& key : *keys) {
        THIMBLE_CHECK(!key.first.empty() && key.first.size() <= 1024);
        THIMBLE_CHECK(!openid::is_signed_by(key, "text", ""));
    }
    return 0;
}
