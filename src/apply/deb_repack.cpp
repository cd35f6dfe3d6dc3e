#include "thimble/apply/deb_repack.hpp"

#include "thimble/apply/deb_archive.hpp"
#include "thimble/apply/deb_control.hpp"
#include "thimble/apply/dpkg_database.hpp"
#include "thimble/apply/repack_plan.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/host.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kInfo = "/var/lib/dpkg/info";
constexpr std::size_t kMaxInfo = std::size_t{64} << 20;
constexpr std::size_t kMaxConffile = std::size_t{64} << 20;
constexpr std::chrono::seconds kTimeToPack{900};
constexpr std::size_t kBlock = std::size_t{64} << 10;

struct FreeReader {
    void operator()(archive* reader) const { archive_read_free(reader); }
};
struct FreeWriter {
    void operator()(archive* writer) const { archive_write_free(writer); }
};
struct FreeEntry {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Reader = std::unique_ptr<archive, FreeReader>;
using Writer = std::unique_ptr<archive, FreeWriter>;
using Entry = std::unique_ptr<archive_entry, FreeEntry>;
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Error not_repacked(const DpkgEntry& entry, std::string_view why) {
    return failure(
        ErrorKind::Unavailable,
        "apply.not_repacked",
        entry.name + " " + entry.version + " cannot be packed again: " + printable(why, 400));
}

/// Removes the files that are only needed on the way.
class Scraps {
public:
    explicit Scraps(std::string path) : path_(std::move(path)) {}
    Scraps(const Scraps&) = delete;
    Scraps& operator=(const Scraps&) = delete;
    Scraps(Scraps&&) = delete;
    Scraps& operator=(Scraps&&) = delete;
    ~Scraps() {
        std::error_code error;
        fs::remove(path_, error);
    }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// A compressed tar being written, in the format that dpkg reads.
Result<Writer> open_tar(const DpkgEntry& entry, const std::string& path) {
    Writer writer(archive_write_new());
    archive_write_set_format_gnutar(writer.get());
    archive_write_add_filter_gzip(writer.get());
    archive_write_set_filter_option(writer.get(), "gzip", "compression-level", "1");
    archive_write_set_filter_option(writer.get(), "gzip", "timestamp", nullptr);
    if (archive_write_open_filename(writer.get(), path.c_str()) != ARCHIVE_OK) {
        return not_repacked(entry, archive_error_string(writer.get()));
    }
    return writer;
}

class Repacking {
public:
    Repacking(host::Host& host, const DpkgEntry& entry, std::string target)
        : host_(host), entry_(entry), target_(std::move(target)) {}

    Result<void> run() {
        const Scraps raw(target_ + ".raw");
        const Scraps data(target_ + ".data");
        const Scraps control(target_ + ".control");
        const Scraps whole(target_ + ".part");
        THIMBLE_TRY(read_control_files());
        THIMBLE_TRY(choose_paths());
        THIMBLE_TRY(pack_on_host(raw.path()));
        THIMBLE_TRY(write_data(raw.path(), data.path()));
        THIMBLE_TRY(write_control(control.path()));
        THIMBLE_TRY(assemble(whole.path(), control.path(), data.path()));
        std::error_code error;
        fs::rename(whole.path(), target_, error);
        if (error) {
            return not_repacked(entry_, error.message());
        }
        return {};
    }

private:
    /// `name.postinst`, or `name:arch.postinst` for packages of several architectures.
    Result<void> read_control_files() {
        THIMBLE_TRY(const auto names, host_.list(kInfo));
        const std::array prefixes{entry_.name + ":" + entry_.architecture + ".", entry_.name + "."};
        for (const std::string& name : names) {
            const auto* prefix = std::ranges::find_if(
                prefixes, [&](const std::string& text) { return name.starts_with(text); });
            if (prefix == prefixes.end()) {
                continue;
            }
            const std::string part = name.substr(prefix->size());
            if (part.contains('.')) {
                continue;  // of a package whose name goes on
            }
            THIMBLE_TRY(files_[part], host_.read_file(std::string(kInfo) + "/" + name, kMaxInfo));
        }
        if (!files_.contains("list")) {
            return failure(
                ErrorKind::NotFound,
                "apply.not_repacked",
                "dpkg has no list of the files of " + entry_.name);
        }
        return {};
    }

    struct Conffiles {
        std::vector<std::string> left_out;  ///< of the files: they are not as they were shipped
        std::vector<std::string> listed;    ///< as configuration files
    };

