#include "thimble/server/request_body.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

// What passes as a word or a name is one, whatever the body says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble;
    server::Request request;
    request.body.assign(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto body = server::body_of(request);
    if (!body) {
        return 0;
    }
    JsonMembers members(*body);
    const auto word = server::checked_word(members.text_or_null("name"), "name");
    THIMBLE_CHECK(!word || (word->size() <= 64 && word->find('/') == std::string::npos));
    const auto name = server::checked_name(members.text_or_null("name"), "name");
    THIMBLE_CHECK(!name || name->find('\n') == std::string::npos);
    const auto days = server::checked_number(members, "days", 1, 366);
    THIMBLE_CHECK(!days || (*days >= 1 && *days <= 366));
    return 0;
}
