#include "thimble/apply/rpm_metadata.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::apply;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    (void)parse_repomd(text);
    PrimaryReader reader([](const RepositoryPackage&) {});
    (void)reader.take(text.substr(0, size / 2));
    (void)reader.take(text.substr(size / 2));
    return 0;
}