    Result<Conffiles> look_at_conffiles(const std::vector<Diversion>& diversions) {
        Conffiles found;
        for (const DpkgConffile& conffile : entry_.conffiles) {
            const auto current =
                host_.read_file(path_on_disk(diversions, conffile.path, entry_.name), kMaxConffile);
            if (!current && current.error().kind != ErrorKind::NotFound) {
                return current.error();
            }
            const bool is_as_shipped =
                current && md5_of(*current) == conffile.md5 && !conffile.obsolete;
            if (!is_as_shipped) {
                found.left_out.push_back(conffile.path);
            }
            if (is_as_shipped || (!current && !conffile.obsolete)) {
                found.listed.push_back(conffile.path);
            }
        }
        return found;
    }

    Result<void> choose_paths() {
        std::vector<Diversion> diversions;
        const auto text = host_.read_file("/var/lib/dpkg/diversions", kMaxInfo);
        if (text) {
            diversions = parse_diversions(*text);
        }
        THIMBLE_TRY(const Conffiles conffiles, look_at_conffiles(diversions));
        paths_ = repacked_paths(files_["list"], diversions, entry_.name, conffiles.left_out);
        // What is gone from the disk (documents that a minimal system drops) is not packed.
        std::erase_if(paths_, [&](const RepackedPath& path) {
            return !host_.look(path.on_disk, host::Follow::No);
        });
        std::string listed;
        for (const std::string& path : conffiles.listed) {
            listed += path + "\n";
        }
        files_["conffiles"] = listed;
        return {};
    }

    /// The host's own tar reads the files: as root of that host, with its names of owners.
    Result<void> pack_on_host(const std::string& raw) {
        std::string names;
        for (const RepackedPath& path : paths_) {
            names += "." + path.on_disk;
            names += '\0';
        }
        const File file(std::fopen(raw.c_str(), "wbe"), &std::fclose);
        if (file == nullptr) {
            return not_repacked(entry_, std::strerror(errno));
        }
        bool written = true;
        const host::Command command{
            .argv =
                {"tar",
                 "--create",
                 "--file=-",
                 "--format=gnu",
                 "--no-recursion",
                 "--directory=/",
                 "--null",
                 "--verbatim-files-from",
                 "--files-from=-"},
            .input = names,
            .timeout = kTimeToPack,
            .output_limit = 0,
            .overflow = host::Overflow::Drop,
            .listener = [&](host::Channel channel, std::string_view piece) {
                if (channel == host::Channel::Output) {
                    written = written
                        && std::fwrite(piece.data(), 1, piece.size(), file.get()) == piece.size();
                }
            }};
        THIMBLE_TRY(const host::Outcome outcome, host_.run(command));
        if (outcome.exit_status != 0) {
            return not_repacked(entry_, "tar: " + outcome.errors);
        }
        if (!written || std::fflush(file.get()) != 0) {
            return not_repacked(entry_, "the disk is full");
        }
        return {};
    }

    /// The same entries under the names that the package has for them.
    Result<void> write_data(const std::string& raw, const std::string& data) {
        const Reader reader(archive_read_new());
        archive_read_support_format_tar(reader.get());
        if (archive_read_open_filename(reader.get(), raw.c_str(), kBlock) != ARCHIVE_OK) {
            return not_repacked(entry_, archive_error_string(reader.get()));
        }
        THIMBLE_TRY(const Writer writer, open_tar(entry_, data));
        std::map<std::string, const RepackedPath*, std::less<>> by_place;
        for (const RepackedPath& path : paths_) {
            by_place["." + path.on_disk] = &path;
        }
        archive_entry* entry = nullptr;
        for (;;) {
            const int status = archive_read_next_header(reader.get(), &entry);
            if (status == ARCHIVE_EOF) {
                break;
            }
            if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
                return not_repacked(entry_, archive_error_string(reader.get()));
            }
            rename_entry(entry, by_place);
            THIMBLE_TRY(copy_entry(reader.get(), writer.get(), entry));
        }
        if (archive_write_close(writer.get()) != ARCHIVE_OK) {
            return not_repacked(entry_, archive_error_string(writer.get()));
        }
        return {};
    }

    static std::string without_slash(const char* name) {
        std::string text = name == nullptr ? "" : name;
        while (text.ends_with('/')) {
            text.pop_back();
        }
        return text;
    }

