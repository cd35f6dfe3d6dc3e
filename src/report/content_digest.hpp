#pragma once
/// @file Names made from content: the same content always gets the same name.

#include <cstdint>
#include <string>
#include <string_view>

namespace thimble::report {

/// 128 bits over any number of texts (FNV-1a). Tells documents apart; it does not resist somebody who
/// builds two contents with one name, so nothing may be trusted because of it.
/// @source draft-eastlake-fnv, 128-bit offset basis and prime
class ContentDigest {
public:
    /// Texts are kept apart: add("ab").add("c") differs from add("a").add("bc").
    ContentDigest& add(std::string_view text);
    /// 32 lower-case hexadecimal digits.
    [[nodiscard]] std::string hex() const;
    /// A version 8 UUID (RFC 9562): "f81d4fae-7dec-81d0-a765-00a0c91e6bf6".
    [[nodiscard]] std::string uuid() const;

private:
    void add_byte(std::uint8_t byte);

    std::uint64_t high_ = 0x6c62272e07bb0142U;
    std::uint64_t low_ = 0x62b821756295c58dU;
};

/// Stands where name_document puts the name.
constexpr std::string_view kUnnamedUuid = "00000000-0000-0000-0000-000000000000";

/// Replaces the first kUnnamedUuid of a document by a UUID made from the whole document.
/// @param host  told apart even when their documents are the same
void name_document(std::string& document, std::string_view host);

}  // namespace thimble::report
