#pragma once
/// @file What of a host far away is brought here, so that libapt-pkg can be asked about it. Private to
/// this folder.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {

constexpr std::size_t kMaxRootArchive = std::size_t{256} << 20;  ///< as it comes, compressed
constexpr std::uint64_t kMaxUnpackedFile = std::uint64_t{512} << 20;
constexpr std::uint64_t kMaxUnpackedRoot = std::uint64_t{2} << 30;
constexpr std::size_t kMaxUnpackedEntries = 20'000;

/// The command that prints apt's configuration, index and state as a compressed tar archive, without
/// what holds passwords and without what decides nothing (translations, source indexes).
std::vector<std::string> root_archive_command();

/// What an entry of such an archive is taken for.
enum class EntryUse : std::uint8_t {
    Refuse,  ///< nothing that was asked for, a name that leads elsewhere, or a secret
    Settings,
    Data,
};

/// Decides by the name alone; links and devices are refused whatever their name is.
/// @param path  as the archive has it, with or without a leading "./"
EntryUse use_of_entry(std::string_view path);

/// Whether apt would read further files because of this text: `#include`, in any case of letters.
/// @source apt.conf(5)
bool includes_other_files(std::string_view settings);

/// The path of a line that is `#include "/PATH";` and nothing else; empty: it is another, or holds what a path of settings need not.
/// One that ends with a slash is a folder.
std::string_view included_path(std::string_view line);

}  // namespace thimble::inventory