    static void rename_entry(
        archive_entry* entry,
        const std::map<std::string, const RepackedPath*, std::less<>>& by_place) {
        const auto found = by_place.find(without_slash(archive_entry_pathname(entry)));
        if (found != by_place.end()) {
            const std::string name = "." + found->second->path;
            const bool linked_folder =
                found->second->is_folder && archive_entry_filetype(entry) != AE_IFDIR;
            if (linked_folder) {  // /lib and the like: a link on disk, a folder in the package
                archive_entry_set_filetype(entry, AE_IFDIR);
                archive_entry_set_perm(entry, 0755);
                archive_entry_set_symlink(entry, nullptr);
                archive_entry_set_size(entry, 0);
            }
            archive_entry_set_pathname(entry, name.c_str());
        }
        const char* other = archive_entry_hardlink(entry);
        if (other != nullptr) {
            const auto target = by_place.find(without_slash(other));
            if (target != by_place.end()) {
                archive_entry_set_hardlink(entry, ("." + target->second->path).c_str());
            }
        }
    }

    Result<void> copy_entry(archive* reader, archive* writer, archive_entry* entry) {
        if (archive_write_header(writer, entry) < ARCHIVE_WARN) {
            return not_repacked(entry_, archive_error_string(writer));
        }
        std::array<char, kBlock> block{};
        for (;;) {
            const la_ssize_t got = archive_read_data(reader, block.data(), block.size());
            if (got == 0) {
                return {};
            }
            if (got < 0) {
                return not_repacked(entry_, archive_error_string(reader));
            }
            if (archive_write_data(writer, block.data(), static_cast<std::size_t>(got)) != got) {
                return not_repacked(entry_, archive_error_string(writer));
            }
        }
    }

    Result<void> write_control(const std::string& path) {
        files_.erase("list");
        files_["control"] = control_of_stanza(entry_.stanza);
        THIMBLE_TRY(const Writer writer, open_tar(entry_, path));
        for (const auto& [name, text] : files_) {
            if (text.empty() && name == "conffiles") {
                continue;
            }
            const Entry entry(archive_entry_new());
            archive_entry_set_pathname(entry.get(), ("./" + name).c_str());
            archive_entry_set_filetype(entry.get(), AE_IFREG);
            archive_entry_set_perm(entry.get(), is_maintainer_script(name) ? 0755 : 0644);
            archive_entry_set_size(entry.get(), static_cast<la_int64_t>(text.size()));
            archive_entry_set_uname(entry.get(), "root");
            archive_entry_set_gname(entry.get(), "root");
            if (archive_write_header(writer.get(), entry.get()) != ARCHIVE_OK
                || archive_write_data(writer.get(), text.data(), text.size())
                    != static_cast<la_ssize_t>(text.size())) {
                return not_repacked(entry_, archive_error_string(writer.get()));
            }
        }
        if (archive_write_close(writer.get()) != ARCHIVE_OK) {
            return not_repacked(entry_, archive_error_string(writer.get()));
        }
        return {};
    }

    Result<void> assemble(
        const std::string& path, const std::string& control, const std::string& data) {
        const File file(std::fopen(path.c_str(), "wbe"), &std::fclose);
        if (file == nullptr) {
            return not_repacked(entry_, std::strerror(errno));
        }
        constexpr std::string_view kFormat = "2.0\n";
        const std::string begin =
            "!<arch>\n" + ar_header("debian-binary", kFormat.size()) + std::string(kFormat);
        bool sound = std::fwrite(begin.data(), 1, begin.size(), file.get()) == begin.size();
        sound = sound && append_member(file.get(), "control.tar.gz", control)
            && append_member(file.get(), "data.tar.gz", data) && std::fflush(file.get()) == 0;
        return sound ? Result<void>() : not_repacked(entry_, "the disk is full");
    }

    static bool append_member(std::FILE* into, std::string_view name, const std::string& path) {
        std::error_code error;
        const auto size = fs::file_size(path, error);
        const File from(std::fopen(path.c_str(), "rbe"), &std::fclose);
        if (error || from == nullptr) {
            return false;
        }
        const std::string header = ar_header(name, size);
        bool sound = std::fwrite(header.data(), 1, header.size(), into) == header.size();
        std::array<char, kBlock> block{};
        while (sound) {
            const std::size_t got = std::fread(block.data(), 1, block.size(), from.get());
            if (got == 0) {
                break;
            }
            sound = std::fwrite(block.data(), 1, got, into) == got;
        }
        if (size % 2 == 1) {
            sound = sound && std::fputc('\n', into) != EOF;
        }
        return sound && std::ferror(from.get()) == 0;
    }

    host::Host& host_;
    const DpkgEntry& entry_;
    std::string target_;
    std::map<std::string, std::string> files_;  // control files by name: "postinst"
    std::vector<RepackedPath> paths_;
};

}  // namespace

Result<void> repack(host::Host& host, const DpkgEntry& entry, const std::string& target) {
    return Repacking(host, entry, target).run();
}

}  // namespace thimble::apply
