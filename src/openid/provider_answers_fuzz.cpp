#include "thimble/openid/provider_answers.hpp"

#include "thimble/openid/strict_json.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

// No description leads to anything but https, or into another header.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    if (const auto found = openid::parse_discovery(text, "https://l.example")) {
        for (const std::string& address :
             {found->authorization_endpoint, found->token_endpoint, found->keys}) {
            THIMBLE_CHECK(openid::is_https_address(address));
            THIMBLE_CHECK(address.find_first_of(" \r\n") == std::string::npos);
        }
    }
    const auto token = openid::parse_token_answer(text);
    THIMBLE_CHECK(!token || token->size() <= size);
    return 0;
}
