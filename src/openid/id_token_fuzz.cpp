#include "thimble/openid/judge_id_token.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

// Whatever a token says: it is bounded, and without the provider's signature it is not believed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble;
    const std::string text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto token = openid::parse_id_token(text);
    if (!token) {
        return 0;
    }
    THIMBLE_CHECK(!token->subject.empty() && token->subject.size() <= 255);
    THIMBLE_CHECK(!token->audiences.empty() && token->audiences.size() <= 16);
    THIMBLE_CHECK(text.starts_with(token->signed_text));
    const openid::Key key{token->algorithm, "", std::string(256, '\x81'), std::string(32, '\x03')};
    const openid::Expectation expected{token->issuer, token->audiences.front(), {}, token->nonce};
    THIMBLE_CHECK(!openid::judge_id_token(*token, key, expected, token->issued_at));
    return 0;
}
