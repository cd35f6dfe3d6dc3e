#include "unpack_root.hpp"

#include "temporary_folder.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/inventory/root_archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace thimble::inventory::apt {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlock = std::size_t{64} << 10;
constexpr std::size_t kMaxSettings = std::size_t{1} << 20;

struct FreeArchive {
    void operator()(archive* reader) const { archive_read_free(reader); }
};

Error bad_archive(archive* reader) {
    const char* why = archive_error_string(reader);
    return failure(
        ErrorKind::Corrupt,
        "inventory.bad_archive",
        std::string("the host's apt files cannot be unpacked: ")
            + (why == nullptr ? "the archive is damaged" : why));
}

Error too_big() {
    return failure(
        ErrorKind::Invalid, "inventory.archive_too_big", "the host's apt files are too many");
}

/// Writes the entries into a folder that nobody else can reach, so names cannot change meanwhile.
class Unpacking {
public:
    Unpacking(archive* reader, fs::path folder) : reader_(reader), folder_(std::move(folder)) {}

    Result<void> run() {
        for (archive_entry* entry = nullptr;;) {
            const int status = archive_read_next_header(reader_, &entry);
            if (status == ARCHIVE_EOF) {
                break;
            }
            if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
                return bad_archive(reader_);
            }
            if (++entries_ > kMaxUnpackedEntries) {
                return too_big();
            }
            THIMBLE_TRY(take(entry));
        }
        // Files that came later have changed their folders' dates: they tell how old the index is.
        for (const auto& [path, date] : folders_) {
            set_date(path, date);
        }
        return {};
    }

    [[nodiscard]] std::size_t left_out() const { return left_out_; }

private:
    Result<void> take(archive_entry* entry) {
        const char* name = archive_entry_pathname(entry);
        const std::string_view path = name == nullptr ? std::string_view() : name;
        const EntryUse use = use_of_entry(path);
        const bool is_link = archive_entry_hardlink(entry) != nullptr;
        const auto type = archive_entry_filetype(entry);
        if (use == EntryUse::Refuse || is_link || (type != AE_IFDIR && type != AE_IFREG)) {
            ++left_out_;
            return {};
        }
        const fs::path place = folder_ / path;
        std::error_code error;
        fs::create_directories(type == AE_IFDIR ? place : place.parent_path(), error);
        if (error) {
            return host::system_error(error.value(), place.string());
        }
        const std::time_t date = archive_entry_mtime(entry);
        if (type == AE_IFDIR) {
            folders_.emplace_back(place, date);
            return {};
        }
        THIMBLE_TRY(use == EntryUse::Settings ? write_settings(place) : write_data(place));
        set_date(place, date);
        return {};
    }

    /// Settings that name further files would make apt read files of this machine.
    Result<void> write_settings(const fs::path& place) {
        std::string text;
        std::array<char, kBlock> block{};
        for (;;) {
            const la_ssize_t got = archive_read_data(reader_, block.data(), block.size());
            if (got < 0) {
                return bad_archive(reader_);
            }
            if (got == 0) {
                break;
            }
            text.append(block.data(), static_cast<std::size_t>(got));
            if (text.size() > kMaxSettings) {
                return too_big();
            }
        }
        if (includes_other_files(text)) {
            ++left_out_;
            return {};
        }
        THIMBLE_TRY(const host::Descriptor file, create(place));
        return write_all(file, text, place);
    }

    Result<void> write_data(const fs::path& place) {
        THIMBLE_TRY(const host::Descriptor file, create(place));
        std::array<char, kBlock> block{};
        std::uint64_t size = 0;
        for (;;) {
            const la_ssize_t got = archive_read_data(reader_, block.data(), block.size());
            if (got < 0) {
                return bad_archive(reader_);
            }
            if (got == 0) {
                return {};
            }
            size += static_cast<std::uint64_t>(got);
            total_ += static_cast<std::uint64_t>(got);
            if (size > kMaxUnpackedFile || total_ > kMaxUnpackedRoot) {
                return too_big();
            }
            THIMBLE_TRY(write_all(file, {block.data(), static_cast<std::size_t>(got)}, place));
        }
    }

    static Result<host::Descriptor> create(const fs::path& place) {
        constexpr mode_t kOursAlone = 0600;
        host::Descriptor file(::open(
            place.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOursAlone));
        if (file.number() < 0) {
            return host::system_error(errno, place.string());
        }
        return file;
    }

    static Result<void> write_all(
        const host::Descriptor& file, std::string_view bytes, const fs::path& place) {
        while (!bytes.empty()) {
            const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
            if (written < 0 && errno != EINTR) {
                return host::system_error(errno, place.string());
            }
            bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
        }
        return {};
    }

    static void set_date(const fs::path& place, std::time_t date) {
        const std::array<timespec, 2> dates{
            timespec{.tv_sec = date, .tv_nsec = 0}, timespec{.tv_sec = date, .tv_nsec = 0}};
        ::utimensat(AT_FDCWD, place.c_str(), dates.data(), AT_SYMLINK_NOFOLLOW);
    }

    archive* reader_;
    fs::path folder_;
    std::vector<std::pair<fs::path, std::time_t>> folders_;
    std::size_t entries_ = 0;
    std::size_t left_out_ = 0;
    std::uint64_t total_ = 0;
};

}  // namespace

Result<std::unique_ptr<UnpackedRoot>> UnpackedRoot::from(int descriptor) {
    THIMBLE_TRY(auto folder, TemporaryFolder::make());
    std::unique_ptr<UnpackedRoot> root(new UnpackedRoot(std::move(folder)));
    const std::unique_ptr<archive, FreeArchive> reader(archive_read_new());
    archive_read_support_filter_gzip(reader.get());
    archive_read_support_format_tar(reader.get());
    if (archive_read_open_fd(reader.get(), descriptor, kBlock) != ARCHIVE_OK) {
        return bad_archive(reader.get());
    }
    Unpacking unpacking(reader.get(), root->folder_->path());
    THIMBLE_TRY(unpacking.run());
    root->left_out_ = unpacking.left_out();
    return root;
}

}  // namespace thimble::inventory::apt
