// A catalog file as an attacker would have it: checksums are made right again, so that the bounds
// checks behind them are reached.
#include "thimble/catalog/advisory_builder_test.hpp"
#include "thimble/catalog/checksum.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace {

using thimble::catalog::format::Extent;
using thimble::catalog::format::Header;

/// Sets every checksum that can be reached within bounds.
void forge_checksums(std::string& text) {
    Header header{};
    if (text.size() < sizeof header) {
        return;
    }
    std::memcpy(&header, text.data(), sizeof header);
    header.magic = thimble::catalog::format::kMagic;
    header.version = thimble::catalog::format::kVersion;
    header.file_size = text.size();
    const auto bytes = std::as_bytes(std::span<char>{text});
    const bool inside = header.directory_offset <= text.size()
        && header.directory_size <= text.size() - header.directory_offset;
    if (inside) {
        for (std::uint64_t i = 0;
             (i + 1) * sizeof(Extent) <= header.directory_size && i < header.extent_count;
             ++i) {
            Extent extent{};
            char* at = text.data() + header.directory_offset + i * sizeof extent;
            std::memcpy(&extent, at, sizeof extent);
            if (extent.offset <= text.size() && extent.size <= text.size() - extent.offset) {
                extent.checksum =
                    thimble::catalog::checksum(bytes.subspan(extent.offset, extent.size));
                std::memcpy(at, &extent, sizeof extent);
            }
        }
        header.directory_checksum = thimble::catalog::checksum(
            bytes.subspan(header.directory_offset, header.directory_size));
    }
    header.header_checksum = thimble::catalog::checksum(
        std::as_bytes(std::span{&header, 1}).first(offsetof(Header, header_checksum)));
    std::memcpy(text.data(), &header, sizeof header);
}

void read_everything(const thimble::catalog::Catalog& catalog) {
    for (const std::string& key : catalog.section_keys()) {
        const auto section = catalog.section(key);
        if (!section || !*section) {
            continue;
        }
        const auto package = (*section)->find("curl");
        if (!package) {
            continue;
        }
        static_cast<void>(package->position("7.88.1-10"));
        for (const auto& row : package->rows()) {
            static_cast<void>(package->fix(row));
            static_cast<void>((*section)->advisory(row.advisory));
            if (const auto* fact = (*section)->fact(row.fact)) {
                static_cast<void>((*section)->facts().exploits(*fact).size());
            }
        }
        static_cast<void>((*section)->facts().find("CVE-2026-1"));
    }
    static_cast<void>(catalog.sources().has_value());
    static_cast<void>(catalog.facts_of("CVE-2026-1").has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    // The input is a list of (offset, byte) edits of a real catalog: random bytes alone would never
    // get past the header.
    static const std::string kReal =
        thimble::catalog::ACatalog({thimble::catalog::AnAdvisory("DSA-1")
                                        .about({"CVE-2026-1"})
                                        .affects("Debian:12", "curl", "0", "8")})
            .text();
    std::string text = kReal;
    for (std::size_t i = 0; i + 3 <= size; i += 3) {
        const std::size_t at = (std::size_t{bytes[i]} << 8U | bytes[i + 1]) % text.size();
        text[at] = static_cast<char>(bytes[i + 2]);
    }
    forge_checksums(text);
    const thimble::catalog::AlignedBytes aligned(text);
    const auto catalog = thimble::catalog::Catalog::over(aligned.bytes());
    if (catalog) {
        read_everything(*catalog);
    }
    return 0;
}
