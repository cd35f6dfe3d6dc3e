#include "thimble/agent/tar_archive.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <numeric>
#include <string_view>

namespace thimble::agent {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kSizeDigits = 11;
constexpr std::size_t kChecksumDigits = 6;
constexpr std::size_t kMaxPathBytes = 100;
constexpr std::size_t kMaxMemberBytes = std::size_t{1} << 30;

// Places of the fields of a header: POSIX.1-1988, section 10.1.1.
constexpr std::size_t kName = 0;
constexpr std::size_t kMode = 100;
constexpr std::size_t kOwner = 108;
constexpr std::size_t kGroup = 116;
constexpr std::size_t kSize = 124;
constexpr std::size_t kTime = 136;
constexpr std::size_t kChecksum = 148;
constexpr std::size_t kType = 156;
constexpr std::size_t kMagic = 257;

void put(std::string& header, std::size_t at, std::string_view text) {
    header.replace(at, text.size(), text);
}

std::string octal(std::size_t number, std::size_t digits) {
    constexpr int kOctal = 8;
    std::array<char, 24> text{};
    const char* const end =
        std::to_chars(text.data(), text.data() + text.size(), number, kOctal).ptr;
    const std::string found(text.data(), static_cast<std::size_t>(end - text.data()));
    return std::string(digits - std::min(digits, found.size()), '0') + found;
}

std::string header_of(const TarMember& member) {
    std::string header(kBlock, '\0');
    put(header, kName, member.path);
    put(header, kMode, member.is_program ? "0000755" : "0000644");
    put(header, kOwner, "0000000");
    put(header, kGroup, "0000000");
    put(header, kSize, octal(member.bytes.size(), kSizeDigits));
    put(header, kTime, "00000000000");
    put(header, kChecksum, "        ");
    put(header, kType, "0");
    put(header, kMagic, std::string_view("ustar\00000", 8));
    const unsigned sum =
        std::accumulate(header.begin(), header.end(), 0U, [](unsigned total, char byte) {
            return total + static_cast<unsigned char>(byte);
        });
    put(header, kChecksum, octal(sum, kChecksumDigits) + std::string("\0 ", 2));
    return header;
}

}  // namespace

Result<std::string> tar_of(std::span<const TarMember> members) {
    std::string archive;
    for (const TarMember& member : members) {
        if (member.path.empty() || member.path.size() > kMaxPathBytes
            || member.bytes.size() > kMaxMemberBytes) {
            return failure(
                ErrorKind::Invalid,
                "agent.bad_member",
                member.path + " does not fit into the archive for a host over SSH");
        }
        archive += header_of(member);
        archive += member.bytes;
        archive.append((kBlock - member.bytes.size() % kBlock) % kBlock, '\0');
    }
    archive.append(2 * kBlock, '\0');
    return archive;
}

}  // namespace thimble::agent
