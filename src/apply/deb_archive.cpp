#include "thimble/apply/deb_archive.hpp"

#include "thimble/apply/deb_control.hpp"
#include "thimble/apply/deb_names.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxControl = std::size_t{16} << 20;
constexpr std::uint64_t kMaxUnpacked = std::uint64_t{32} << 30;
constexpr int kMaxEntries = 2'000'000;
constexpr int kMaxMembers = 16;
constexpr std::size_t kBlock = std::size_t{64} << 10;

struct FreeReader {
    void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, FreeReader>;

Error bad_deb(const std::string& path, archive* reader) {
    const char* why = reader == nullptr ? nullptr : archive_error_string(reader);
    return failure(
        ErrorKind::Corrupt,
        "apply.bad_deb",
        path + " is no sound archive" + (why == nullptr ? std::string() : std::string(": ") + why));
}

/// A tar inside the .deb, read through the outer archive block by block.
struct Member {
    archive* outer = nullptr;
    std::array<char, kBlock> block{};
    std::uint64_t left = kMaxUnpacked;

    static la_ssize_t read(archive* inner, void* self, const void** bytes) {
        auto& member = *static_cast<Member*>(self);
        const la_ssize_t got =
            archive_read_data(member.outer, member.block.data(), member.block.size());
        if (got < 0 || static_cast<std::uint64_t>(got) > member.left) {
            archive_set_error(inner, EIO, "too long or damaged");
            return ARCHIVE_FATAL;
        }
        member.left -= static_cast<std::uint64_t>(got);
        *bytes = member.block.data();
        return got;
    }
};

/// "./usr/x", "/usr/x" and "usr/x" are "/usr/x".
std::string absolute_path(const char* path) {
    std::string_view text = path == nullptr ? "" : path;
    while (text.starts_with("./") || text.starts_with('/')) {
        text.remove_prefix(text.front() == '/' ? 1 : 2);
    }
    return "/" + std::string(text);
}

/// Walks over the entries of one tar of a .deb.
class DebWalk {
public:
    /// @param member  "control.tar" or "data.tar", whatever it is compressed with
    static Result<DebWalk> open(const std::string& path, std::string_view member) {
        DebWalk walk(path);
        archive_read_support_format_ar(walk.outer_.get());
        if (archive_read_open_filename(walk.outer_.get(), path.c_str(), kBlock) != ARCHIVE_OK
            || !walk.find(member)) {
            return bad_deb(path, walk.outer_.get());
        }
        archive_read_support_format_tar(walk.inner_.get());
        archive_read_support_filter_gzip(walk.inner_.get());
        archive_read_support_filter_xz(walk.inner_.get());
        archive_read_support_filter_zstd(walk.inner_.get());
        archive_read_support_filter_bzip2(walk.inner_.get());
        archive_read_support_filter_lzma(walk.inner_.get());
        if (archive_read_open(
                walk.inner_.get(), walk.member_.get(), nullptr, &Member::read, nullptr)
            != ARCHIVE_OK) {
            return bad_deb(path, walk.inner_.get());
        }
        return walk;
    }

    /// Calls `take` for each regular file until it says that there is nothing more to look for.
    Result<void> each_file(const std::function<Result<bool>(const std::string& path)>& take) {
        archive_entry* entry = nullptr;
        for (int entries = 0; entries < kMaxEntries; ++entries) {
            const int status = archive_read_next_header(inner_.get(), &entry);
            if (status == ARCHIVE_EOF) {
                return {};
            }
            if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
                return bad_deb(path_, inner_.get());
            }
            if (archive_entry_filetype(entry) != AE_IFREG
                || archive_entry_hardlink(entry) != nullptr) {
                continue;
            }
            THIMBLE_TRY(const bool more, take(absolute_path(archive_entry_pathname(entry))));
            if (!more) {
                return {};
            }
        }
        return bad_deb(path_, nullptr);
    }

    /// The data of the entry that is being taken, piece by piece.
    Result<void> each_piece(const std::function<void(std::string_view)>& take) {
        std::array<char, kBlock> block{};
        for (;;) {
            const la_ssize_t got = archive_read_data(inner_.get(), block.data(), block.size());
            if (got == 0) {
                return {};
            }
            if (got < 0) {
                return bad_deb(path_, inner_.get());
            }
            take({block.data(), static_cast<std::size_t>(got)});
        }
    }

private:
    explicit DebWalk(std::string path)
        : path_(std::move(path)),
          outer_(archive_read_new()),
          member_(std::make_unique<Member>()),
          inner_(archive_read_new()) {
        member_->outer = outer_.get();
    }

    bool find(std::string_view member) {
        archive_entry* entry = nullptr;
        for (int members = 0; members < kMaxMembers; ++members) {
            if (archive_read_next_header(outer_.get(), &entry) != ARCHIVE_OK) {
                return false;
            }
            const char* name = archive_entry_pathname(entry);
            if (name != nullptr && std::string_view(name).starts_with(member)) {
                return true;
            }
        }
        return false;
    }

    std::string path_;
    Reader outer_;
    std::unique_ptr<Member> member_;
    Reader inner_;
};

}  // namespace

Result<DebControl> read_deb_control(const std::string& path) {
    THIMBLE_TRY(DebWalk walk, DebWalk::open(path, "control.tar"));
    std::map<std::string, std::string> files;
    const auto take = [&](const std::string& name) -> Result<bool> {
        if (name != "/control" && name != "/conffiles" && name != "/md5sums") {
            return true;
        }
        std::string& text = files[name];
        bool too_long = false;
        THIMBLE_TRY(walk.each_piece([&](std::string_view piece) {
            too_long = too_long || text.size() + piece.size() > kMaxControl;
            text += too_long ? std::string_view() : piece;
        }));
        if (too_long) {
            return bad_deb(path, nullptr);
        }
        return true;
    };
    THIMBLE_TRY(walk.each_file(take));
    DebControl control;
    const ControlFields fields = parse_control_fields(files["/control"]);
    control.name = fields.name;
    control.version = fields.version;
    control.architecture = fields.architecture;
    if (!is_package_name(control.name) || !is_version(control.version)
        || !is_architecture(control.architecture)) {
        return bad_deb(path, nullptr);
    }
    control.md5sums = std::move(files["/md5sums"]);
    control.conffiles = parse_conffiles(files["/conffiles"]);
    return control;
}

Result<std::map<std::string, DebFile>> read_deb_files(
    const std::string& path, const std::set<std::string>& paths, std::size_t content_limit) {
    std::map<std::string, DebFile> found;
    if (paths.empty()) {
        return found;
    }
    THIMBLE_TRY(DebWalk walk, DebWalk::open(path, "data.tar"));
    const auto take = [&](const std::string& name) -> Result<bool> {
        if (!paths.contains(name)) {
            return true;
        }
        Digest digest(DigestKind::Md5);
        DebFile& file = found[name];
        bool too_long = false;
        THIMBLE_TRY(walk.each_piece([&](std::string_view piece) {
            digest.add(piece);
            too_long = too_long || file.content.size() + piece.size() > content_limit;
            file.content += too_long ? std::string_view() : piece;
        }));
        if (too_long) {
            file.content.clear();
        }
        file.md5 = digest.finish();
        return found.size() < paths.size();
    };
    THIMBLE_TRY(walk.each_file(take));
    return found;
}

}  // namespace thimble::apply
