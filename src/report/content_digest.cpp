#include "thimble/report/content_digest.hpp"

#include "thimble/base/hex.hpp"
#include "thimble/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace thimble::report {

ContentDigest& ContentDigest::add(std::string_view text) {
    for (const char c : text) {
        add_byte(static_cast<std::uint8_t>(c));
    }
    // 0xff is in no UTF-8 text, so it can end one.
    add_byte(0xff);
    return *this;
}

/// The prime is 2^88 + 0x13b, so the product is (value << 88) + value * 0x13b, modulo 2^128.
void ContentDigest::add_byte(std::uint8_t byte) {
    constexpr std::uint64_t kFactor = 0x13b;
    low_ ^= byte;
    const std::uint64_t low_product = (low_ & 0xffffffffU) * kFactor;
    const std::uint64_t middle = (low_ >> 32U) * kFactor + (low_product >> 32U);
    const std::uint64_t carry = middle >> 32U;
    high_ = high_ * kFactor + carry + (low_ << 24U);
    low_ = (middle << 32U) | (low_product & 0xffffffffU);
}

std::string ContentDigest::hex() const {
    return hex_of(high_, 16) + hex_of(low_, 16);
}

std::string ContentDigest::uuid() const {
    std::string digits = hex();
    digits[12] = '8';                     // version
    digits[16] = "89ab"[digits[16] % 4];  // variant
    for (const std::size_t at :
         {std::size_t{20}, std::size_t{16}, std::size_t{12}, std::size_t{8}}) {
        digits.insert(at, 1, '-');
    }
    return digits;
}

void name_document(std::string& document, std::string_view host) {
    const std::size_t at = document.find(kUnnamedUuid);
    THIMBLE_CHECK(at != std::string::npos);
    document.replace(at, kUnnamedUuid.size(), ContentDigest().add(host).add(document).uuid());
}

}  // namespace thimble::report
