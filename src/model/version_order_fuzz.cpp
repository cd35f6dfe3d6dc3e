// The first byte chooses the order, a newline separates two versions. Whatever they are, comparing them must
// be antisymmetric and reflexive.
#include "thimble/model/version_order.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool law) {
    if (!law) {
        std::abort();
    }
}

}  // namespace

// Our declaration, because libFuzzer has no header.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const auto orders = thimble::model::version_orders();
    if (size == 0) {
        return 0;
    }
    const auto& order = orders[bytes[0] % orders.size()];
    const std::string_view text(
        static_cast<const char*>(static_cast<const void*>(bytes + 1)), size - 1);
    const auto newline = text.find('\n');
    const auto left = text.substr(0, newline);
    const auto right =
        newline == std::string_view::npos ? std::string_view() : text.substr(newline + 1);

    const bool valid = order.check(left).has_value() && order.check(right).has_value();
    const auto forth = order.compare(left, right);
    const auto back = order.compare(right, left);

    require(order.compare(left, left) == 0);
    require((forth < 0) == (back > 0) && (forth == 0) == (back == 0));
    require(!valid || !left.empty());
    return 0;
}
