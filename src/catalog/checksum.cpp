#include "thimble/catalog/checksum.hpp"

#include "thimble/catalog/catalog.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace thimble::catalog {

std::uint64_t checksum(std::span<const std::byte> bytes) {
    return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t name_hash(std::string_view folded_name) {
    return XXH3_64bits(folded_name.data(), folded_name.size());
}

}  // namespace thimble::catalog
